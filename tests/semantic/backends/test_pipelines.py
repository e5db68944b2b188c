"""The pipeline's folders are checked part by part; sizes keep the picture's shape; long texts are not cut."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from semcom.semantic.backends import memory, pipelines
from semcom.semantic.backends.pipelines import DiffusionPipeline, working_size
from semcom.semantic.errors import ModelError


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((512, 512), (512, 512)), ((640, 480), (592, 440)), ((480, 640), (440, 592)), ((4000, 100), (888, 296))],
)
def test_sizes_keep_the_shape_and_the_number_of_pixels(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert working_size(*size) == wanted


@pytest.fixture
def diffusion(tiny_models: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_models / "stable-diffusion", tmp_path / "sd"))


def refusal(folder: Path, adapter: Path | None = None) -> str:
    with pytest.raises(ModelError) as refused:
        DiffusionPipeline(str(folder), None if adapter is None else str(adapter))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_what_is_missing_of_it_is_named(diffusion: Path, tiny_models: Path, tmp_path: Path) -> None:
    shutil.rmtree(diffusion / "scheduler")
    assert "cannot be loaded" in refusal(diffusion)
    (diffusion / "vae" / "diffusion_pytorch_model.safetensors").rename(diffusion / "vae" / "model.bin")
    assert "weights must be safetensors, got only model.bin" in refusal(diffusion)
    shutil.rmtree(diffusion / "unet")
    assert "unet must be its folder" in refusal(diffusion)
    (diffusion / "model_index.json").write_text(json.dumps({"_class_name": "FluxPipeline"}))
    assert "must hold a StableDiffusionPipeline, got 'FluxPipeline'" in refusal(diffusion)
    assert "model ip-adapter is not there" in refusal(tiny_models / "stable-diffusion", tmp_path / "none")


def test_what_does_not_fit_is_refused_before_it_is_loaded(diffusion: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda device: 1000)
    monkeypatch.setattr(pipelines, "library", lambda name: None)  # nothing can be loaded by it
    assert "model stable-diffusion must fit the memory of cpu: it needs 1.57 GB, and 0.00 GB are free" in refusal(
        diffusion
    )


def test_with_offload_the_largest_network_alone_must_fit(diffusion: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU, which need not be here: what would be loaded, and how, is looked at."""
    asked: list[int] = []
    monkeypatch.setattr(pipelines, "check_device", lambda device: device)
    monkeypatch.setattr(pipelines, "check_fits", lambda name, values, role, device: asked.append(values))
    called: list[str] = []
    kind = type("Offloading", (), {})
    from diffusers import StableDiffusionPipeline

    monkeypatch.setattr(StableDiffusionPipeline, "enable_model_cpu_offload", lambda self, device: called.append(device))
    monkeypatch.setattr(StableDiffusionPipeline, "to", lambda self, device: called.append(f"to {device}") or kind)
    DiffusionPipeline(str(diffusion), None, "cuda:0", offload=True)
    DiffusionPipeline(str(diffusion), None, "cuda:0")
    DiffusionPipeline(str(diffusion), None, "cpu", offload=True)
    assert called == ["cuda:0", "to cuda:0", "to cpu"]
    parts = pipelines._checked_diffusion(diffusion, "stable-diffusion", ("StableDiffusionPipeline",))
    assert asked == [max(parts.values()), sum(parts.values()), sum(parts.values())] and len(parts) == 3


def test_words_beyond_77_tokens_still_count(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "SIDE_PX", 64)
    pipeline = DiffusionPipeline(str(tiny_models / "stable-diffusion"))
    first = ["A red car is on a road, far away, in the middle of it.", "A tree is on the left of a large house there."]
    made = [pipeline([*first, last], (64, 64), 1, steps=2) for last in ("A dog.", "A cat.")]
    assert made[0].shape == (64, 64, 3) and (made[0] != made[1]).any()
    words, against = pipeline._coded([*first, "A dog."])
    assert words.shape == against.shape and words.shape[1] == 3 * 77
    assert pipeline([], (64, 64), 1, steps=2).dtype == np.uint8
