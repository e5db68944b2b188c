"""packets: any bytes over a radio. Packets of 0 to 65,535 bytes ⇄ link frames, with repeats and turns.

Enters    packets: datagrams, or pieces of a stream of bytes (`StreamCutter`).
Leaves    link frames, as transmissions of `arq.repeat`; `PacketExchange` says when.
Arrives   blocks as the modem gives them; packets, once each (`PacketReceiver`); a stream in its order (`StreamOrder`).
Framing   `kiss` and `length_prefix`: packets in a stream of bytes, parsed within bounds.

A batch of packets is to the link what a picture is: its items are the packets. See docs/link_frame.md.
"""
