"""The drawing decoder: every packet becomes a picture without any model, from whatever layers arrived.

```
semantic bases ──► picture (from_bases.py) ───────┐
picture, analog blocks ──► enlarged ──────────────┤
scene sub-image ──► enlarged along the segments ──┤
class map, detail map ──► segments ───────────────┤
colours of the map, where no scene arrived ───────┼──► close-ups, cut-outs ──► outlines ──► drawing + provenance
objects (boxes), where no map arrived ────────────┘
```
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from semcom.semantic.layers import WHOLE_SCENE, ClassMap, DetailMap, LayerKind, Objects, SubImage
from semcom.semantic.layers.class_map import spread
from semcom.semantic.layers.map_colours import paint
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance as prov
from semcom.semantic.reconstruct.analog import analog_blocks, analog_picture
from semcom.semantic.reconstruct.from_bases import has_bases, picture_from_bases
from semcom.semantic.reconstruct.pasting import cut_outs_of, paste_cut_out
from semcom.semantic.reconstruct.pasting import scaled_box as _scaled
from semcom.semantic.reconstruct.scene import scene_of
from semcom.semantic.reconstruct.upsampling import guided_upsample, render_size

PAPER = (232, 230, 224)
INK = np.array((40, 40, 46))
FEATHER_PIXELS = 6
MAX_COVER = 4
MIN_SEGMENT_CELLS = 6


def draw(packet: SemanticPacket, max_pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a packet.

    Parameters
    ----------
    packet : SemanticPacket
        Any subset of layers, as long as one of them tells the picture's size.
    max_pixels : int
        Larger pictures are drawn smaller, in the same shape.

    Returns
    -------
    drawing : uint8 [height, width, 3]
    provenance : uint8 [height, width]
        See `reconstruct.provenance`.
    """
    full_width, full_height = packet.size
    width, height = render_size(full_width, full_height, max_pixels)
    class_map = packet.content(LayerKind.CLASS_MAP)
    detail_map = packet.content(LayerKind.DETAIL_MAP)
    objects = packet.content(LayerKind.OBJECTS)
    sub_images = [layer.content for layer in packet.of_kind(LayerKind.SUB_IMAGE)]
    close_ups = [sub_image for sub_image in sub_images if sub_image.object_id != WHOLE_SCENE]

    segments, classes = _guides(class_map, detail_map, width, height)
    provenance = np.zeros((height, width), np.uint8)
    if class_map is not None or detail_map is not None:
        provenance |= prov.SHAPE_RECEIVED
    whole, analog = packet.content(LayerKind.PICTURE), analog_blocks(packet)
    best = scene_of(packet)
    based = picture_from_bases(packet) if has_bases(packet) else None
    if based is not None:
        drawing, more = (np.array(_fitted(part, width, height)) for part in based)
        provenance |= more
    elif whole is not None and (best is None or whole.reduction <= best.reduction):
        drawing = whole.shown(width, height)
        provenance |= prov.resolution_level(whole.reduction)
    elif best is not None:
        drawing = guided_upsample(best.pixels, segments, classes)
        provenance |= prov.resolution_level(best.reduction)
    elif analog:
        drawing = np.array(Image.fromarray(analog_picture(analog)).resize((width, height), Image.Resampling.BICUBIC))
        provenance |= prov.resolution_level(1.0)
    elif class_map is not None:
        drawing = _coloured(packet, class_map, class_map.vocabulary.colour_map(classes))
    else:
        drawing = np.full((height, width, 3), PAPER, np.uint8)
        if objects is not None:
            _draw_boxes(drawing, objects)
    if detail_map is not None and best is None and whole is None and based is None and not analog:
        _draw_outlines(drawing, detail_map)
    for close_up in reversed(_affordable(close_ups, width, height)):
        _paste(drawing, provenance, close_up)
    for cut_out in reversed(_affordable(cut_outs_of(packet), width, height)):
        paste_cut_out(drawing, provenance, cut_out)
    return drawing, provenance


class Drawing:
    """The drawing decoder as a reconstructor; it makes nothing up, so `texture` and `seed` change nothing."""

    name = "drawing"

    def __call__(
        self, packet: SemanticPacket, max_pixels: int, texture: float = 0.0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `draw`."""
        return draw(packet, max_pixels)


def _coloured(packet: SemanticPacket, class_map: ClassMap, drawing: np.ndarray) -> np.ndarray:
    """The map in the regions' own colours where they arrived, else as `drawing` has it, in those of the categories."""
    for layer in packet.of_kind(LayerKind.MAP_COLOURS):
        if layer.content.divisor == class_map.divisor:
            return paint(class_map, layer.content, drawing)
    return drawing


def _fitted(array: np.ndarray, width: int, height: int) -> Image.Image:
    """A picture or its provenance at the size at which it is shown."""
    image = Image.fromarray(array)
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.NEAREST if array.ndim == 2 else Image.Resampling.LANCZOS)


