"""Systems that send the picture as a classical codec codes it: AVIF, HEIC, JPEG 2000, WebP. No meaning, no model.

```
analyse: the picture as it is ─ code: codec at its best size and quality within the bytes ─► header, picture layer
```

They are what semantic systems are measured against, over the same link and in the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from semcom.semantic import registry
from semcom.semantic.analysis import Analysis, Guard
from semcom.semantic.decoding import decode_any
from semcom.semantic.errors import RequestError
from semcom.semantic.layers import Layer, LayerKey, LayerKind, Picture, encode_layer
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import Reconstruction
from semcom.semantic.refinement import RefinementRequest, Subject
from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice
from semcom.semantic.systems.one_by_one import OneByOne

COMPRESSION = 300
"""Without a budget: raw bytes / packet bytes, as es-isc has it."""
LEAST_DEFAULT_BYTES = 1000
LAYER_BYTES = 24
"""Most that a picture layer costs besides what the codec made."""
PICTURE_NUMBER = 1


class ClassicalSystem(OneByOne):
    """A picture codec as a system, both halves.

    Parameters
    ----------
    codec : str
        Name in the registry of picture codecs, and of the system.
    """

    honours = frozenset({"budget_bytes"})
    profiles: tuple[str, ...] = ()
    parts: Mapping[str, PartChoice] = {}

    def __init__(self, codec: str) -> None:
        self.name = codec
        self._codec = registry.create("picture_codecs", codec)

    def analyse(self, image: np.ndarray, request: EncodeRequest, guard: Guard) -> Analysis:
        """Nothing is found in a picture, uint8 [height, width, 3]: it is kept."""
        return Analysis(request, image, guard)

    def code(
        self, analysis: Analysis, budget_bytes: int | None, identity: tuple[int, int, int] = (0, 0, 1)
    ) -> SemanticPacket:
        """Header and picture, never longer than the budget; None compresses by `COMPRESSION`.

        Raises
        ------
        RequestError
            The codec cannot code this picture in so few bytes at any size.
        """
        if budget_bytes is None:
            budget_bytes = max(analysis.picture.size // COMPRESSION, LEAST_DEFAULT_BYTES)
        frame = len(SemanticPacket.build(analysis.size, self.name, [], identity).to_bytes())
        layer = self._layer(analysis, budget_bytes - frame, LayerKey(*identity, PICTURE_NUMBER))
        if layer is None:
            size = " × ".join(map(str, analysis.size))
            raise RequestError(f"budget_bytes must be more for {self.name} of {size} pixels, got {budget_bytes}")
        return SemanticPacket.build(analysis.size, self.name, [layer], identity)

    def refine(self, analysis: Analysis, request: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
        """The picture again, in more bytes than the packet has of it; nothing else can be asked of a codec."""
        if request.subject != Subject.SCENE:
            return []
        number = min(set(range(1, 256)) - {layer.key.layer for layer in packet.layers})
        layer = self._layer(analysis, request.max_bytes, LayerKey(*packet.identity, number))
        at_hand = packet.content(LayerKind.PICTURE)
        finer = layer is not None and (at_hand is None or len(layer.content.coded) > len(at_hand.coded))
        return [layer] if finer else []

    def decode(self, packet: SemanticPacket, options: DecodeOptions) -> Reconstruction:
        """The picture as the codec decodes it, enlarged; by another reconstructor where one is named."""
        return decode_any(packet, options)

    def _layer(self, analysis: Analysis, max_bytes: int, key: LayerKey) -> Layer | None:
        """The picture in at most so many bytes, framing included; None where nothing fits."""
        coded = self._codec.encode(analysis.picture, max_bytes - LAYER_BYTES) if max_bytes > LAYER_BYTES else None
        if coded is None:
            return None
        pixels = self._codec.decode(coded.data, (coded.width, coded.height))
        content = Picture(*analysis.size, self._codec.name, coded.enlarged_by, pixels, coded.data)
        return encode_layer(key, LayerKind.PICTURE, content)


def avif() -> ClassicalSystem:
    return ClassicalSystem("avif")


def heic() -> ClassicalSystem:
    return ClassicalSystem("heic")


def jpeg2000() -> ClassicalSystem:
    return ClassicalSystem("jpeg2000")


def webp() -> ClassicalSystem:
    return ClassicalSystem("webp")


def hyperprior() -> ClassicalSystem:
    """The learned codec with a scale hyperprior: it is used, and compared, as the classical ones are."""
    return ClassicalSystem("hyperprior")
