"""What every layer of meaning has in common: its identity, its kind, and how much it matters.

A `Layer` is content plus identity. It travels alone: `payload` is the layer's bytes as the packet and the link carry
them, and decodes with nothing but what `requires` names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

GROUP_SCOPE = 0
"""Picture number of a layer that belongs to a whole group of pictures (a shared codebook); pictures count from 1."""

MAX_IMPORTANCE = 7
MAX_KIND = 15


class LayerKind(IntEnum):
    """Kinds of layer and their number on the wire. Numbers are never reused."""

    HEADER = 0
    CAPTION = 1
    OBJECTS = 2
    CLASS_MAP = 3
    DETAIL_MAP = 4
    SUB_IMAGE = 5
    # 6..15 reserved: region caption, cut-out, semantic base, base usage, compensation, residual, picture

    @classmethod
    def _missing_(cls, value: object) -> LayerKind | None:
        """Kinds this version does not know keep their number: they are skipped and reported, never an error."""
        if not isinstance(value, int) or not 0 <= value <= MAX_KIND:
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = f"UNKNOWN_{value}"
        unknown._value_ = value
        return unknown

    @property
    def label(self) -> str:
        """Name as people and reports see it: ``class_map``."""
        return self.name.lower()


class LayerKey(NamedTuple):
    """Which layer of which picture: what a receiver names when it asks for a missing one."""

    stream: int  # 0..65535: who sends
    group: int  # 0..65535: set of pictures that share layers
    picture: int  # 1..65535, or GROUP_SCOPE
    layer: int  # 0..255; 0 is the header

    def __str__(self) -> str:
        picture = "*" if self.picture == GROUP_SCOPE else self.picture
        return f"{self.stream}/{self.group}/{picture}/{self.layer}"


@dataclass(frozen=True)
class Layer:
    """One layer of meaning, as content and as bytes.

    Attributes
    ----------
    key : LayerKey
    kind : LayerKind
    importance : int
        0 (first to go) to 7 (the last to be given up).
    content : Caption | Objects | ClassMap | DetailMap | SubImage | Header
        What a person can look at or read.
    payload : bytes
        The content coded; `layers.decode_layer(key, kind, payload)` gives it back.
    requires : tuple of LayerKey
        Layers without which this one means nothing.
    deliver_with_errors : bool
        Damaged bytes are better than none (plain text that a spelling corrector will mend).
    """

    key: LayerKey
    kind: LayerKind
    importance: int
    content: Any = field(compare=False, repr=False)
    payload: bytes
    requires: tuple[LayerKey, ...] = ()
    deliver_with_errors: bool = False

    @property
    def coded_pixels(self) -> int:
        """What decoding it takes from the budget of its packet, `wire.MAX_CODED_PIXELS`."""
        return getattr(self.content, "coded_pixels", 0)

    @property
    def name(self) -> str:
        """``sub_image-7``: kind and layer number, unique in a packet."""
        return f"{self.kind.label}-{self.key.layer}"
