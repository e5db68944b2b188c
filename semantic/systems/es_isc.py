"""ES-ISC: caption, segmentation maps A and B, and sub-images (Ye et al., "ES-ISC Demo", §II).

```
picture ─► segmenter ─► labels, score ─► vote in regions ─┬─► objects ─┬─► caption
        └► detailer ─► boundaries ──────────┘             │            └─► close-ups of the objects  (bytes left)
        │                 └─► detail map                  └─► class map
        └► scene picture  (bytes left)
```
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.coding.picture import MAX_PICTURE_BYTES, decode_picture, encode_picture
from semcom.semantic.errors import LayerError, SemanticError
from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.extract.detailer import boundaries, segments
from semcom.semantic.extract.instances import InstanceRules, find_objects
from semcom.semantic.extract.map_scaling import cell_means, divisor_for, majority, without_specks
from semcom.semantic.extract.region_selector import select_regions
from semcom.semantic.extract.region_voting import vote_in_regions
from semcom.semantic.layers import (
    WHOLE_SCENE,
    ClassMap,
    DetailMap,
    Layer,
    LayerKey,
    LayerKind,
    Objects,
    SubImage,
    encode_layer,
)
from semcom.semantic.layers.objects import quantise
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.systems import load_preset
from semcom.semantic.vocabulary import NO_LABEL

MIN_BUDGET_BYTES = 150
SUB_IMAGE_OVERHEAD_BYTES = 20
MIN_SUB_IMAGE_BYTES = 60
SCENE_IMPORTANCE = 4


@dataclass(frozen=True)
class Preset:
    """Contents of ``es-isc.yml``; see the comments there."""

    name: str
    segmenter: str
    detailer: str
    fineness: float
    voting_fineness: float
    least_score_in_words: float
    class_map_longer_side: int
    speck_cells: int
    detail_map_longer_side: int
    max_objects: int
    max_close_ups: int
    scene_longer_side: int
    close_up_longer_side: int
    compression: float
    least_pixels: float
    scene_share: float


class EsIsc:
    """The transmitter's half of ES-ISC.

    Parameters
    ----------
    preset : Preset or None
        None takes ``es-isc.yml``.
    """

    def __init__(self, preset: Preset | None = None) -> None:
        if preset is None:
            values = load_preset("es-isc")
            unknown = set(values) ^ {field.name for field in fields(Preset)}
            if unknown:
                raise SemanticError(f"es-isc.yml: keys missing or unknown: {sorted(unknown)}")
            preset = Preset(**values)
        self.preset = preset

    def encode(
        self, image: np.ndarray, budget_bytes: int | None = None, identity: tuple[int, int, int] = (0, 0, 1)
    ) -> SemanticPacket:
        """Picture → packet.

        Parameters
        ----------
        image : uint8 [height, width, 3]
        budget_bytes : int or None
            Bytes aimed at for the whole packet; the meaning layers are always made, pixels take what is left. None
            takes the preset's compression.
        identity : (stream, group, picture)

        Returns
        -------
        SemanticPacket
        """
        preset = self.preset
        if budget_bytes is not None and budget_bytes < MIN_BUDGET_BYTES:
            raise SemanticError(f"budget must be at least {MIN_BUDGET_BYTES} bytes, got {budget_bytes}")
        height, width = image.shape[:2]

        segmenter = registry.create("segmenters", preset.segmenter)
        probability = registry.create("detailers", preset.detailer)(image)
        segmentation = segmenter(image)
        regions = segments(probability, preset.voting_fineness)
        labels, score = vote_in_regions(segmentation.labels, segmentation.score, regions)
        rules = InstanceRules(max_objects=preset.max_objects)
        objects = quantise(find_objects(labels, score, segmenter.vocabulary, rules))
        sure_labels = np.where(score >= preset.least_score_in_words, labels, np.uint8(NO_LABEL))

        contents = [
            (LayerKind.CAPTION, compose_caption(image, sure_labels, objects)),
            (LayerKind.OBJECTS, objects),
            (LayerKind.CLASS_MAP, self._class_map(labels, segmenter.vocabulary)),
            (LayerKind.DETAIL_MAP, self._detail_map(probability)),
        ]
        layers = [
            encode_layer(LayerKey(*identity, number), kind, content)
            for number, (kind, content) in enumerate(contents, start=1)
        ]
        spent = len(SemanticPacket.build((width, height), preset.name, layers, identity).to_bytes())
        if budget_bytes is None:
            budget_bytes = max(int(image.size / preset.compression), int(spent / (1 - preset.least_pixels)))
        layers += self._sub_images(image, objects, budget_bytes - spent, identity, len(layers) + 1)
        return SemanticPacket.build((width, height), preset.name, layers, identity)

    def _class_map(self, labels: np.ndarray, vocabulary) -> ClassMap:
        height, width = labels.shape
        divisor = divisor_for(width, height, self.preset.class_map_longer_side)
        return ClassMap(
            width, height, vocabulary, divisor, without_specks(majority(labels, divisor), self.preset.speck_cells)
        )

    def _detail_map(self, probability: np.ndarray) -> DetailMap:
        height, width = probability.shape
        divisor = divisor_for(width, height, self.preset.detail_map_longer_side)
        return DetailMap(width, height, divisor, boundaries(cell_means(probability, divisor), self.preset.fineness))

    def _sub_images(
        self, image: np.ndarray, objects: Objects, budget_bytes: int, identity: tuple[int, int, int], number: int
    ) -> list[Layer]:
        """Scene first, then close-ups, in the bytes that are left; what does not fit is left out."""
        preset = self.preset
        height, width = image.shape[:2]
        regions = select_regions(objects, preset.max_close_ups)
        scene_bytes = int(budget_bytes * (preset.scene_share if regions else 1.0))
        wanted = [(WHOLE_SCENE, (0, 0, width, height), preset.scene_longer_side, scene_bytes)]
        areas = [math.sqrt((box[2] - box[0]) * (box[3] - box[1])) for _, box in ((r.object_id, r.box) for r in regions)]
        for region, area in zip(regions, areas, strict=True):
            share = int((budget_bytes - scene_bytes) * area / sum(areas))
            wanted.append((region.object_id, region.box, preset.close_up_longer_side, share))
        layers = []
        for object_id, box, longer_side, max_bytes in wanted:
            if max_bytes < SUB_IMAGE_OVERHEAD_BYTES + MIN_SUB_IMAGE_BYTES:
                continue
            small = _shrunk(image, box, longer_side)
            try:
                coded = encode_picture(small, min(max_bytes - SUB_IMAGE_OVERHEAD_BYTES, MAX_PICTURE_BYTES))
            except LayerError:  # this region cannot be coded in so few bytes: a smaller share of meaning, not a failure
                continue
            pixels = decode_picture(coded, *small.shape[:2])
            content = SubImage(width, height, object_id, box, pixels, coded)
            importance = SCENE_IMPORTANCE if object_id == WHOLE_SCENE else None
            key = LayerKey(*identity, number + len(layers))
            layers.append(encode_layer(key, LayerKind.SUB_IMAGE, content, importance))
        return layers


def _shrunk(image: np.ndarray, box: tuple[int, int, int, int], longer_side: int) -> np.ndarray:
    """The region of a picture, its longer side at most `longer_side` pixels."""
    x0, y0, x1, y1 = box
    region = Image.fromarray(image[y0:y1, x0:x1])
    scale = min(1.0, longer_side / max(region.size))
    size = tuple(max(8, round(side * scale)) for side in region.size)
    return np.asarray(region.resize(size, Image.Resampling.LANCZOS))
