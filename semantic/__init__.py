"""Picture ⇄ semantic packet.

In: a picture, uint8 `[height, width, 3]`. Out: a `SemanticPacket` of independent layers that a person can read; and
back: a `Reconstruction` (caption, objects, maps, close-ups, picture, provenance) from whatever layers arrived.

Runs on numpy, scipy, numba and Pillow; extraction loads torch (extra `models`) when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from semcom.semantic import registry
from semcom.semantic.errors import LayerError, ModelError, PacketError, PictureError, SemanticError
from semcom.semantic.extract.privacy import blank, hidden_categories
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
    profile: str | None = None,
    without: Iterable[str] = (),
) -> SemanticPacket:
    """What a picture means, as a packet.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    system : str
        A name from `registry.names("systems")`.
    budget_bytes : int or None
        Most bytes of the packet; None leaves it to the system.
    stream, group, picture : int
        Identity: who sends, which set of pictures, which picture of it (from 1).
    profile : str or None
        What bytes are for, of a system that knows profiles: ``meaning``, ``pixels`` or ``tasks``; None is its default.
    without : iterable of str
        Categories or groups of the vocabulary (``person``, ``vehicle``) that must not be sent: blanked in the picture
        before anything is coded, and named in no layer. As well as the segmenter sees them: docs/privacy.md.

    Raises
    ------
    PictureError, ModelError, SemanticError
    """
    check_picture(image)
    maker = registry.create("systems", system)
    options = {}
    if profile is not None:
        if profile not in getattr(maker, "profiles", ()):
            known = ", ".join(getattr(maker, "profiles", ())) or "left out"
            raise SemanticError(f"profile of system {system} must be {known}, got {profile!r}")
        options["profile"] = profile
    without = tuple(without)
    if without:
        segmenter = registry.create("segmenters", getattr(maker, "segmenter", "everyday"))
        hidden = hidden_categories(without, segmenter.vocabulary)
        blanked = blank(image, segmenter, hidden)
        image, withheld = blanked.picture, blanked.withheld
        if hasattr(maker, "profiles"):
            options |= {"hidden": hidden, "withheld": withheld}
    packet = maker.encode(image, budget_bytes, (stream, group, picture), **options)
    if without:
        note = ", ".join(without), f"withheld: {withheld.mean():.0%} of the picture's area"
        packet = packet.leaving_out([note, *packet.left_out])
    return packet


def decode(
    packet: SemanticPacket,
    reconstructor: str = "drawing",
    texture: float = 0.0,
    seed: int = 0,
    *,
    backend: str | None = None,
) -> Reconstruction:
    """Caption, objects, maps and picture of a packet, from whatever layers it has.

    Parameters
    ----------
    packet : SemanticPacket
    reconstructor : str
        ``drawing`` (no model), ``generator`` (learned, extra ``models``), or ``best``: the generator where torch is
        installed; docs/reconstruction.md.
    texture : float
        Of the generator: 0 for what is likeliest, up to 1 for made-up texture.
    seed : int
        Of the texture.
    """
    return reconstruct(packet, reconstructor=backend or reconstructor, texture=texture, seed=seed)


__all__ = [
    "Layer", "LayerError", "LayerKey", "LayerKind", "ModelError", "PacketError", "PictureError", "Reconstruction",
    "SemanticError", "SemanticPacket", "decode", "encode", "load_picture",
]  # fmt: skip
