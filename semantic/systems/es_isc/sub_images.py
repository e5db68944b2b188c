"""S-img: the whole scene and close-ups of its regions, in the bytes that the layers of meaning leave.

From a budget on the scene goes out in two layers: a base that matters as much as the class map, and a finer scene, of
which, where bytes are few, only the brightness is coded that it has more than the enlarged base.
"""

from __future__ import annotations

import math

import numpy as np

from semcom.semantic.coding.picture_fitting import (
    DISTORTION_EXPONENT,
    MAX_PICTURE_PIXELS,
    FittedPicture,
    PictureFitter,
    has_avif,
)
from semcom.semantic.coding.prediction import FULL_WEIGHT, Prediction
from semcom.semantic.extract.region_selector import Region
from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import WHOLE_SCENE, Layer, LayerKey, LayerKind, SubImage, encode_layer
from semcom.semantic.reconstruct.provenance import resolution_level

SCENE_IMPORTANCE, BASE_IMPORTANCE = 4, 5
BASE_SHARE, BASE_LEAST_BYTES, BASE_MOST_PIXELS = 0.075, 250, 1 << 16
"""Of the scene's bytes, for its base; it has at least so many, and no base leaves less than as much for the rest."""
DIFFERENCE_BELOW_BYTES = 1400
"""With more for the finer scene it is coded by itself: the base tells little of it then, and its colours are coarse."""
REFINEMENT_FRAMING_BYTES = 24
SCENE_FRAMING_BYTES, CLOSE_UP_FRAMING_BYTES = 18, 30
"""Most that a sub-image layer costs besides its picture."""
MIN_PICTURE_BYTES = 40
USUAL_CLOSE_UP_BYTES = 250
"""Of one close-up: with fewer it would be too small to tell anything."""
LEAST_MEASURED_BYTES = 100
CODED_BITS_PER_PIXEL = 0.4
"""About what a well coded small picture has; tells which region can be shown finely enough with so many bytes."""
FIRST_NUMBER = 5
USUAL_DISTORTION = 0.25
"""1 - MS-SSIM of most photos of half a megapixel in a thousand bytes."""


