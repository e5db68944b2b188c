"""A-seg by OneFormer [Jain 2023]: one network for semantic, instance and panoptic maps; asked for the semantic one.

Its processor would fetch a table of classes from the hub; ours is written from the model's own labels instead.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic.backends.label_tables import to_vocabulary
from semcom.semantic.backends.loading import load
from semcom.semantic.backends.runtime import quietly
from semcom.semantic.backends.segmenters import MappedSegmenter, per_label
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

NAME, TASK = "oneformer", "semantic"
CLASS_FILE = "classes.json"


def oneformer(folder: str = "", table: str = "", device: str = "cpu") -> MappedSegmenter:
    """OneFormer trained on ADE20K, Cityscapes or COCO with labels that a table knows.

    Parameters
    ----------
    folder : str
        Of the model; empty takes ``oneformer`` of the folder of models.
    table : str
        Of labels; empty takes the one that knows them.
    device : str

    Raises
    ------
    ModelError
    """
    loaded = load(NAME, folder, device, "OneFormerForUniversalSegmentation", make_processor, {"oneformer"})
    categories = to_vocabulary(loaded.model.config.id2label, Vocabulary.load("everyday-1"), table)

    def probabilities_of(image: np.ndarray) -> np.ndarray:
        import torch

        with quietly(), torch.inference_mode():
            given = loaded.processor(Image.fromarray(image), [TASK], return_tensors="pt")
            pixels = given["pixel_values"].to(loaded.device, loaded.dtype)
            out = loaded.model(pixel_values=pixels, task_inputs=given["task_inputs"].to(loaded.device))
            return per_label(out).cpu().numpy().astype(np.float32)

    return MappedSegmenter(probabilities_of, categories)


def make_processor(folder: str, **options: Any) -> Any:
    """The processor of a model in a folder, with a table of classes that nobody needs to fetch."""
    import transformers
    from transformers.models.oneformer.image_processing_pil_oneformer import OneFormerImageProcessorPil

    options.pop("backend", None)
    labels = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8")).get("id2label", {})
    with tempfile.TemporaryDirectory(prefix="semcom-classes-") as place:
        (Path(place) / CLASS_FILE).write_text(json.dumps(class_table(labels)), encoding="utf-8")
        images = OneFormerImageProcessorPil.from_pretrained(
            folder, repo_path=place, class_info_file=CLASS_FILE, **options
        )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
    return transformers.OneFormerProcessor(images, tokenizer)


def class_table(labels: Mapping[str, str]) -> dict[str, dict[str, str | int]]:
    """Number → name, and whether it is a thing, as the processor reads it; things are those of our vocabulary."""
    vocabulary = Vocabulary.load("everyday-1")
    categories = to_vocabulary({int(number): name for number, name in labels.items()}, vocabulary)
    things = {int(n) for n in np.flatnonzero(categories != NO_LABEL) if int(categories[n]) in vocabulary.thing_ids}
    return {number: {"name": name, "isthing": int(int(number) in things)} for number, name in labels.items()}
