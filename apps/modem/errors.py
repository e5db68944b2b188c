"""Errors of the modem command.

PortError    where bytes come from or go to cannot be used: which, what rule, what to do
"""


class PortError(Exception):
    """A port cannot be opened or used. The message names the port and what to do."""
