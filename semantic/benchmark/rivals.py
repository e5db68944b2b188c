"""Rivals of our systems: every picture codec of the registry at its best in so many bytes, and AVIF at full size.

Bytes are those that a picture layer carries of a codec: what follows from width, height and an agreed way of coding is
taken off, as our own packets have it taken off (file boxes, sequence headers, main headers). That is generous to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.coding.picture_codecs.codec import ENLARGED_BY
from semcom.semantic.protocols import PictureCodec

NAMES = {"avif": "AVIF", "heic": "HEIC", "jpeg2000": "JPEG 2000", "webp": "WebP"}
"""As people write them."""


@dataclass(frozen=True)
class Rebuilt:
    """What a receiver has of a rival.

    Attributes
    ----------
    num_bytes : int
    picture : uint8 [height, width, 3]
        At the size of the original.
    setting : str
        Size and quality that were best.
    """

    num_bytes: int
    picture: np.ndarray
    setting: str


@dataclass(frozen=True)
class Rival:
    """A codec under the name that tables show."""

    name: str
    codec: PictureCodec

    def best(self, image: np.ndarray, max_bytes: int) -> Rebuilt | None:
        """A picture, uint8 [height, width, 3], through the codec in at most so many bytes; None where nothing fits."""
        coded = self.codec.encode(image, max_bytes)
        if coded is None:
            return None
        decoded = Image.fromarray(self.codec.decode(coded.data, (coded.width, coded.height)))
        size = image.shape[1::-1]
        shown = decoded if decoded.size == size else decoded.resize(size, ENLARGED_BY[coded.enlarged_by])
        return Rebuilt(len(coded.data), np.asarray(shown), coded.setting)


def rivals() -> list[Rival]:
    """AVIF at full size, then each codec of this installation at its best size."""
    full_size = Rival("AVIF", registry.create("picture_codecs", "avif", {"best_size": False}))
    codecs = {name: registry.create("picture_codecs", name) for name in registry.names("picture_codecs")}
    return [full_size, *(Rival(f"{NAMES.get(name, name)}, best size", codec) for name, codec in codecs.items())]
