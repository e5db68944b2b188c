"""B-seg by Segment Anything [Kirillov 2023]: masks at a grid of points, filtered, each once; their edges.

```
picture ─► image encoder, once ─► grid of points in batches ─► masks ─► sure and stable ones ─► each once ─► edges
```
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic.backends.loading import Loaded, load
from semcom.semantic.backends.mask_filters import boundaries, boxes_of, point_grid, stability, suppress
from semcom.semantic.backends.memory import bytes_per_value, free_bytes
from semcom.semantic.backends.runtime import quietly

MOST_POINTS = {"cpu": 16, "cuda": 64}
"""Of the grid at a time: more bring no speed."""
VALUES_PER_POINT = 16 << 20
"""Of the mask decoder, about: the picture's features and three masks for each prompt."""


def points_that_fit(device: str, free: int | None) -> int:
    """Points of the grid at a time on a device with so many bytes free; None: nobody can tell."""
    most = MOST_POINTS[device.split(":")[0]]
    if free is None:
        return most
    return max(1, min(most, free // 2 // (VALUES_PER_POINT * bytes_per_value(device))))


class SamDetailer:
    """Boundary probability per pixel.

    Parameters
    ----------
    folder : str
        Of the model; empty takes ``sam-base`` of the folder of models.
    points_per_side : int
        Of the grid: its square is the number of prompts.
    points_per_batch : int
        0 takes as many as half of the memory that is free then holds, `MOST_POINTS` at most.
    least_iou, least_stability : float
        Of masks that count: the network's own estimate of their quality, and how little a threshold moves them.
    most_overlap : float
        Of the boxes of two masks; the worse one goes.
    device : str

    Raises
    ------
    ModelError
    """

    def __init__(
        self,
        folder: str = "",
        points_per_side: int = 16,
        points_per_batch: int = 0,
        least_iou: float = 0.88,
        least_stability: float = 0.9,
        most_overlap: float = 0.7,
        device: str = "cpu",
    ) -> None:
        self._loaded = self._load(folder, device)
        self._grid = point_grid(points_per_side)
        self._batch = points_per_batch or points_that_fit(device, free_bytes(device))
        self._least_iou, self._least_stability, self._most_overlap = least_iou, least_stability, most_overlap

    def _load(self, folder: str, device: str) -> Loaded:
        return load("sam-base", folder, device, "SamModel", "AutoProcessor", {"sam"})

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """float32 [height, width], 0..1, of the image, uint8 [height, width, 3]."""
        masks, scores = self.masks(image)
        strength = boundaries(masks, scores)
        size = image.shape[1], image.shape[0]
        return np.clip(np.asarray(Image.fromarray(strength).resize(size, Image.Resampling.BILINEAR)), 0.0, 1.0)

    def masks(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Masks bool [n, rows, columns] at the network's own resolution, of the picture's shape; scores float32 [n]."""
        found, scores = [], []
        for logits, quality in self._prompted(image):
            good = (quality >= self._least_iou) & (stability(logits) >= self._least_stability)
            masks = logits[good] > 0
            some = masks.any((1, 2))
            found.append(masks[some])
            scores.append(quality[good][some])
        masks, quality = np.concatenate(found), np.clip(np.concatenate(scores), 0.0, 1.0)
        kept = suppress(boxes_of(masks), quality, self._most_overlap)
        return masks[kept], quality[kept]

    def _prompted(self, image: np.ndarray):
        """(logits float32 [masks, rows, columns], quality float32 [masks]) batch by batch of points."""
        import torch

        model, processor, device, dtype = self._loaded
        with quietly(), torch.inference_mode():
            given = processor(images=Image.fromarray(image), return_tensors="pt")
            rows, columns = (int(side) for side in given["reshaped_input_sizes"][0])
            padded = given["pixel_values"].shape[-2:]
            embedded = model.get_image_embeddings(given["pixel_values"].to(device, dtype))
            points = torch.from_numpy(self._grid * np.array([columns, rows], np.float32))
            for batch in points.split(self._batch):
                out = model(
                    image_embeddings=embedded,
                    input_points=batch[None, :, None].to(device, dtype),
                    input_labels=torch.ones((1, len(batch), 1), dtype=torch.int64, device=device),
                    multimask_output=True,
                )
                logits = out.pred_masks[0].flatten(0, 1).float().cpu().numpy()
                high, wide = (
                    max(1, round(side * of / whole))
                    for side, of, whole in zip((rows, columns), logits.shape[1:], padded, strict=True)
                )
                yield logits[:, :high, :wide], out.iou_scores[0].flatten().float().cpu().numpy()
