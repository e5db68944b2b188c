"""modem: any bytes over a radio, what ``semcom modem`` runs.

Enters    ports: files and pipes, UDP, a TUN device, KISS programs, ZeroMQ sockets (`ports`); an `Air` (flowgraphs).
Leaves    packets at the ports of the other end; words to a person, an account of what was lost.
"""
