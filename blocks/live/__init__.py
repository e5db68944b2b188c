"""What changes while a flowgraph runs, and what still comes when it ends.

Enter   settings by callback or message (`live_settings`), times at which bursts are to leave (`tx_time`)
Leave   messages of a thread that outlives its stream (`message_outlet`)
"""
