"""A-seg by DeepLabV3 on a small backbone (MobileNetV2, MobileViT), out of a folder that the user names."""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic.backends.label_tables import to_vocabulary
from semcom.semantic.backends.loading import load
from semcom.semantic.backends.runtime import quietly
from semcom.semantic.backends.segmenters import MappedSegmenter
from semcom.semantic.vocabulary import Vocabulary

NAME = "deeplab"
TYPES = ("mobilenet_v2", "mobilevit")


def deeplab(folder: str = "", table: str = "", device: str = "cpu") -> MappedSegmenter:
    """DeepLabV3 as transformers has it, with the labels of VOC, ADE20K or Cityscapes.

    Parameters
    ----------
    folder : str
        Of the model; empty takes ``deeplab`` of the folder of models.
    table : str
        Of labels; empty takes the one that knows them.
    device : str

    Raises
    ------
    ModelError
    """
    loaded = load(NAME, folder, device, "AutoModelForSemanticSegmentation", "AutoImageProcessor", TYPES)
    categories = to_vocabulary(loaded.model.config.id2label, Vocabulary.load("everyday-1"), table)
    size = getattr(loaded.processor, "crop_size", None) or {"height": 513, "width": 513}
    side = min(int(size["height"]), int(size["width"]))

    def probabilities_of(image: np.ndarray) -> np.ndarray:
        """The whole picture at the network's own size: its processor would cut a square out of the middle."""
        import torch

        with quietly(), torch.inference_mode():
            square = Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR)
            given = loaded.processor(images=square, return_tensors="pt", do_resize=False, do_center_crop=False)
            out = loaded.model(pixel_values=given["pixel_values"].to(loaded.device, loaded.dtype))
            return out.logits[0].float().softmax(0).cpu().numpy().astype(np.float32)

    return MappedSegmenter(probabilities_of, categories)
