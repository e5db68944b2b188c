"""Picture ⇄ semantic packet.

In: a picture, uint8 `[height, width, 3]`. Out: a `SemanticPacket` of independent layers that a person can read; and
back: a `Reconstruction` (caption, objects, maps, close-ups, picture, provenance) from whatever layers arrived.

Runs on numpy, scipy, numba and Pillow; extraction loads torch (extra `models`) when it is first asked for.
"""

from __future__ import annotations

import numpy as np

from semcom.semantic import registry
from semcom.semantic.errors import LayerError, ModelError, PacketError, PictureError, SemanticError
from semcom.semantic.layers import Layer, LayerKey, LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.picture_file import check_picture, load_picture
from semcom.semantic.reconstruct import Reconstruction, reconstruct


def encode(
    image: np.ndarray,
    system: str = "es-isc",
    budget_bytes: int | None = None,
    stream: int = 0,
    group: int = 0,
    picture: int = 1,
) -> SemanticPacket:
    """What a picture means, as a packet.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    system : str
        A name from `registry.names("systems")`.
    budget_bytes : int or None
        Bytes aimed at for the packet; None leaves it to the system.
    stream, group, picture : int
        Identity: who sends, which set of pictures, which picture of it (from 1).

    Raises
    ------
    PictureError, ModelError, SemanticError
    """
    check_picture(image)
    return registry.create("systems", system).encode(image, budget_bytes, (stream, group, picture))


def decode(packet: SemanticPacket) -> Reconstruction:
    """Caption, objects, maps and picture of a packet, from whatever layers it has."""
    return reconstruct(packet)


__all__ = [
    "Layer", "LayerError", "LayerKey", "LayerKind", "ModelError", "PacketError", "PictureError", "Reconstruction",
    "SemanticError", "SemanticPacket", "decode", "encode", "load_picture",
]  # fmt: skip
