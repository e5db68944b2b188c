"""Objects by DETR [Carion 2020]: boxes with COCO's labels, in the words of our vocabulary.

The published configuration asks for timm, which asks for torchvision: its backbone is loaded into the ResNet of
transformers by its tensors' names instead. Checkpoints without timm (revision ``no_timm``) load as they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic.backends.folder_check import check_weights
from semcom.semantic.backends.label_tables import to_vocabulary
from semcom.semantic.backends.loading import load
from semcom.semantic.backends.runtime import quietly
from semcom.semantic.backends.tensors.detr_keys import backbone_config, backbone_table
from semcom.semantic.backends.tensors.key_mapping import renamed
from semcom.semantic.backends.tensors.tensor_files import read_tensors
from semcom.semantic.errors import ModelError
from semcom.semantic.layers.objects import Objects, SceneObject
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

NAME = "detr"
MOST_OBJECTS = 12


class DetrDetector:
    """Objects of a picture, surest first.

    Parameters
    ----------
    folder : str
        Of the model; empty takes ``detr`` of the folder of models.
    least_score : float
        Of objects that count, 0..1.
    device : str

    Raises
    ------
    ModelError
    """

    def __init__(self, folder: str = "", least_score: float = 0.7, device: str = "cpu") -> None:
        self._loaded = load(NAME, folder, device, make_network, "AutoImageProcessor", {"detr"})
        self._vocabulary = Vocabulary.load("everyday-1")
        self._categories = to_vocabulary(self._loaded.model.config.id2label, self._vocabulary, "objects/coco")
        self._least_score = least_score

    def __call__(self, image: np.ndarray, labels: np.ndarray, score: np.ndarray, vocabulary: Vocabulary) -> Objects:
        """As `protocols.Detector`: looks at the image, uint8 [height, width, 3], alone."""
        height, width = image.shape[:2]
        if vocabulary != self._vocabulary:
            raise ModelError(f"model {NAME} tells objects of {self._vocabulary.full_name}, got {vocabulary.full_name}")
        certainty, numbers, boxes = self._found(image)
        items: list[SceneObject] = []
        for at in np.argsort(-certainty, kind="stable"):
            category = int(self._categories[numbers[at]]) if numbers[at] < len(self._categories) else NO_LABEL
            box = _in_pixels(boxes[at], width, height)
            if category == NO_LABEL or certainty[at] < self._least_score or box is None or len(items) == MOST_OBJECTS:
                continue
            items.append(SceneObject(len(items) + 1, category, box, float(min(1.0, certainty[at]))))
        return Objects(width, height, vocabulary, tuple(items))

    def _found(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Score [n], label [n] and box [n, 4] (middle and sides, 0..1) of each query."""
        import torch

        model, processor, device, dtype = self._loaded
        with quietly(), torch.inference_mode():
            given = processor(images=Image.fromarray(image), return_tensors="pt")
            out = model(pixel_values=given["pixel_values"].to(device, dtype))
            best = out.logits[0].float().softmax(-1)[:, :-1].max(-1)
            return best.values.cpu().numpy(), best.indices.cpu().numpy(), out.pred_boxes[0].float().cpu().numpy()


def make_network(folder: str, **options: Any) -> Any:
    """The network of a folder, with timm's names of its backbone turned into ours where it has them.

    Raises
    ------
    ModelError
        Tensors are missing, or the backbone is no ResNet.
    """
    import transformers

    path = Path(folder)
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    make = transformers.DetrForObjectDetection.from_pretrained
    if not uses_timm(config):
        return make(folder, **options)
    for key in ("use_timm_backbone", "backbone", "backbone_config", "backbone_kwargs", "use_pretrained_backbone"):
        config.pop(key, None)
    tensors: dict[str, Any] = {}
    for file in check_weights(path, NAME):
        tensors |= read_tensors(file, NAME)
    try:
        backbone = transformers.ResNetConfig(**backbone_config(tensors))
    except KeyError as error:
        raise ModelError(f"model {NAME}: its backbone must be a ResNet as timm names it, got no {error}") from None
    made = transformers.DetrConfig(backbone_config=backbone, **config)
    options.pop("use_safetensors", None)
    network, told = make(
        None, config=made, state_dict=renamed(tensors, backbone_table()), output_loading_info=True, **options
    )
    lacking = sorted({*told["missing_keys"], *told["unexpected_keys"], *map(str, told["mismatched_keys"])})
    if lacking:
        raise ModelError(f"model {NAME}: {len(lacking)} tensors do not fit the network, first {lacking[0]}")
    return network


def uses_timm(config: dict[str, Any]) -> bool:
    """Whether a configuration means timm's backbone: it is what it means where it says nothing."""
    backbone = config.get("backbone_config")
    if isinstance(backbone, dict):
        return backbone.get("model_type") == "timm_backbone"
    return bool(config.get("use_timm_backbone", True))


def _in_pixels(box: np.ndarray, width: int, height: int) -> tuple[int, int, int, int] | None:
    """(x0, y0, x1, y1) within the picture; None of an empty box."""
    x, y, wide, high = (float(value) for value in box)
    x0, x1 = (int(np.clip(round((x + side * wide / 2) * width), 0, width)) for side in (-1, 1))
    y0, y1 = (int(np.clip(round((y + side * high / 2) * height), 0, height)) for side in (-1, 1))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
