"""link: items ⇄ link frames, and the account of each frame.

Enters    `Item`: a key (stream, group, picture, layer), an importance, bytes.
Leaves    link frames: bytes with a CRC-32, each with its importance as a wish for protection (`Sender.frames`).
Back      frames in any order, twice or never (`Receiver.push`); items as they complete, the missing by name.
Scheme    `LinkAdaptation`: what a receiver reports → the modem's scheme for the next frames.
Account   `Account`: sent = delivered + repaired + lost, frame by frame.

Between processes    `messages` (docs/messages.md) over `transports` (pyzmq with CURVE); nothing here imports those.

Standard library only, but for `transports`. The layout of a frame is in docs/link_frame.md.
"""

from .account import Account, Totals
from .adaptation import LinkAdaptation
from .errors import AccountError, AdaptationError, FrameError, ItemError, LinkError
from .frame import Frame, FrameName
from .item import Item, Key, Scope
from .receiver import Arrival, Missing, Receiver
from .sender import OutgoingFrame, Sender

__all__ = [
    "Account",
    "AccountError",
    "AdaptationError",
    "Arrival",
    "Frame",
    "FrameError",
    "FrameName",
    "Item",
    "ItemError",
    "Key",
    "LinkAdaptation",
    "LinkError",
    "Missing",
    "OutgoingFrame",
    "Receiver",
    "Scope",
    "Sender",
    "Totals",
]
