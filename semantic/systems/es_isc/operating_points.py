"""Operating points of ES-ISC: every version of every layer of meaning, with its bytes and its benefit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from semcom.semantic.allocation import Version
from semcom.semantic.extract.detailer import boundaries
from semcom.semantic.extract.map_scaling import cell_means, divisor_for, majority, without_specks
from semcom.semantic.extract.understanding import Understanding
from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import Caption, ClassMap, DetailMap, Layer, LayerKey, LayerKind, Objects, encode_layer
from semcom.semantic.layers.class_map import MAX_DIVISOR
from semcom.semantic.layers.map_colours import MapColours, colours_of
from semcom.semantic.systems.es_isc.preset import Preset, Profile

ALWAYS = 1000.0
"""Benefit of a kind of layer that goes before everything else; the next one in the profile's list has a tenth."""
ENOUGH = 5.0
"""Benefit of a map that the profile's least share asks for: more than any number of pixels, less than any `ALWAYS`."""
COLOURS_NUMBER = 64
"""Behind the numbers of sub-images."""
MOST_COLOURS = 20
"""Regions of the class map whose colour is sent."""
MOST_COLOUR_BYTES = 46
"""Of the layer with its frame."""
OBJECT_COUNTS = (1, 2, 3, 5, 8, 12)

_NUMBERS = {LayerKind.CAPTION: 1, LayerKind.OBJECTS: 2, LayerKind.CLASS_MAP: 3, LayerKind.DETAIL_MAP: 4}


class OperatingPoints:
    """Versions of the caption, the objects, the class map and the detail map of one picture, each coded once.

    Parameters
    ----------
    seen : Understanding
    preset : Preset
    profile : Profile
    """

    def __init__(self, seen: Understanding, preset: Preset, profile: Profile) -> None:
        self._seen, self._preset, self._profile = seen, preset, profile
        self._coded: dict[LayerKind, list[tuple[Layer, float]]] = {}
        self._coloured: dict[tuple[int, int], MapColours] = {}

    def within(self, budget_bytes: int, identity: tuple[int, int, int]) -> dict[str, list[Version]]:
        """Versions that may go into a packet of so many bytes, by the label of their kind; the first leaves it out."""
        cells = self._profile.least_class_map_cells(budget_bytes)
        with_details = budget_bytes >= self._profile.detail_map_from_bytes
        enough = {
            LayerKind.CLASS_MAP: lambda content: cells > 0 and _has_cells(content, cells),
            LayerKind.DETAIL_MAP: lambda content: True,
        }
        always = self._profile.always
        found = {}
        for kind, number in _NUMBERS.items():
            first = ALWAYS * 0.1 ** always.index(kind.label) if kind.label in always else 0.0
            versions = [Version(0, 0.0)]
            for layer, benefit in self._layers(kind) if kind != LayerKind.DETAIL_MAP or with_details else ():
                is_enough = kind in enough and enough[kind](layer.content)
                mine = replace(layer, key=LayerKey(*identity, number))
                versions.append(Version(framed_bytes(mine), benefit + first + ENOUGH * is_enough, mine))
            found[kind.label] = versions
        return found

    def colours(self, layers: list[Layer], identity: tuple[int, int, int], most: int = MOST_COLOURS) -> list[Layer]:
        """The layer with the colours of at most so many regions of the class map among some layers, if there is one."""
        maps = [layer for layer in layers if layer.kind == LayerKind.CLASS_MAP]
        if not maps:
            return []
        known = maps[0].content.divisor, most
        if known not in self._coloured:
            self._coloured[known] = colours_of(maps[0].content, self._seen.picture, most)
        key = LayerKey(*identity, COLOURS_NUMBER)
        return [encode_layer(key, LayerKind.MAP_COLOURS, self._coloured[known])]

    def _layers(self, kind: LayerKind) -> list[tuple[Layer, float]]:
        """Each version coded, and its benefit; coded when the kind is first asked for."""
        if kind not in self._coded:
            key = LayerKey(0, 0, 1, _NUMBERS[kind])
            self._coded[kind] = [
                (encode_layer(key, kind, content), benefit) for content, benefit in self._contents(kind)
            ]
        return self._coded[kind]

    def _contents(self, kind: LayerKind) -> Iterable[tuple[Any, float]]:
        seen, weights = self._seen, self._profile.weights
        if kind == LayerKind.CAPTION:
            return _captions(seen.caption)
        if kind == LayerKind.OBJECTS:
            return _objects(seen.objects, weights["objects"])
        if kind == LayerKind.CLASS_MAP:
            return _class_maps(seen, self._preset, weights["class_map"])
        return _detail_maps(seen, self._preset, weights["detail_map"])


