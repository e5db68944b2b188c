"""Which taking-in of a photo a packet comes from: what sending host and receiving host tell each other of it.

The identifier follows from the file's contents, its name and its time. A sender whose journal is lost makes the same
one again, so that a receiver knows the picture; the same photo put in twice has another name or time, and is two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import BinaryIO

from semcom.semantic import PacketError, SemanticPacket
from semcom.semantic.layers import Layer, LayerKey, LayerKind, Submission, decode_layer, encode_layer
from semcom.semantic.layers.header import MAX_LAYERS
from semcom.semantic.layers.submission import FORM, IDENTIFIER_BYTES


def identifier_of(file: BinaryIO, name: str, time_ns: int) -> bytes:
    """The identifier of a photo.

    Parameters
    ----------
    file : binary file
        Open, at its beginning; it is read to its end.
    name : str
        Without folders.
    time_ns : int
        Its modification time, nanoseconds since 1970.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    told = hashlib.file_digest(file, hashlib.blake2b).digest() + time_ns.to_bytes(16, "big", signed=True)
    return hashlib.blake2b(told + name.encode("utf-8", "surrogateescape"), digest_size=IDENTIFIER_BYTES).digest()


def with_submission(packet: SemanticPacket, submission: Submission) -> SemanticPacket:
    """The packet with the submission as its last layer, and no other one; as it was where no number is free."""
    layers = tuple(layer for layer in packet.layers if not isinstance(layer.content, Submission))
    number = max((layer.key.layer for layer in layers), default=0) + 1
    if number > MAX_LAYERS:
        return packet
    key = LayerKey(packet.stream, packet.group, packet.picture, number)
    others = SemanticPacket(*packet.identity, layers, packet.damaged, packet.left_out)
    told: Layer = encode_layer(key, LayerKind.PLAIN_TEXT, submission)
    return others.with_layers([told]).leaving_out(packet.left_out)


def bytes_in_packet(submission: Submission) -> int:
    """Bytes by which a submission makes a packet longer, its entry in the header included."""
    bare = SemanticPacket.build((16, 16), "es-isc", [])
    return len(with_submission(bare, submission).to_bytes()) - len(bare.to_bytes())


def submission_bytes(packet: SemanticPacket) -> int:
    """Bytes of the packet's payloads that the submission takes."""
    return sum(len(layer.payload) for layer in packet.layers if isinstance(layer.content, Submission))


def submission_in(payloads: Mapping[LayerKey, bytes]) -> Submission | None:
    """The submission among the payloads that came of a picture; None where none did, or it cannot be read."""
    for key, payload in payloads.items():
        if len(payload) > 1 and payload[0] & 15 == LayerKind.PLAIN_TEXT and payload[1] >> 4 == FORM:
            try:
                content = decode_layer(key, payload).content
            except PacketError:
                continue
            if isinstance(content, Submission):
                return content
    return None
