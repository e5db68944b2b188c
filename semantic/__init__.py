"""Picture ⇄ semantic packet.

In: a picture, uint8 `[height, width, 3]`, and an `EncodeRequest`. Out: a `SemanticPacket` of independent layers that a
person can read; and back: a `Reconstruction` (caption, objects, maps, close-ups, picture, provenance) from whatever
layers arrived.

Runs on numpy, scipy, numba and Pillow; extraction loads torch (extra `models`) when it is first asked for.
"""

from __future__ import annotations

from semcom.installation import require

require("pictures")

from semcom.semantic.analysis import Analysis
from semcom.semantic.api import analyse, check_request, code, decode, draft, encode, encode_set, refine
from semcom.semantic.errors import LayerError, ModelError, PacketError, PictureError, RequestError, SemanticError
from semcom.semantic.layers import Layer, LayerKey, LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.picture_file import load_picture
from semcom.semantic.reconstruct import Reconstruction, reconstruct
from semcom.semantic.refinement import RefinementRequest
from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice

__all__ = [
    "Analysis", "DecodeOptions", "EncodeRequest", "Layer", "LayerError", "LayerKey", "LayerKind", "ModelError",
    "PacketError", "PartChoice", "PictureError", "Reconstruction", "RefinementRequest", "RequestError", "SemanticError",
    "SemanticPacket", "analyse", "check_request", "code", "decode", "draft", "encode", "encode_set", "load_picture",
    "reconstruct", "refine",
]  # fmt: skip