def _affordable(close_ups: list, width: int, height: int) -> list:
    """Of close-ups or cut-outs the finest, while they cover the drawing at most `MAX_COVER` times: bounds time."""
    chosen, left = [], MAX_COVER * width * height
    for close_up in sorted(close_ups, key=lambda sub_image: sub_image.reduction):
        x0, y0, x1, y1 = _scaled(close_up.box, close_up.width, close_up.height, width, height)
        left -= (x1 - x0) * (y1 - y0)
        if left < 0:
            break
        chosen.append(close_up)
    return chosen


def _guides(
    class_map: ClassMap | None, detail_map: DetailMap | None, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Areas between boundaries, int32, and categories, uint8, both [height, width]; zeros where a map is missing."""
    segments = np.zeros((height, width), np.int32)
    classes = np.zeros((height, width), np.uint8)
    if detail_map is not None:
        areas = _fill(detail_map.edges).astype(np.int32)
        segments = spread(areas, detail_map.divisor, (detail_map.width, detail_map.height), (width, height))
    if class_map is not None:
        classes = class_map.shown(width, height)
    return segments, classes


def _fill(edges: np.ndarray) -> np.ndarray:
    """Number the areas between boundaries; boundary pixels and specks join the nearest area."""
    areas, count = ndimage.label(~edges)
    if count == 0:
        return np.zeros(edges.shape, np.int32)
    sizes = np.bincount(areas.ravel(), minlength=count + 1)
    lost = edges | (sizes[areas] < MIN_SEGMENT_CELLS)
    if lost.all():
        return np.zeros(edges.shape, np.int32)
    nearest = ndimage.distance_transform_edt(lost, return_distances=False, return_indices=True)
    return areas[tuple(nearest)]


def _draw_outlines(drawing: np.ndarray, detail_map: DetailMap) -> None:
    edges = detail_map.shown(drawing.shape[1], drawing.shape[0])
    drawing[edges] = (drawing[edges] * 0.35 + INK * 0.65).astype(np.uint8)


def _draw_boxes(drawing: np.ndarray, objects: Objects) -> None:
    """Coloured boxes, least important first, so that the most important lie on top."""
    height, width = drawing.shape[:2]
    for item in reversed(objects.items):
        x0, y0, x1, y1 = _scaled(item.box, objects.width, objects.height, width, height)
        shade = np.array(objects.vocabulary[item.category].colour)
        drawing[y0:y1, x0:x1] = (0.4 * drawing[y0:y1, x0:x1] + 0.6 * shade).astype(np.uint8)
        thickness = max(1, min(width, height) // 200)
        for inner in (
            drawing[y0 : y0 + thickness, x0:x1], drawing[y1 - thickness : y1, x0:x1],
            drawing[y0:y1, x0 : x0 + thickness], drawing[y0:y1, x1 - thickness : x1],
        ):  # fmt: skip
            inner[:] = shade


def _paste(drawing: np.ndarray, provenance: np.ndarray, close_up: SubImage) -> None:
    """Lay a close-up over the drawing, feathered at its edge, where it is finer than what is there."""
    height, width = drawing.shape[:2]
    x0, y0, x1, y1 = _scaled(close_up.box, close_up.width, close_up.height, width, height)
    level = prov.resolution_level(close_up.reduction)
    there = provenance[y0:y1, x0:x1] & prov.RESOLUTION_MASK
    finer = (there == 0) | (there > level)
    if not finer.any():
        return
    fitted = Image.fromarray(close_up.pixels).resize((x1 - x0, y1 - y0), Image.Resampling.BICUBIC)
    mask = np.where(finer, _feather(x0, y0, x1, y1, width, height), 0)
    target = Image.fromarray(drawing[y0:y1, x0:x1])
    target.paste(fitted, (0, 0), Image.fromarray(mask.astype(np.uint8)))
    drawing[y0:y1, x0:x1] = target
    kept = provenance[y0:y1, x0:x1] & np.uint8(255 - prov.RESOLUTION_MASK)
    provenance[y0:y1, x0:x1] = np.where(finer, kept | level, provenance[y0:y1, x0:x1])


def _feather(x0: int, y0: int, x1: int, y1: int, width: int, height: int) -> np.ndarray:
    """uint8 [rows, columns]: 255 inside, falling at those sides that are not the picture's own edge."""

    def ramp(first: int, last: int, side: int) -> np.ndarray:
        position = np.arange(first, last)
        reach = min(FEATHER_PIXELS, max(1, (last - first) // 4))
        low = np.ones(last - first) if first == 0 else (position - first + 1) / reach
        high = np.ones(last - first) if last == side else (last - position) / reach
        return np.clip(np.minimum(low, high), 0.0, 1.0)

    rows, columns = np.rint(16 * ramp(y0, y1, height)), np.rint(16 * ramp(x0, x1, width))
    weight = rows.astype(np.uint16)[:, None] * columns.astype(np.uint16)
    return np.minimum(weight, 255).astype(np.uint8)
