"""A trial of each model: loaded from its folder, run once, told with time and memory."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from semcom.semantic import registry
from semcom.semantic.backends import captioners, pipelines
from semcom.semantic.backends.catalogue import ENVIRONMENT, entry
from semcom.semantic.backends.lock import FILE, Locked, write_lock
from semcom.semantic.backends.trial import try_model
from semcom.semantic.errors import ModelError

RESULTS = {
    "blip": "“", "llava-interleave": "“", "smolvlm": "“", "segformer-b2": "categories", "mask2former": "categories",
    "oneformer": "categories", "fcn-resnet50": "categories", "deeplab": "categories", "detr": "objects",
    "sam-base": "boundary", "segment-anything": "boundary",
    "stable-diffusion": "64 pixels wide", "ip-adapter": "64 pixels wide", "lcm": "64 pixels wide",
    "bart": "“", "controlnet-seg": "64 pixels wide", "clip": "similarity",
}  # fmt: skip


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("name", RESULTS)
def test_each_model_runs_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "SIDE_PX", 64)
    monkeypatch.setattr(captioners, "MAX_TOKENS", 4)
    trial = try_model(entry(name))
    assert RESULTS[name] in trial.result
    assert trial.load_s > 0 and trial.run_s > 0 and 1e7 < trial.peak_bytes < 1e11


def test_files_that_are_not_the_locked_ones_are_refused_before_loading(
    tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_models / "blip", tmp_path / "blip")
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    registry.clear_cache()
    write_lock(tmp_path / FILE, {"blip": Locked("a/b", "0" * 40, {"config.json": "0" * 64})})
    with pytest.raises(ModelError, match=r"SHA-256 of .*config\.json must be 0000000000000000…"):
        try_model(entry("blip"))


def test_one_that_is_not_there_or_does_not_run(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="model segformer-b0 is not there"):
        try_model(entry("segformer-b0"))
    monkeypatch.setattr(pipelines.DiffusionPipeline, "__call__", lambda self, *a, **k: 1 / 0)
    with pytest.raises(ModelError, match="stable-diffusion was loaded and does not run: ZeroDivisionError"):
        try_model(entry("stable-diffusion"))
