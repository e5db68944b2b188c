"""Errors of the link room.

LinkError
├── ItemError        an item that cannot be sent: field, rule, value
├── FrameError       bytes that are not a link frame, or a frame that cannot be built: field, rule, value
├── MessageError     bytes that are not a message between processes, or one out of turn: field, rule, value
├── TransportError   an address that cannot be used, a peer that refuses us or does not answer
├── KeyFileError     a key that is missing, malformed, or readable by others: file, rule, value
├── AccountError     sent ≠ delivered + repaired + lost; names the frames that do not add up
├── ProtectionError  a protection policy that cannot be: field, rule, value
└── AdaptationError  thresholds or a report that link adaptation cannot work with: parameter, rule, value
"""


class LinkError(Exception):
    """Base of everything this room raises on purpose."""


class ItemError(LinkError):
    """An item breaks a rule. The message names field, rule and value."""


class FrameError(LinkError):
    """Bytes break the frame format. ``field`` names what was wrong, the message adds rule and value."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


class MessageError(LinkError):
    """Bytes break the message format or the order of a session. ``field`` names what was wrong."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


class TransportError(LinkError):
    """A socket cannot do what it was asked to. The message names the address and why."""


class KeyFileError(LinkError):
    """A key file breaks a rule. The message names file, rule and value."""


class AccountError(LinkError):
    """The account of frames does not balance. The message names the frames."""


class AdaptationError(LinkError):
    """A parameter or report breaks a rule. The message names parameter, rule and value."""


class ProtectionError(LinkError):
    """A policy breaks a rule. The message names field, rule and value."""
