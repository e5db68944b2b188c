"""What people get of a packet's layers, whatever their kinds: lines, pictures and files.

Inspect, pages and results folders use these and list no kind themselves.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from semcom.semantic import registry
from semcom.semantic.layers.kind import kinds
from semcom.semantic.layers.layer import Layer


class Picture(NamedTuple):
    """A layer as a picture: its kind's label, words, uint8 [rows, columns, 3], and whether it is one of many."""

    label: str
    words: str
    pixels: np.ndarray
    many: bool


def describe(layer: Layer) -> str:
    """One line on what a layer says."""
    if layer.content is None or layer.kind.type is None:
        return "kind unknown to this version: skipped"
    return _safely(layer, layer.kind.type.describe, layer.content) or "could not be described"


def shown_layers(layers: Iterable[Layer]) -> list[Layer]:
    """Layers that are shown: of most kinds the finest one, of some each; those of unknown kinds are not."""
    chosen: list[Layer] = []
    place: dict[int, int] = {}
    for layer in layers:
        kind = layer.kind.type
        if kind is None or layer.content is None:
            continue
        at = place.get(kind.number)
        if at is None or kind.many:
            place[kind.number] = len(chosen)
            chosen.append(layer)
        elif kind.fineness(layer.content) > kind.fineness(chosen[at].content):
            chosen[at] = layer
    return chosen


def pictures(layers: Iterable[Layer], ground: np.ndarray | None) -> list[Picture]:
    """Those layers that can be drawn; `ground`, uint8 [height, width, 3], is the picture that arrived, if any."""
    found = []
    for layer in shown_layers(layers):
        drawn = _safely(layer, layer.kind.type.draw, layer.content, ground)
        if drawn is not None:
            found.append(Picture(layer.kind.label, drawn[1], drawn[0], layer.kind.type.many))
    return found


def files(layers: Iterable[Layer]) -> dict[str, bytes]:
    """Relative path → bytes of all that the layers give a results folder."""
    found: dict[str, bytes] = {}
    counts: Counter[str] = Counter()
    for layer in shown_layers(layers):
        counts[layer.kind.label] += 1
        made = _safely(layer, layer.kind.type.files, layer.content, counts[layer.kind.label]) or {}
        for path, data in made.items():
            if PurePosixPath(path).parts[:1] not in [(name,) for name in layer.kind.type.file_names] or ".." in path:
                warnings.warn(f"layer {layer.name}: file {path!r} is none of its kind's", RuntimeWarning, stacklevel=2)
                continue
            found[path] = data
    return found


def file_names() -> tuple[str, ...]:
    """First parts of all paths that `files` may give, of all kinds known here."""
    return tuple(name for kind in kinds() for name in kind.file_names)


def colour(label: str) -> str:
    """Of a kind's bars, ``#rrggbb``; grey for kinds that are not known here."""
    return next((kind.colour for kind in kinds() if kind.label == label), "#777777")


def _safely(layer: Layer, show: Callable[..., Any], *given: Any) -> Any:
    """What a kind makes; one of another package that fails is named, and the other layers are shown."""
    try:
        return show(*given)
    except Exception as error:
        if layer.kind.label in registry.own_names("layers"):
            raise
        said = f"layer {layer.name}: its kind failed to show it, {type(error).__name__}: {error}"
        warnings.warn(said, RuntimeWarning, stacklevel=3)
        return None
