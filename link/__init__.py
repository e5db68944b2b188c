"""link: items ⇄ link frames, protection by importance, repeats, and the account of each frame.

Enters    `Item`: a key (stream, group, picture, layer), an importance, bytes.
Leaves    link frames: bytes with a CRC-32 (`Sender.frames`: an item in frames of its own; `SetPlanner`: items that
          share frames, each class with the scheme and the spare symbols that a `ProtectionPolicy` asks for).
Arrives   frames in any order, twice or never (`Receiver.push`); items as they complete, the missing by name.
Back      `Feedback` by name (`Reporter`), `Question`s; `RepeatSender` decides what goes out again, `HalfDuplex` when.
Scheme    `LinkAdaptation`: what a receiver reports → the modem's scheme for the next frames.
Account   `Account`: sent = delivered + repaired + lost, frame by frame.

Between processes    `messages` (docs/messages.md) over `transports` (pyzmq with CURVE); nothing here imports those.

Standard library, and zfec for spare symbols. The layouts are in docs/link_frame.md, the means in docs/protection.md.
"""

from .account import Account, Totals
from .adaptation import LinkAdaptation
from .arrival import Arrival, Missing
from .carousel import Carousel
from .errors import AccountError, AdaptationError, FrameError, ItemError, LinkError, ProtectionError
from .feedback import Feedback, is_feedback
from .frame import Frame, FrameName
from .half_duplex import HalfDuplex, HalfDuplexError, Times
from .item import Item, Key, Scope
from .protection import ProtectionClass, ProtectionPolicy
from .question import Question, is_question
from .receiver import Receiver
from .repeat import RepeatSender, Transmission, bursts_of
from .reporter import Reporter
from .sender import OutgoingFrame, Sender
from .set_frame import SetFrame, SetKey
from .set_plan import PlannedSet, SetPlanner

__all__ = [
    "Account",
    "AccountError",
    "AdaptationError",
    "Arrival",
    "Carousel",
    "Feedback",
    "Frame",
    "FrameError",
    "FrameName",
    "HalfDuplex",
    "HalfDuplexError",
    "Item",
    "ItemError",
    "Key",
    "LinkAdaptation",
    "LinkError",
    "Missing",
    "OutgoingFrame",
    "PlannedSet",
    "ProtectionClass",
    "ProtectionError",
    "ProtectionPolicy",
    "Question",
    "Receiver",
    "RepeatSender",
    "Reporter",
    "Scope",
    "Sender",
    "SetFrame",
    "SetKey",
    "SetPlanner",
    "Times",
    "Totals",
    "Transmission",
    "bursts_of",
    "is_feedback",
    "is_question",
]