class SceneCoder:
    """Codes the whole scene, and knows what bytes are worth to it. What was tried once is remembered.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    quick : bool
        See `PictureFitter`.
    """

    def __init__(self, image: np.ndarray, quick: bool = False) -> None:
        self._image = image
        self._fitter = PictureFitter(image, quick)
        self._bases: dict[tuple[int, int], FittedPicture | None] = {}  # by its most bytes and pixels
        self._beyond: dict[bytes, PictureFitter] = {}  # by the coded base
        self._point: tuple[float, float] | None = None  # bytes and distortion measured
        self._measured = self._fitter.last

    def measure(self, max_bytes: int) -> None:
        """Measure what about so many bytes give: the benefit is judged by this picture, not by the mean of photos.

        What follows depends on `max_bytes` alone, not on what was coded before.
        """
        self._fitter.restart()
        quick = self._fitter.probe(max(max_bytes - SCENE_FRAMING_BYTES, LEAST_MEASURED_BYTES), most_sizes=1)
        self._measured = self._fitter.last
        self._point = (len(quick.coded), 1.0 - quick.likeness) if quick else None

    def benefit(self, num_bytes: int) -> float:
        """Expected MS-SSIM of the scene, enlarged, in a layer of so many bytes; 0 where there is no picture."""
        picture_bytes = num_bytes - SCENE_FRAMING_BYTES
        if self._point is None or picture_bytes < MIN_PICTURE_BYTES:
            return 0.0
        measured_bytes, distortion = self._point
        return max(0.0, 1.0 - distortion * (picture_bytes / measured_bytes) ** -DISTORTION_EXPONENT)

    def layer(
        self, max_bytes: int, identity: tuple[int, int, int], max_pixels: int = MAX_PICTURE_PIXELS
    ) -> Layer | None:
        """The scene in at most so many bytes and coded pixels; None where it does not fit."""
        height, width = self._image.shape[:2]
        box = (0, 0, width, height)
        key = LayerKey(*identity, FIRST_NUMBER)
        return _fitted_layer(self._fitter, max_bytes, max_pixels, (width, height), WHOLE_SCENE, box, key)

    def layers(
        self,
        max_bytes: int,
        base_most_bytes: int,
        identity: tuple[int, int, int],
        max_pixels: int = MAX_PICTURE_PIXELS,
    ) -> list[Layer]:
        """The scene in at most so many bytes and coded pixels: base and refinement, or one layer, or none."""
        base_bytes = base_bytes_of(max_bytes, base_most_bytes)
        found = self._two_layers(base_bytes, max_bytes, identity, max_pixels) if base_bytes else []
        return found or [layer for layer in [self.layer(max_bytes, identity, max_pixels)] if layer is not None]

    def _two_layers(
        self, base_bytes: int, max_bytes: int, identity: tuple[int, int, int], max_pixels: int
    ) -> list[Layer]:
        """Base and refinement; none where either does not fit, or the refinement would not improve the base."""
        height, width = self._image.shape[:2]
        coarse = self._base(base_bytes - SCENE_FRAMING_BYTES, min(max_pixels, BASE_MOST_PIXELS))
        if coarse is None or not has_avif():
            return []
        content = SubImage(width, height, WHOLE_SCENE, (0, 0, width, height), coarse.pixels, coarse.coded)
        base = encode_layer(LayerKey(*identity, FIRST_NUMBER), LayerKind.SUB_IMAGE, content, BASE_IMPORTANCE)
        left = max_bytes - framed_bytes(base) - REFINEMENT_FRAMING_BYTES
        fine = self._refined(coarse, left, max_pixels - base.coded_pixels)
        if fine is None or fine.likeness <= coarse.likeness:
            return []
        content = SubImage(width, height, WHOLE_SCENE, (0, 0, width, height), fine.pixels, fine.coded)
        key, requires = LayerKey(*identity, FIRST_NUMBER + 1), (base.key,) if content.is_refinement else ()
        return [base, encode_layer(key, LayerKind.SUB_IMAGE, content, SCENE_IMPORTANCE, requires)]

    def _base(self, max_bytes: int, max_pixels: int) -> FittedPicture | None:
        if (max_bytes, max_pixels) not in self._bases:
            self._fitter.restart()
            self._bases[max_bytes, max_pixels] = self._fitter.fit(max_bytes, max_pixels)
        return self._bases[max_bytes, max_pixels]

    def _refined(self, coarse: FittedPicture, max_bytes: int, max_pixels: int) -> FittedPicture | None:
        """The finer scene: what it has more than its base, or by itself where the base's bytes matter little."""
        if max_bytes >= DIFFERENCE_BELOW_BYTES:
            self._fitter.restart(self._measured)
            return self._fitter.fit(max_bytes, max_pixels)
        if coarse.coded not in self._beyond:
            self._beyond[coarse.coded] = self._fitter.beyond(Prediction(coarse.pixels, FULL_WEIGHT))
        self._beyond[coarse.coded].restart()
        return self._beyond[coarse.coded].fit(max_bytes, max_pixels)

    def fresh_layer(self, max_bytes: int, identity: tuple[int, int, int], max_pixels: int) -> Layer | None:
        """As `layer`, whatever was coded before."""
        self._fitter.restart()
        return self.layer(max_bytes, identity, max_pixels)


def base_bytes_of(max_bytes: int, base_most_bytes: int) -> int:
    """Bytes of the base's layer, of a scene of so many; 0: one layer."""
    wanted = min(max(int(BASE_SHARE * max_bytes), BASE_LEAST_BYTES), base_most_bytes)
    return wanted if max_bytes >= 2 * wanted else 0


def usual_benefit(num_bytes: int) -> float:
    """As `SceneCoder.benefit`, of most photos of half a megapixel: where nothing has been measured."""
    picture_bytes = max(num_bytes - SCENE_FRAMING_BYTES, 0)
    if picture_bytes < MIN_PICTURE_BYTES:
        return 0.0
    return max(0.0, 1.0 - USUAL_DISTORTION * (picture_bytes / 1000) ** -DISTORTION_EXPONENT)