def _captions(caption: Caption) -> Iterable[tuple[Caption, float]]:
    """The caption; its first sentence alone."""
    end = caption.text.find(". ") + 1
    if end:
        entities = tuple(span for span in caption.entities if span[1] <= end)
        yield Caption(caption.text[:end], entities), 0.0
    yield caption, 1.0


def _objects(objects: Objects, weight: float) -> Iterable[tuple[Objects, float]]:
    """The most important objects: more and more of them. An object weighs what its box covers, root-scaled."""
    weights = [
        item.score * ((item.box[2] - item.box[0]) * (item.box[3] - item.box[1])) ** 0.5 for item in objects.items
    ]
    for count in sorted({min(count, len(weights)) for count in OBJECT_COUNTS}):
        share = sum(weights[:count]) / sum(weights) if count else 1.0
        yield replace(objects, items=objects.items[:count]), weight * share


def _class_maps(seen: Understanding, preset: Preset, weight: float) -> Iterable[tuple[ClassMap, float]]:
    """Coarse to fine; the benefit is how well the enlarged map agrees with the full one."""
    height, width = seen.labels.shape
    for divisor in _divisors(seen, preset.class_map_sides):
        content = class_map_at(seen, preset, divisor)
        rows, columns = np.arange(height) // divisor, np.arange(width) // divisor
        yield content, weight * agreement(seen.labels, content.labels[rows[:, None], columns])


def _detail_maps(seen: Understanding, preset: Preset, weight: float) -> Iterable[tuple[DetailMap, float]]:
    """Coarse to fine; the benefit is the length of the boundaries shown, weighed by how sure they are."""
    found = []
    for side, fineness in preset.detail_maps:
        (divisor,) = _divisors(seen, (side,))
        strength = cell_means(seen.boundary, divisor)
        edges = boundaries(strength, fineness)
        content = DetailMap(seen.objects.width, seen.objects.height, divisor * seen.reduction, edges)
        found.append((content, float(strength[edges].sum()) * divisor))
    best = max(shown for _, shown in found)
    for content, shown in found:
        yield content, weight * (shown / best if best else 1.0)


def class_map_at(seen: Understanding, preset: Preset, divisor: int) -> ClassMap:
    """The class map with one cell for each `divisor` × `divisor` pixels of the working picture."""
    labels = without_specks(majority(seen.labels, divisor), preset.speck_cells)
    objects = seen.objects
    return ClassMap(objects.width, objects.height, objects.vocabulary, divisor * seen.reduction, labels)


def detail_map_at(seen: Understanding, divisor: int, fineness: float) -> DetailMap:
    """The detail map with one cell for each `divisor` × `divisor` pixels of the working picture."""
    edges = boundaries(cell_means(seen.boundary, divisor), fineness)
    return DetailMap(seen.objects.width, seen.objects.height, divisor * seen.reduction, edges)


def agreement(labels: np.ndarray, other: np.ndarray) -> float:
    """How well a label map agrees with another, 0..1.

    Mean intersection over union of the categories that occur in `labels`, each weighed by the root of its area, so
    that a person counts beside a sky.
    """
    areas = np.bincount(labels.ravel(), minlength=256)
    others = np.bincount(other.ravel(), minlength=256)
    common = np.bincount(labels[labels == other].ravel(), minlength=256)
    here = areas > 0
    overlap = common[here] / (areas + others - common)[here]
    weights = np.sqrt(areas[here])
    return float((overlap * weights).sum() / weights.sum())


def _divisors(seen: Understanding, sides: tuple[int, ...]) -> list[int]:
    """Divisors of the working picture for some sides, each once, coarse to fine."""
    height, width = seen.labels.shape
    most = MAX_DIVISOR // seen.reduction
    return list(dict.fromkeys(min(divisor_for(width, height, side), most) for side in sides))


def _has_cells(class_map: ClassMap, cells: int) -> bool:
    """Whether a map is as fine as asked; one in four pixels is always fine enough."""
    return class_map.divisor <= max(4, divisor_for(class_map.width, class_map.height, cells))


def chosen_layers(chosen: dict[str, Version]) -> list[Layer]:
    """The layers of the versions that were chosen."""
    return [version.layer for version in chosen.values() if version.layer is not None]
