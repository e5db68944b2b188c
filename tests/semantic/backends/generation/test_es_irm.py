"""ES-IRM on CLIP: a tiny one trained by the recipe is loaded by name, and rebuilds a packet from the radio's end."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from semcom.experiments.training.es_irm import train_es_irm
from semcom.semantic import EncodeRequest, SemanticPacket, decode, encode
from semcom.semantic.backends.generation.es_irm import NETWORK, WEIGHTS, EsIrm, load_clip, sentence_vectors
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import LayerKind
from semcom.semantic.nets.es_irm.discriminator import ClipDiscriminator, ClipFeatures
from semcom.semantic.nets.es_irm.generator import EsIrmGenerator
from semcom.semantic.nets.loading import save_weights
from semcom.semantic.reconstruct import provenance as prov

from ....stand_ins import street, street_parts

CHANNELS = [16, 12, 8, 8, 8]


def write_scene(folder: Path, number: int, rng: np.random.Generator) -> None:
    """As make_generator_scenes writes them, one version."""
    folder.mkdir(exist_ok=True)
    rows, columns = 208, 240
    maps = (rows // 4, columns // 4)
    arrays = {
        "original": rng.integers(0, 256, (rows, columns, 3), np.uint8),
        "drawing0": rng.integers(0, 256, (rows, columns, 3), np.uint8),
        "planes0": rng.random((5, *maps), np.float32),
        "labels0": rng.integers(0, 20, maps, np.uint8),
        "words0": np.array([3, 5]),
        "caption0": np.array(f"A red car number {number}."),
    }
    np.savez(folder / f"{number:04d}.npz", **arrays)


@pytest.fixture
def trained(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> Path:
    """What the recipe writes after two steps and, called again, one more."""
    for number in range(2):
        write_scene(tmp_path / "scenes", number, rng)
    out = tmp_path / "es_irm"
    for steps in ("2", "1"):
        line = ["train", "--scenes", str(tmp_path / "scenes"), "--out", str(out), "--steps", steps, "--batch", "2"]
        monkeypatch.setattr(sys, "argv", [*line, "--channels", *map(str, CHANNELS)])
        train_es_irm.main()
    return out


def test_the_recipe_s_generator_rebuilds_a_packet(trained: Path) -> None:
    with street_parts():
        sent = encode(street(96, 64), request=EncodeRequest())
    came = {layer.key: layer.payload for layer in sent.layers if layer.kind != LayerKind.SUB_IMAGE}
    packet = SemanticPacket.from_payloads(came)
    name = f"es-irm,folder={trained}"
    made = decode(packet, name, seed=3)
    assert made.reconstructor == "es-irm" and made.picture.shape == (64, 96, 3) and made.notes == ()
    assert (made.provenance & prov.GENERATED > 0).all()
    np.testing.assert_array_equal(made.picture, decode(packet, name, seed=3).picture)
    assert (decode(packet, name, seed=4).picture != made.picture).any()
    whole = decode(SemanticPacket.from_bytes(sent.to_bytes()), name, seed=3)  # of a picture this small all pixels came
    np.testing.assert_array_equal(whole.picture, whole.drawing)
    assert (whole.provenance & prov.GENERATED == 0).all()


def test_the_sentence_leads_the_picture(trained: Path, models: Path) -> None:
    clip = load_clip("", "cpu")
    one, other = sentence_vectors(clip, ["a dog", "two red cars on a street"])
    assert abs(float(one.norm()) - 1) < 1e-5 and not torch.allclose(one, other)


def test_the_judge_learns_from_maps_of_clip_that_stays_as_it_is(models: Path) -> None:
    clip = load_clip("", "cpu")
    features = ClipFeatures(clip.model)
    before = {name: value.clone() for name, value in clip.model.state_dict().items()}
    picture = torch.rand(2, 3, 40, 60, requires_grad=True)
    maps, vector = features(picture)
    assert maps.shape == (2, features.channels, features.grid, features.grid) and vector.shape == (2, 8)
    judge = ClipDiscriminator(features.channels, 8)
    score = judge(maps, vector.detach())
    score.sum().backward()
    assert score.shape == (2,) and picture.grad.abs().sum() > 0  # through CLIP to what was made
    assert all(parameter.grad is not None for parameter in judge.parameters())
    assert all(torch.equal(before[name], value) for name, value in clip.model.state_dict().items())
    np.testing.assert_allclose(vector.norm(dim=1).detach(), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"network": NETWORK, "sentence": "9", "channels": "8,8,8,8,8"}, "CLIP must give vectors of 9 values, got 8"),
        ({"network": "other", "sentence": "8", "channels": "8,8,8,8,8"}, "network must be 'es-irm-1', got 'other'"),
        ({"network": NETWORK, "sentence": "8", "channels": "8,8,9999999,8,8"}, "network must be"),
        ({"network": NETWORK, "sentence": "8", "channels": "9,8,8,8,8"}, "shape of"),
    ],
)
def test_other_weights_are_refused_in_one_sentence(models: Path, tmp_path: Path, told: dict, said: str) -> None:
    save_weights(tmp_path / WEIGHTS, EsIrmGenerator(8, [8] * 5), told)
    with pytest.raises(ModelError, match=said):
        EsIrm(str(tmp_path))


def test_without_weights_ours_makes_the_picture_and_it_is_said(models: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"folder must hold es_irm.safetensors, got ''"):
        EsIrm()
    with street_parts():
        packet = encode(street(96, 64))
    made = decode(packet, f"es-irm,folder={tmp_path}")
    assert made.picture is not None and made.reconstructor != "es-irm"
    assert made.notes[0].startswith("es-irm could not make the picture, so one of ours did: ")
