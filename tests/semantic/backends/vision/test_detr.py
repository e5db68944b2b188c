"""DETR from a folder as published, without timm: the same boxes as the network it was made of, as objects of ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, LayerKind, PartChoice, SemanticPacket, encode, registry
from semcom.semantic.backends.vision.detr import DetrDetector, make_network, uses_timm
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import Objects
from semcom.semantic.vocabulary import Vocabulary

from ....stand_ins import street, street_parts
from ..vision_checkpoints import detr, detr_network

OURS = Vocabulary.load("everyday-1")


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize("timm", [True, False])
def test_the_network_is_the_one_that_was_saved(tmp_path: Path, timm: bool) -> None:
    import torch

    folder = detr(tmp_path / "detr", timm)
    assert uses_timm(json.loads((folder / "config.json").read_text())) is timm
    network = make_network(str(folder), local_files_only=True).eval()
    wanted = detr_network()
    x = torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        for name in ("logits", "pred_boxes"):
            torch.testing.assert_close(getattr(network(x), name), getattr(wanted(x), name))


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({}, True),
        ({"use_timm_backbone": False}, False),
        ({"backbone_config": {"model_type": "resnet"}}, False),
        ({"backbone_config": {"model_type": "timm_backbone"}}, True),
        ({"use_timm_backbone": True, "backbone_config": None}, True),
    ],
)
def test_which_backbone_a_configuration_means(config: dict, wanted: bool) -> None:
    assert uses_timm(config) is wanted


def seeing(detector: DetrDetector, *seen: tuple[float, int, tuple[float, ...]]):
    """The detector with these in place of what its network says."""
    scores, labels, boxes = (np.array(column) for column in zip(*seen, strict=True))
    detector._found = lambda image: (scores.astype(np.float32), labels, boxes.astype(np.float32))
    return detector


@pytest.fixture
def detector(models: Path) -> DetrDetector:
    return DetrDetector()


def look(detector: DetrDetector, width: int = 200, height: int = 100) -> Objects:
    nothing = np.zeros((height, width), np.uint8)
    return detector(np.zeros((height, width, 3), np.uint8), nothing, nothing.astype(np.float32), OURS)


def test_boxes_in_pixels_surest_first_with_our_words(detector: DetrDetector) -> None:
    found = look(
        seeing(
            detector,
            (0.80, 3, (0.5, 0.5, 0.5, 0.5)),
            (0.95, 4, (0.1, 0.9, 0.4, 0.4)),
            (0.99, 0, (0.5, 0.5, 0.5, 0.5)),
            (0.69, 1, (0.5, 0.5, 0.5, 0.5)),
            (0.90, 5, (0.5, 0.5, 0.0, 0.5)),
        )
    )
    assert (found.width, found.height) == (200, 100)
    told = [(item.object_id, OURS[item.category].name, item.box) for item in found.items]
    assert told == [(1, "motorbike", (0, 70, 60, 100)), (2, "car", (50, 25, 150, 75))]


@pytest.mark.usefixtures("models")
def test_by_name_of_any_size_and_into_a_packet() -> None:
    detector = registry.create("detectors", "detr", {"least_score": 0.0})
    for width, height in ((96, 64), (16, 16), (40, 300)):
        objects = look(detector, width, height)
        assert objects.items and all(0 <= item.box[0] < item.box[2] <= width for item in objects.items)
        assert {OURS[item.category].name for item in objects.items} <= {"person", "bicycle", "car", "motorbike", "dog"}
    request = EncodeRequest(parts={"detector": PartChoice("detr", {"least_score": 0.0})}, budget_bytes=3000)
    with street_parts():
        packet = SemanticPacket.from_bytes(encode(street(240, 160), request=request).to_bytes())
        ours = encode(street(240, 160), request=EncodeRequest(budget_bytes=3000)).content(LayerKind.OBJECTS)
    assert packet.content(LayerKind.OBJECTS) != ours and packet.content(LayerKind.OBJECTS).items


def test_what_is_withheld_is_no_object_whatever_it_sees(models: Path) -> None:
    seen = [(0.9, 1, (0.2, 0.5, 0.2, 0.8)), (0.9, 3, (0.35, 0.75, 0.2, 0.2)), (0.9, 5, (0.8, 0.3, 0.1, 0.1))]
    with street_parts():
        for without, names in (((), {"person", "car", "dog"}), (("person",), {"car", "dog"}), (("car",), None)):
            detector = seeing(DetrDetector(), *seen)
            with registry.override("detectors", "detr", detector):
                request = EncodeRequest(parts={"detector": PartChoice("detr")}, budget_bytes=3000, without=without)
                packet = encode(street(240, 160), request=request)
            objects = packet.content(LayerKind.OBJECTS)
            told = {OURS[item.category].name for item in objects.items} if objects is not None else set()
            assert told == names if names is not None else "car" not in told


@pytest.mark.usefixtures("libraries")
def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = detr(tmp_path / "detr")
    weights = folder / "model.safetensors"
    tensors = load_file(weights)
    lost = "model.backbone.conv_encoder.model.layer2.1.bn2.running_mean"
    save_file({name: values for name, values in tensors.items() if name != lost}, weights, {"format": "pt"})
    with pytest.raises(ModelError, match=r"model detr: 1 tensors do not fit the network, first .*normalization"):
        DetrDetector(str(folder))
    save_file({name: values for name, values in tensors.items() if "layer3" not in name}, weights, {"format": "pt"})
    with pytest.raises(ModelError, match="must be a ResNet as timm names it, got no"):
        DetrDetector(str(folder))
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    (other / "config.json").write_text(json.dumps({"model_type": "yolos"}))
    with pytest.raises(ModelError, match="must hold one of type detr, got 'yolos'"):
        DetrDetector(str(other))
