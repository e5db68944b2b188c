"""ports: where the packets of a modem come from and where they go to, one kind a file.

Every port is a `Port` (`port.py`): sockets to wait on, packets in, packets out, words for a person.
"""
