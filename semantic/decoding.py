"""The decoder that any packet has: what layers of known kinds show by themselves, by any reconstructor."""

from __future__ import annotations

from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import MAX_RENDER_PIXELS, Reconstruction, reconstruct
from semcom.semantic.request import DecodeOptions


def decode_any(packet: SemanticPacket, options: DecodeOptions) -> Reconstruction:
    """What can be shown of a packet, also of one without a header or of a system that is not known here.

    Raises
    ------
    SemanticError
        An unknown reconstructor.
    """
    max_pixels = MAX_RENDER_PIXELS if options.max_pixels is None else options.max_pixels
    return reconstruct(packet, max_pixels, options.reconstructor, options.texture, options.seed)
