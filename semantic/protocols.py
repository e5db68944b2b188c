"""What each kind of part must offer. `semantic.registry` checks every part it makes against its protocol here.

```
picture ─► Segmenter, Detailer, Detector ─► Captioner ─► System: analyse, code ─► packet ─► System: decode ─► picture
                                                         └ PictureCodec                     └ Repairer, Reconstructor
```

A part is a class (or any callable that makes one). Its configuration are the keyword arguments of that callable, short
values (str, int, float, bool); ``device`` and ``seed`` are handed in where it has arguments of these names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from semcom.semantic.coding.picture_codecs.coded import Coded as Coded
from semcom.semantic.layers.kind import LayerType as LayerType
from semcom.semantic.vocabulary import Vocabulary

if TYPE_CHECKING:
    from semcom.semantic.analysis import Analysis, Guard
    from semcom.semantic.layers import Caption, Layer, LayerKey, Objects
    from semcom.semantic.packet import SemanticPacket
    from semcom.semantic.reconstruct import Reconstruction
    from semcom.semantic.refinement import RefinementRequest
    from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice


class Segmentation(Protocol):
    """What a segmenter returns: labels uint8 [height, width] and score float32 [height, width], 0..1."""

    labels: np.ndarray
    score: np.ndarray


class Segmenter(Protocol):
    """Category per pixel: image uint8 [height, width, 3] → `Segmentation` of its size, ids of `vocabulary`."""

    vocabulary: Vocabulary

    def __call__(self, image: np.ndarray) -> Segmentation: ...


@runtime_checkable
class ProbabilisticSegmenter(Protocol):
    """A segmenter that also tells how likely each category is: privacy then blanks doubtful pixels, too."""

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """float32 [categories, rows, columns], 0..1, of the image at any resolution."""
        ...


@runtime_checkable
class PeopleSegmenter(Protocol):
    """A segmenter that also tells where people's boxes are: privacy then blanks these, too."""

    def inside_people(self, image: np.ndarray) -> np.ndarray:
        """float32 [rows, columns], 0..1: probability that a place lies in a person's box, at any resolution."""
        ...


class Detailer(Protocol):
    """Boundary probability per pixel: image uint8 [height, width, 3] → float32 [height, width], 0..1."""

    def __call__(self, image: np.ndarray) -> np.ndarray: ...


class Detector(Protocol):
    """The objects of a picture, most important first, ids of `vocabulary`.

    image uint8 [height, width, 3]; labels uint8 [height, width] and score float32 [height, width] as the segmenter
    found them, of the words of `vocabulary`; a detector that looks at the image alone leaves them aside.
    """

    def __call__(self, image: np.ndarray, labels: np.ndarray, score: np.ndarray, vocabulary: Vocabulary) -> Objects: ...


class Captioner(Protocol):
    """A sentence or two with its named entities.

    image uint8 [height, width, 3], labels uint8 [height, width] and objects as the other parts found them; a captioner
    that looks at the image alone leaves them aside.
    """

    def __call__(self, image: np.ndarray, labels: np.ndarray, objects: Objects) -> Caption: ...


@runtime_checkable
class GuardedCaptioner(Protocol):
    """A captioner with words of its own that can be told what must not be named."""

    def caption_without(
        self, image: np.ndarray, labels: np.ndarray, objects: Objects, hidden: frozenset[int]
    ) -> Caption:
        """As `Captioner`, without any word for the categories `hidden`, ids of the objects' vocabulary."""
        ...


class Reconstructor(Protocol):
    """Packet → picture.

    Any subset of layers that tells the picture's size, at most `max_pixels`, → picture uint8 [height, width, 3] and
    provenance uint8 [height, width] (`semantic.reconstruct.provenance`). `texture`, 0..1, and `seed` where it makes up
    texture.
    """

    name: str

    def __call__(
        self, packet: SemanticPacket, max_pixels: int, texture: float = 0.0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]: ...


class Repairer(Protocol):
    """Text that came damaged → text, and the character ranges (first, last excluded) that were guessed.

    `context` holds what is known besides: ``llr``, float32 [characters, 8], positive where a bit is a zero, or None;
    ``characters``, bytes, and ``is_latin``, as `layers.plain_text` has them; ``check``, 16 bits of the text as it was
    sent (`plain_text.check_of`). A repairer may leave any of it aside; its text may have another length.
    """

    def __call__(self, text: str, context: Mapping[str, Any]) -> tuple[str, Sequence[tuple[int, int]]]: ...


class PictureCodec(Protocol):
    """A classical codec without its container. `name` is its registry name, `number` stands in picture layers."""

    name: str
    number: int

    def encode(self, image: np.ndarray, max_bytes: int) -> Coded | None:
        """The best size and quality in at most so many bytes; None where nothing fits. image uint8 [h, w, 3]."""
        ...

    def decode(self, data: bytes, size: tuple[int, int]) -> np.ndarray:
        """uint8 [height, width, 3] of `Coded.data` coded at `size` = (width, height); `PacketError` where it is not."""
        ...


@runtime_checkable
class DraftingSystem(Protocol):
    """A system that tells what a packet would hold without coding its pixels: an airtime is then filled at once."""

    def draft(
        self, analysis: Analysis, budget_bytes: int, identity: tuple[int, int, int]
    ) -> list[tuple[LayerKey, int, int]]:
        """(key, importance, expected bytes of the payload) of each layer that `code` would make."""
        ...


class System(Protocol):
    """A way to put what a picture means into layers, and back.

    Attributes
    ----------
    name : str
        As the header of its packets says.
    profiles : tuple of str
        What bytes can be spent for; empty where it knows none.
    parts : mapping of str to PartChoice
        By kind in the singular, the parts it uses unless a request chooses others; empty where it uses none.
    honours : frozenset of str
        Of ``budget_bytes``, ``profile``, ``without``, ``text``, ``seed``, ``parts``, ``config``: whatever else a
        request sets is refused by name.
    """

    name: str
    profiles: tuple[str, ...]
    parts: Mapping[str, PartChoice]
    honours: frozenset[str]

    def analyse(self, image: np.ndarray, request: EncodeRequest, guard: Guard) -> Analysis:
        """Once per picture, the expensive part. `image` is already blanked; `guard` says what privacy hides.

        Called by `semantic.api.analyse` only: nobody else hands a picture to a system.
        """
        ...

    def code(self, analysis: Analysis, budget_bytes: int | None, identity: tuple[int, int, int]) -> SemanticPacket:
        """As often as budgets are tried, cheap; `SemanticPacket.left_out` says what had no room.

        The same bytes for a budget whatever was coded of the analysis before.
        """
        ...

    def refine(self, analysis: Analysis, request: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
        """New layers that answer a refinement request; none where there is nothing more to say."""
        ...

    def decode(self, packet: SemanticPacket, options: DecodeOptions) -> Reconstruction:
        """Caption, objects, maps and picture of whatever layers arrived, by any reconstructor."""
        ...

    def code_set(
        self,
        analyses: Sequence[Analysis],
        budget_bytes: int | None,
        identities: Sequence[tuple[int, int, int]],
    ) -> list[SemanticPacket]:
        """Packets of a set of pictures; a system without shared layers codes one after the other."""
        ...
