"""ControlNets from folders: weight 0 is words alone, each map counts, and what is missing is another's work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import LayerKind, SemanticPacket, decode
from semcom.semantic.backends import pipelines
from semcom.semantic.backends.generation.controlnet import ControlledPipeline
from semcom.semantic.errors import ModelError
from semcom.semantic.reconstruct import provenance as prov

FEW = "steps=2"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "SIDE_PX", 64)


def differ(one: np.ndarray, other: np.ndarray) -> bool:
    return bool((one != other).mean() > 0.1)


@pytest.mark.usefixtures("models")
def test_weight_zero_is_words_alone_and_each_map_counts(packet: SemanticPacket) -> None:
    words = packet.only([LayerKind.CAPTION])
    maps = packet.only([LayerKind.CAPTION, LayerKind.CLASS_MAP, LayerKind.DETAIL_MAP])
    alone = decode(words, f"stable-diffusion,{FEW}", seed=3)
    assert decode(words, f"controlnet,{FEW}", seed=3).reconstructor == "controlnet"
    pictures = {
        "alone": alone.picture,
        "both": decode(maps, f"controlnet,{FEW}", seed=3).picture,
        "class map": decode(packet.only([LayerKind.CAPTION, LayerKind.CLASS_MAP]), f"controlnet,{FEW}", seed=3).picture,
        "lines": decode(packet.only([LayerKind.CAPTION, LayerKind.DETAIL_MAP]), f"controlnet,{FEW}", seed=3).picture,
    }
    names = list(pictures)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            assert differ(pictures[one], pictures[other]), (one, other)
    np.testing.assert_array_equal(decode(maps, f"controlnet,{FEW},control=0.0", seed=3).picture, alone.picture)
    np.testing.assert_array_equal(decode(words, f"controlnet,{FEW}", seed=3).picture, alone.picture)
    again = decode(maps, f"controlnet,{FEW}", seed=3)
    np.testing.assert_array_equal(again.picture, pictures["both"])
    assert (again.provenance & prov.GENERATED > 0).all() and again.notes == ()


@pytest.mark.usefixtures("models")
def test_it_begins_with_a_scene_where_there_is_one(packet: SemanticPacket) -> None:
    made = decode(packet, f"controlnet,{FEW}", seed=1)
    assert made.reconstructor == "controlnet" and made.picture.shape == (64, 96, 3)
    assert differ(made.picture, decode(packet, f"stable-diffusion,{FEW},strength=0.7", seed=1).picture)


def test_another_folder_is_refused_and_stable_diffusion_serves(
    packet: SemanticPacket, models: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"model controlnet-seg is not there: .* to get it: semcom models get"):
        ControlledPipeline(controls=(str(tmp_path / "none"), ""))
    folder = Path(shutil.copytree(models / "controlnet-seg", tmp_path / "net"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"_class_name": "UNet2DConditionModel"}))
    with pytest.raises(ModelError, match="must hold a ControlNetModel, got 'UNet2DConditionModel'"):
        ControlledPipeline(controls=("", str(folder)))
    made = decode(packet, f"controlnet,{FEW},segmentation={folder}")
    assert made.reconstructor == "stable-diffusion"
    (note,) = made.notes
    assert note.startswith("controlnet could not make the picture, so stable-diffusion did: model controlnet-seg:")
