"""blocks: thin shells that put the three rooms into GNU Radio.

    picture ─ semantic_encoder ─ layers ─ link_sender ─ frames ─ burst_modulator ═ IQ ═▶
    ═ IQ ═ burst_receiver ─ frames ─ link_receiver ─ layers ─ semantic_decoder ─ picture

Whole chains       modem_transmitter and modem_receiver (bytes ⇄ IQ at a radio's rate), semantic_transmitter and
                   semantic_receiver (pictures ⇄ IQ), made of these. To look at: burst_statistics, picture_display.
                   recording_source plays SigMF recordings.
Packets            packet_sender and packet_receiver: UDP, IP or KISS of any length ⇄ frames of the modem.
Enter and leave    PDUs on message ports (─): u8vector with metadata, see docs/blocks.md; streams (═) carry IQ only.
The end            of a transmission is a message too, in order: every block finishes what it has, passes the end on,
                   and the flowgraph ends by itself (`pdu.END`, `orderly_end`).

Needs GNU Radio 3.10 (`import gnuradio`); the modem's blocks need what `phy` needs, the others Pillow too. Keep a Python
reference to every block of a flowgraph.
"""

from semcom.blocks.burst_modulator import burst_modulator
from semcom.blocks.burst_receiver import burst_receiver
from semcom.blocks.burst_statistics import burst_statistics
from semcom.blocks.link_sender import link_sender
from semcom.blocks.modem_receiver import modem_receiver
from semcom.blocks.modem_transmitter import modem_transmitter
from semcom.blocks.packets.packet_receiver import packet_receiver
from semcom.blocks.packets.packet_sender import packet_sender
from semcom.blocks.recording_source import recording_source
from semcom.installation import MissingPackageError

try:
    from semcom.blocks.link_receiver import link_receiver
    from semcom.blocks.picture_display import picture_display
    from semcom.blocks.semantic_decoder import semantic_decoder
    from semcom.blocks.semantic_encoder import semantic_encoder
    from semcom.blocks.semantic_receiver import semantic_receiver
    from semcom.blocks.semantic_transmitter import semantic_transmitter
except MissingPackageError as missing:  # the modem needs less than pictures do: it goes on alone
    from semcom.blocks.unavailable import unavailable

    link_receiver = picture_display = unavailable(missing)
    semantic_decoder = semantic_encoder = semantic_receiver = semantic_transmitter = unavailable(missing)

__all__ = [
    "burst_modulator",
    "burst_receiver",
    "burst_statistics",
    "link_receiver",
    "link_sender",
    "modem_receiver",
    "modem_transmitter",
    "packet_receiver",
    "packet_sender",
    "picture_display",
    "recording_source",
    "semantic_decoder",
    "semantic_encoder",
    "semantic_receiver",
    "semantic_transmitter",
]
