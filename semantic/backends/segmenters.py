"""A-seg by others: SegFormer and Mask2Former, their labels in the words of our vocabulary.

```
picture ─► processor ─► network ─► probability of each of its labels ─► summed by our categories ─► label and score
```
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic.backends.label_tables import gather, to_vocabulary
from semcom.semantic.backends.loading import load
from semcom.semantic.backends.runtime import quietly
from semcom.semantic.extract.segmenter import Segmentation
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

MAX_LABEL_SIDE_PX = 1024
"""Labels are decided at the picture's size, at most at this one, and repeated beyond."""


class MappedSegmenter:
    """A network whose labels are mapped to ``everyday-1``; also tells how likely each category is.

    Parameters
    ----------
    probabilities_of : callable
        image uint8 [height, width, 3] → float32 [labels, rows, columns] of the network's own labels, 0..1.
    categories : uint8 [labels]
        Of the vocabulary, or `NO_LABEL`.
    """

    def __init__(self, probabilities_of: Callable[[np.ndarray], np.ndarray], categories: np.ndarray) -> None:
        self.vocabulary = Vocabulary.load("everyday-1")
        self._probabilities_of, self._categories = probabilities_of, categories

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """float32 [categories, rows, columns] of the image, uint8 [height, width, 3], at the network's resolution."""
        return gather(self._probabilities_of(image), self._categories, len(self.vocabulary))

    def __call__(self, image: np.ndarray) -> Segmentation:
        """The likeliest category of each pixel; none where the network's labels without a category are likelier."""
        height, width = image.shape[:2]
        scale = min(1.0, MAX_LABEL_SIDE_PX / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        best, score = np.full(size[::-1], NO_LABEL, np.uint8), np.zeros(size[::-1], np.float32)
        rest = np.ones(size[::-1], np.float32)
        for category, plane in enumerate(self.probabilities(image)):
            if not plane.any():
                continue
            fine = np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))
            rest -= fine
            better = fine > score
            best[better], score[better] = category, fine[better]
        nothing = rest > score
        best[nothing], score[nothing] = NO_LABEL, rest[nothing]
        rows, columns = np.arange(height) * size[1] // height, np.arange(width) * size[0] // width
        spread = np.ix_(rows, columns)
        return Segmentation(best[spread], np.clip(score, 0.0, 1.0)[spread])


def segformer(folder: str = "", name: str = "segformer-b2", table: str = "", device: str = "cpu") -> MappedSegmenter:
    """SegFormer [Xie 2021] trained on ADE20K or Cityscapes.

    Parameters
    ----------
    folder : str
        Of the model; empty takes `name` of the folder of models.
    name : str
        Of the catalogue.
    table : str
        Of labels; empty takes the one that knows them.
    device : str

    Raises
    ------
    ModelError
    """
    loaded = load(name, folder, device, "AutoModelForSemanticSegmentation", "AutoImageProcessor", {"segformer"})
    categories = to_vocabulary(loaded.model.config.id2label, Vocabulary.load("everyday-1"), table)

    def probabilities_of(image: np.ndarray) -> np.ndarray:
        return _run(loaded, image, lambda out: out.logits[0].float().softmax(0))

    return MappedSegmenter(probabilities_of, categories)


def mask2former(folder: str = "", name: str = "mask2former", table: str = "", device: str = "cpu") -> MappedSegmenter:
    """Mask2Former [Cheng 2022]; parameters as `segformer`.

    A label is as likely as the queries that stand for it, each weighted by its mask.
    """
    loaded = load(name, folder, device, "AutoModelForUniversalSegmentation", "AutoImageProcessor", {"mask2former"})
    categories = to_vocabulary(loaded.model.config.id2label, Vocabulary.load("everyday-1"), table)

    return MappedSegmenter(lambda image: _run(loaded, image, per_label), categories)


def per_label(out: Any) -> Any:
    """Probability of each label out of queries, [labels, rows, columns]: how likely each is it, times its mask."""
    labels = out.class_queries_logits[0].float().softmax(-1)[:, :-1]
    masks = out.masks_queries_logits[0].float().sigmoid()
    summed = (labels[:, :, None, None] * masks[:, None]).sum(0)
    return summed / summed.sum(0, keepdim=True).clamp(min=1.0)


def _run(loaded: Any, image: np.ndarray, read: Callable[[Any], Any]) -> np.ndarray:
    import torch

    with quietly(), torch.inference_mode():
        given = loaded.processor(images=Image.fromarray(image), return_tensors="pt")
        out = loaded.model(pixel_values=given["pixel_values"].to(loaded.device, loaded.dtype))
        return read(out).cpu().numpy().astype(np.float32)
