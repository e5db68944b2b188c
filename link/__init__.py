"""link: items ⇄ link frames, protection by importance, repeats, and the account of each frame.

Enters    `Item`: a key (stream, group, picture, layer), an importance, bytes.
Leaves    link frames: bytes with a CRC-32 (`Sender.frames`: an item in frames of its own; `SetPlanner`: items that
          share frames, each class with the MCS and the parity symbols that a `ProtectionPolicy` asks for).
Arrives   frames in any order, twice or never (`Assembler.push`); pictures with the layers of their group that they
          require, the missing by name; soft values of bits that came uncoded. `Receiver` is its half up to items.
Feedback  `Feedback` by name (`Reporter`), `RefinementFrame`; `RepeatSender` decides what goes out again, `HalfDuplex`
          when.
MCS       `LinkAdaptation`: what a receiver reports → the modem's MCS for the next frames.
Account   `Account`: sent = delivered + repaired + lost, frame by frame.

Between processes    `messages` (docs/messages.md) over `transports` (pyzmq with CURVE); nothing here imports those.

Standard library, and zfec for parity symbols. The layouts are in docs/link_frame.md, the means in docs/protection.md.
"""

from semcom.link.arq.account import Account, Totals
from semcom.link.arq.adaptation import LinkAdaptation
from semcom.link.arq.carousel import Carousel
from semcom.link.arq.feedback import Feedback, is_feedback
from semcom.link.arq.half_duplex import HalfDuplex, HalfDuplexError, Times
from semcom.link.arq.refinement_request import RefinementFrame, is_refinement_frame
from semcom.link.arq.repeat import RepeatSender, Transmission, bursts_of
from semcom.link.arq.repeat_policy import RepeatPolicy
from semcom.link.arq.report_timing import ReportTiming
from semcom.link.arq.reporter import Reporter
from semcom.link.arrival import Arrival, Missing
from semcom.link.assembly.assembler import Assembler
from semcom.link.assembly.picture import Picture
from semcom.link.assembly.picture_assembler import PictureAssembler
from semcom.link.errors import AccountError, AdaptationError, FrameError, ItemError, LinkError, ProtectionError
from semcom.link.frame import MAX_FRAME_BYTES, Frame, FrameName
from semcom.link.item import ANALOG_SYMBOL_BYTES, Item, Key, Scope
from semcom.link.parity.set_frame import SetFrame, SetKey
from semcom.link.parity.set_plan import PlannedSet, SetPlanner
from semcom.link.protection import FLAT, ProtectionClass, ProtectionPolicy
from semcom.link.receiver import Receiver
from semcom.link.sender import OutgoingFrame, Sender
from semcom.link.soft_frame import SoftFrame

__all__ = [
    "ANALOG_SYMBOL_BYTES",
    "FLAT",
    "MAX_FRAME_BYTES",
    "Account",
    "AccountError",
    "AdaptationError",
    "Arrival",
    "Assembler",
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
    "Picture",
    "PictureAssembler",
    "PlannedSet",
    "ProtectionClass",
    "ProtectionError",
    "ProtectionPolicy",
    "Receiver",
    "RefinementFrame",
    "RepeatPolicy",
    "RepeatSender",
    "ReportTiming",
    "Reporter",
    "Scope",
    "Sender",
    "SetFrame",
    "SetKey",
    "SetPlanner",
    "SoftFrame",
    "Times",
    "Totals",
    "Transmission",
    "bursts_of",
    "is_feedback",
    "is_refinement_frame",
]
