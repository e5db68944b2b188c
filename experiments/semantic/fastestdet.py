"""FastestDet as an independent witness: a small published detector that took no part in training anything here.

Its weights are not shipped: ``FastestDet.onnx`` (BSD-3-Clause, dog-qiuqiu/FastestDet) comes from the reference data.
Needs ``onnxruntime``.

Output of the network, per cell of a 22 × 22 grid: objectness, centre (tanh, in cells), size (sigmoid, of the picture),
80 class probabilities of COCO.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIDE_PX = 352
COCO_GROUPS = {
    "person": (0,),
    "vehicle": (1, 2, 3, 4, 5, 6, 7, 8),
    "animal": tuple(range(14, 24)),
}
"""COCO's 80 contiguous class numbers of our groups."""


@dataclass(frozen=True)
class Detection:
    """A box in pixels, last column and row excluded, and how sure the detector is."""

    category: int
    score: float
    box: tuple[float, float, float, float]


class FastestDet:
    """Picture → boxes.

    Parameters
    ----------
    weights : Path
        ``FastestDet.onnx``.
    least_score : float
    most_overlap : float
        Of two boxes of one category that overlap more (IoU), the surer one stays.
    """

    def __init__(self, weights: Path, least_score: float = 0.5, most_overlap: float = 0.45) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self.least_score, self.most_overlap = least_score, most_overlap

    def __call__(self, image: np.ndarray) -> list[Detection]:
        """Detections, surest first; image uint8 [height, width, 3]."""
        small = np.asarray(Image.fromarray(image).resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR))
        planes = np.ascontiguousarray(small[..., ::-1].transpose(2, 0, 1)[None], dtype=np.float32) / 255
        (found,) = self._session.run(None, {self._session.get_inputs()[0].name: planes})
        height, width = image.shape[:2]
        detections = [d for d in self._read(found[0], width, height) if d.score >= self.least_score]
        return self._without_doubles(sorted(detections, key=lambda d: -d.score))

    def _read(self, found: np.ndarray, width: int, height: int) -> list[Detection]:
        _, rows, columns = found.shape
        category = found[5:].argmax(0)
        score = found[0] ** 0.6 * found[5:].max(0) ** 0.4
        x = (np.arange(columns) + np.tanh(found[1])) / columns
        y = (np.arange(rows)[:, None] + np.tanh(found[2])) / rows
        w, h = (1 / (1 + np.exp(-found[channel])) for channel in (3, 4))
        boxes = np.stack([(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height], -1)
        return [
            Detection(int(category[at]), float(score[at]), tuple(boxes[at].tolist()))
            for at in zip(*np.nonzero(score >= self.least_score), strict=True)
        ]

    def _without_doubles(self, detections: list[Detection]) -> list[Detection]:
        kept: list[Detection] = []
        for one in detections:
            if all(one.category != other.category or _iou(one.box, other.box) < self.most_overlap for other in kept):
                kept.append(one)
        return kept


def _iou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / max(areas - width * height, 1e-9)
