"""What every layer of meaning has in common: its identity, its kind, and how much it matters.

A `Layer` is content plus identity. It travels alone: `payload` is the layer's bytes as the packet and the link carry
them, and decodes with nothing but what `requires` names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from semcom.semantic.layers.kind import MAX_IMPORTANCE as MAX_IMPORTANCE
from semcom.semantic.layers.kind import MAX_KIND, LayerType, kind_of, kinds, number_of

GROUP_SCOPE = 0
"""Picture number of a layer that belongs to a whole group of pictures (a shared codebook); pictures count from 1."""


class _KnownKinds(type):
    """Makes `LayerKind.CAPTION` and ``for kind in LayerKind`` name the kinds that are registered, whoever made them."""

    def __getattr__(cls, name: str) -> LayerKind:
        number = number_of(name.lower()) if name.isupper() else None
        if number is None:
            raise AttributeError(f"no kind of layer is called {name}")
        return cls(number)

    def __iter__(cls) -> Iterator[LayerKind]:
        return iter([cls(kind.number) for kind in kinds()])


class LayerKind(int, metaclass=_KnownKinds):
    """Number of a kind of layer on the wire, 0..15. Numbers are never reused; docs/semantic_packet.md lists them.

    Kinds this installation does not know keep their number: they are skipped and reported, never an error.
    """

    def __new__(cls, number: int) -> LayerKind:
        if not 0 <= number <= MAX_KIND:
            raise ValueError(f"kind of layer must be 0..{MAX_KIND}, got {number}")
        return super().__new__(cls, number)

    @property
    def type(self) -> LayerType | None:
        """How layers of this kind are coded and shown; None where it is not known here."""
        return kind_of(self)

    @property
    def label(self) -> str:
        """Name as people and reports see it: ``class_map``."""
        known = self.type
        return f"unknown_{int(self)}" if known is None else known.label

    @property
    def name(self) -> str:
        """As an attribute of `LayerKind`: ``CLASS_MAP``."""
        return self.label.upper()

    def __repr__(self) -> str:
        return f"<LayerKind.{self.name}: {int(self)}>"


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
    content : Caption | Objects | ClassMap | DetailMap | SubImage | Picture | Header | ...
        What a person can look at or read, as the kind decodes it; None where the kind is not known here.
    payload : bytes
        The content coded; `layers.decode_layer(key, kind, payload)` gives it back.
    requires : tuple of LayerKey
        Layers without which this one means nothing.
    soft : bool
        It is sent as soft values, where its kind can be (`LayerType.exact_bytes`): damaged text is better than none.
    """

    key: LayerKey
    kind: LayerKind
    importance: int
    content: Any = field(compare=False, repr=False)
    payload: bytes
    requires: tuple[LayerKey, ...] = ()
    soft: bool = False

    @property
    def coded_pixels(self) -> int:
        """What decoding it takes from the budget of its packet, `wire.MAX_CODED_PIXELS`."""
        return getattr(self.content, "coded_pixels", 0)

    @property
    def exact_bytes(self) -> int | None:
        """Bytes at the start of the payload that must arrive exactly, where the others may come damaged; else None."""
        return getattr(self.kind.type, "exact_bytes", None) if self.soft or self.analog else None

    @property
    def analog(self) -> bool:
        """What follows the exact bytes are complex symbols, to be sent as they are."""
        return getattr(self.kind.type, "analog", False)

    @property
    def label(self) -> str:
        """What it is, as people and reports see it: of a kind with several forms the form's, else the kind's."""
        return getattr(self.content, "label", None) or self.kind.label

    @property
    def name(self) -> str:
        """``sub_image-7``: label and layer number, unique in a packet."""
        return f"{self.label}-{self.key.layer}"
