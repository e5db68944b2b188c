"""OneFormer from a folder as published: no class file is fetched, ADE's labels become ours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import registry
from semcom.semantic.backends.vision.oneformer import class_table, make_processor
from semcom.semantic.protocols import ProbabilisticSegmenter
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

from ....stand_ins import street
from ..vision_checkpoints import ADE

OURS = Vocabulary.load("everyday-1")


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(("width", "height"), [(96, 64), (16, 16), (50, 200)])
def test_by_name_from_the_folder_of_models(width: int, height: int) -> None:
    segmenter = registry.create("segmenters", "oneformer")
    assert isinstance(segmenter, ProbabilisticSegmenter)
    found = segmenter(street(width, height))
    assert found.labels.shape == found.score.shape == (height, width)
    named = {OURS[int(label)].name for label in np.unique(found.labels) if label != NO_LABEL}
    assert named <= {"wall", "building", "sky", "floor", "tree", "car"}


def test_it_is_asked_for_the_semantic_map(models: Path) -> None:
    folder = models / "oneformer"
    assert json.loads((folder / "preprocessor_config.json").read_text())["repo_path"] == "shi-labs/oneformer_demo"
    processor = make_processor(str(folder), local_files_only=True, backend="pil")
    given = processor(street(96, 64), ["semantic"], return_tensors="pt")
    said = processor.tokenizer.decode([number for number in given["task_inputs"][0].tolist() if number])
    assert "the task is semantic" in said.replace(" ", "").replace("thetaskissemantic", "the task is semantic")
    assert processor.image_processor.metadata["thing_ids"] == [5]


def test_things_are_those_of_our_vocabulary() -> None:
    table = class_table({str(number): name for number, name in ADE.items()})
    assert table["1"] == {"name": "building, edifice", "isthing": 0} and table["5"] == {
        "name": "car, auto",
        "isthing": 1,
    }
