"""Layers that answer a refinement request: close-ups, a finer map, a better scene, all from one analysis."""

from __future__ import annotations

from dataclasses import replace

from semcom.semantic.coding.picture_fitting import MAX_PICTURE_PIXELS
from semcom.semantic.errors import SemanticError
from semcom.semantic.extract.region_selector import Region, with_margin
from semcom.semantic.layers import Layer, LayerKey, LayerKind, Objects, SceneObject, encode_layer
from semcom.semantic.packet import SemanticPacket, pixels_left
from semcom.semantic.refinement import RefinementRequest, Subject
from semcom.semantic.systems.es_isc.analysis import EsIscAnalysis
from semcom.semantic.systems.es_isc.operating_points import class_map_at, detail_map_at
from semcom.semantic.systems.es_isc.sub_images import close_up_of

DIVISORS = (1, 2, 3, 4, 6, 8, 12, 16)
"""Of finer maps, in pixels of the working picture."""
FINER = 0.8
"""Divisor of a finer map over that of the one at hand, at most: less of a difference is not worth the bytes."""


def refinement_layers(analysis: EsIscAnalysis, request: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
    """Layers that answer a request about a packet of the analysed picture; none where there is nothing more to say.

    Raises
    ------
    SemanticError
        An object that the packet does not list.
    """
    free = min(pixels_left(packet.layers), MAX_PICTURE_PIXELS)
    numbers = iter(sorted(set(range(1, 256)) - {layer.key.layer for layer in packet.layers}))
    if request.subject in (Subject.OBJECT, Subject.CATEGORIES):
        objects = packet.content(LayerKind.OBJECTS)
        wanted = _wanted(request, objects)
        share = request.max_bytes // max(1, len(wanted))
        regions = [Region(item.object_id, with_margin(item, objects.width, objects.height)) for item in wanted]
        image, identity, pixels = analysis.picture, packet.identity, free // max(1, len(wanted))
        made = [close_up_of(image, region, share, LayerKey(*identity, next(numbers)), pixels) for region in regions]
        return [layer for layer in made if layer is not None]
    key = LayerKey(*packet.identity, next(numbers))
    if request.subject == Subject.SCENE:
        layer = analysis.scene.fresh_layer(request.max_bytes, packet.identity, free)
        return [] if layer is None else [replace(layer, key=key)]
    return _finer_map(analysis, request, packet, key, free)


def _finer_map(
    analysis: EsIscAnalysis, request: RefinementRequest, packet: SemanticPacket, key: LayerKey, free: int
) -> list[Layer]:
    """The finest map that fits bytes and free coded pixels, if it is finer than the one of the packet."""
    seen, preset = analysis.seen, analysis.preset
    kind = LayerKind.CLASS_MAP if request.subject == Subject.CLASS_MAP else LayerKind.DETAIL_MAP
    at_hand = packet.content(kind)
    for divisor in DIVISORS:
        if at_hand is not None and divisor * seen.reduction > FINER * at_hand.divisor:
            break
        if kind == LayerKind.CLASS_MAP:
            content = class_map_at(seen, preset, divisor)
        else:
            content = detail_map_at(seen, divisor, preset.detail_maps[-1][1])
        layer = encode_layer(key, kind, content)
        if len(layer.payload) <= request.max_bytes and layer.coded_pixels <= free:
            return [layer]
    return []


def _wanted(request: RefinementRequest, objects: Objects | None) -> list[SceneObject]:
    items = objects.items if objects is not None else ()
    if request.subject == Subject.CATEGORIES:
        return [item for item in items if item.category in request.categories]
    found = [item for item in items if item.object_id == request.object_id]
    if not items:
        raise SemanticError(f"object {request.object_id} is not there: the packet lists no objects")
    if not found:
        raise SemanticError(f"object must be 1 to {len(items)}, got {request.object_id}")
    return found
