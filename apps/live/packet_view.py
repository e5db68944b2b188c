"""A packet as a page shows it: caption, objects and layers as plain JSON, and drawings over the photo."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcom.apps.live.gallery import Gallery, LivePicture
from semcom.semantic import Layer, SemanticPacket
from semcom.semantic.layers.class_map import ClassMap
from semcom.semantic.layers.objects import Objects
from semcom.semantic.layers.sub_image import SubImage

SHOWN_LAYERS = ("objects", "class_map", "detail_map")


def draw_findings(gallery: Gallery, picture: LivePicture, pixels: np.ndarray, packet: SemanticPacket) -> None:
    """What the sender sees in the photo, over the photo: uint8 [height, width, 3]."""
    for layer in packet.layers:
        kind = layer.kind.type
        if kind is None or kind.label not in SHOWN_LAYERS or layer.content is None:
            continue
        drawn = kind.draw(layer.content, pixels)
        if drawn is not None:
            gallery.show(picture, kind.label, drawn[0])


def without_layers(packet: SemanticPacket, skipped: frozenset[str]) -> SemanticPacket:
    """The packet without some kinds of layers (`settings.SKIPPABLE`); the header always stays."""
    if not skipped:
        return packet
    header = packet.header
    if header is None or packet.size is None:
        return packet
    kept = [layer for layer in packet.layers if layer.content is not header and not _is_skipped(layer, skipped)]
    here = {layer.key for layer in kept}
    kept = [layer for layer in kept if set(layer.requires) <= here]
    return SemanticPacket.build(packet.size, header.system, kept, packet.identity)


def _is_skipped(layer: Layer, skipped: frozenset[str]) -> bool:
    is_close_up = isinstance(layer.content, SubImage) and not (layer.content.is_scene or layer.content.is_refinement)
    return layer.kind.label in skipped or (is_close_up and "close_ups" in skipped)


def what_a_packet_says(packet: SemanticPacket) -> dict[str, Any]:
    """Caption, objects and layers of a packet as plain JSON."""
    told: dict[str, Any] = {"caption": None, "words": [], "objects": [], "layers": [], "close_ups": []}
    for layer in packet.layers:
        told["layers"].append(
            {
                "layer": layer.key.layer,
                "name": layer.name,
                "kind": layer.kind.label,
                "subject": _subject(layer.content) if isinstance(layer.content, SubImage) else None,
                "bytes": len(layer.payload),
                "importance": layer.importance,
                "colour": getattr(layer.kind.type, "colour", "#777777"),
            }
        )
        content = layer.content
        if isinstance(content, Objects):
            told["objects"] = [
                {
                    "number": item.object_id,
                    "category": content.vocabulary[item.category].name,
                    "word": item.word or None,
                    "score": round(float(item.score), 2),
                    "box": _shares(item.box, content.width, content.height),
                }
                for item in content.items
            ]
        elif isinstance(content, SubImage) and not (content.is_scene or content.is_refinement):
            told["close_ups"].append(_shares(content.box, content.width, content.height))
        elif layer.kind.label == "caption":
            told["caption"], told["words"] = content.text, list(content.entity_words)
    told["backing"] = backing_of(packet, told["words"], told["objects"])
    return told


def backing_of(packet: SemanticPacket, words: list[str], objects: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What else in the packet speaks for each word of the caption that names something: an object, or the map."""
    shares = _shares_of_map(packet)
    told = []
    for word in words:
        said = {word.lower(), word.lower().removesuffix("s")}
        found = [item for item in objects if said & {item["category"].lower(), (item["word"] or "").lower()}]
        share = next((value for name, value in shares.items() if name.lower() in said), 0.0)
        by = [f"object {item['number']}, {item['score']:.0%} sure" for item in found]
        by += [f"{share:.0%} of the map"] if share else []
        told.append({"word": word, "by": "; ".join(by) or "the caption alone"})
    return told


def _subject(content: SubImage) -> str:
    """What a small picture shows, and in how many pixels."""
    height, width = content.pixels.shape[:2]
    return f"{content.subject}, {width} × {height} pixels"


def _shares_of_map(packet: SemanticPacket) -> dict[str, float]:
    """Share of the class map by name of the category."""
    for layer in packet.layers:
        if isinstance(layer.content, ClassMap):
            numbers, counts = np.unique(layer.content.labels, return_counts=True)
            names = [layer.content.vocabulary[int(number)].name for number in numbers]
            return dict(zip(names, (counts / counts.sum()).tolist(), strict=True))
    return {}


def _shares(box: tuple[int, int, int, int], width: int, height: int) -> list[float]:
    """A box in pixels as shares of the picture, left, top, right, bottom."""
    return [round(edge / side, 4) for edge, side in zip(box, (width, height, width, height), strict=True)]