def expected_pixels(
    max_bytes: int, base_most_bytes: int, close_ups: tuple[int, int], identity: tuple[int, int, int]
) -> list[tuple[LayerKey, int, int]]:
    """(key, importance, bytes) of the scene and of close-ups, (bytes together, number), in so many bytes."""
    shared, count = close_ups
    shared = shared if count else 0
    base = base_bytes_of(max_bytes - shared, base_most_bytes)
    sizes = [(BASE_IMPORTANCE, base)] if base else []
    sizes += [(SCENE_IMPORTANCE, max_bytes - shared - base)]
    sizes += [(LayerKind.SUB_IMAGE.type.importance, shared // max(count, 1))] * count
    return [
        (LayerKey(*identity, FIRST_NUMBER + index), importance, size)
        for index, (importance, size) in enumerate(sizes)
        if size >= MIN_PICTURE_BYTES
    ]


def finer_reduction(scene_reduction: float) -> float:
    """Reduction that counts as a level finer than the scene's: a close-up no finer would not be seen."""
    return 0.98 * 2.0 ** (resolution_level(scene_reduction) - 1.5)


def affordable_area(max_bytes: int, scene_reduction: float) -> float:
    """Pixels of the picture that a close-up can show a level finer than the scene, in a layer of so many bytes."""
    coded_pixels = max(0, max_bytes - CLOSE_UP_FRAMING_BYTES) * 8 / CODED_BITS_PER_PIXEL
    return coded_pixels * finer_reduction(scene_reduction) ** 2


def expected_reduction(image: np.ndarray, scene_bytes: int) -> float:
    """Reduction of a scene coded in a layer of so many bytes."""
    pixels = image.shape[0] * image.shape[1]
    return max(1.0, math.sqrt(pixels * CODED_BITS_PER_PIXEL / (8 * max(1, scene_bytes - SCENE_FRAMING_BYTES))))


def close_up_layers(
    image: np.ndarray,
    regions: list[Region],
    max_bytes: int,
    scene: list[Layer],
    identity: tuple[int, int, int],
    max_pixels: int = MAX_PICTURE_PIXELS,
) -> list[Layer]:
    """Close-ups in at most so many bytes and coded pixels together, larger regions with more.

    None that is no finer than the scene, whose layers these are, the finest last.
    """
    height, width = image.shape[:2]
    reduction = finer_reduction(scene[-1].content.reduction)
    first = scene[-1].key.layer + 1
    sides = [math.sqrt((r.box[2] - r.box[0]) * (r.box[3] - r.box[1])) for r in regions]
    layers: list[Layer] = []
    left, pixels, sides_left = max_bytes, max_pixels, sum(sides)
    for region, side in zip(regions, sides, strict=True):
        x0, y0, x1, y1 = region.box
        share, pixel_share = int(left * side / sides_left), int(pixels * side / sides_left)
        key = LayerKey(*identity, first + len(layers))
        fitter = PictureFitter(image[y0:y1, x0:x1])
        layer = _fitted_layer(fitter, share, pixel_share, (width, height), region.object_id, region.box, key)
        sides_left -= side
        if layer is not None and layer.content.reduction <= reduction:
            layers.append(layer)
            left -= framed_bytes(layer)
            pixels -= layer.coded_pixels
    return layers


def close_up_of(
    image: np.ndarray, region: Region, max_bytes: int, key: LayerKey, max_pixels: int = MAX_PICTURE_PIXELS
) -> Layer | None:
    """A close-up of one region in at most so many bytes and coded pixels; None where they are too few."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = region.box
    fitter = PictureFitter(image[y0:y1, x0:x1])
    return _fitted_layer(fitter, max_bytes, max_pixels, (width, height), region.object_id, region.box, key)


def _fitted_layer(
    fitter: PictureFitter,
    max_bytes: int,
    max_pixels: int,
    size: tuple[int, int],
    object_id: int,
    box: tuple[int, int, int, int],
    key: LayerKey,
) -> Layer | None:
    """A sub-image layer of at most `max_bytes`, whose picture is coded with at most `max_pixels`."""
    framing = SCENE_FRAMING_BYTES if object_id == WHOLE_SCENE else CLOSE_UP_FRAMING_BYTES
    fitted: FittedPicture | None = fitter.fit(max_bytes - framing, max_pixels)
    if fitted is None:
        return None
    content = SubImage(*size, object_id, box, fitted.pixels, fitted.coded)
    importance = SCENE_IMPORTANCE if object_id == WHOLE_SCENE else None
    return encode_layer(key, LayerKind.SUB_IMAGE, content, importance)
