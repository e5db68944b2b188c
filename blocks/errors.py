"""Errors of the blocks room.

BlockError
└── PduError      a message is not the PDU that this port takes: names key, rule and value

Blocks raise them only when built. In a running flowgraph whatever cannot be handled is logged, counted and dropped.
"""


class BlockError(Exception):
    """Base of everything this room raises on purpose."""


class PduError(BlockError):
    """A message is not the PDU that the port takes."""
