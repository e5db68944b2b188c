"""A model out of a folder: in the device's number format, frozen, refused where it does not fit or does not load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from semcom.semantic.backends import memory
from semcom.semantic.backends.loading import load
from semcom.semantic.errors import ModelError

BLIP = ("blip", "cpu", "BlipForConditionalGeneration", "AutoProcessor", {"blip"})


def load_blip(folder: Path):
    name, device, *classes = BLIP
    return load(name, folder, device, *classes)


def test_it_is_ready_to_run(tiny_models: Path) -> None:
    import torch

    loaded = load_blip(tiny_models / "blip")
    assert not loaded.model.training and loaded.dtype is torch.float32
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
    assert next(loaded.model.parameters()).dtype is torch.float32
    assert type(loaded.processor.image_processor).__name__ == "BlipImageProcessorPil"


def test_a_model_that_does_not_fit_is_refused_before_it_is_read(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda device: 5_000_000)
    with pytest.raises(ModelError, match=r"model blip must fit the memory of cpu: it needs 0\.63 GB, and 0\.01 GB are"):
        load_blip(tiny_models / "blip")


def test_a_processor_without_its_words_is_refused(tiny_models: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_models / "blip", tmp_path / "blip"))
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match=r"must hold one of tokenizer\.json, .*, got none: half downloaded"):
        load_blip(folder)


def test_what_a_library_says_is_one_sentence(tiny_models: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_models / "blip", tmp_path / "blip"))
    (folder / "preprocessor_config.json").write_text("{")
    (folder / "processor_config.json").write_text("{")
    with pytest.raises(ModelError, match=r"model blip: .* cannot be loaded: ") as refused:
        load_blip(folder)
    assert "\n" not in str(refused.value)


def test_weights_of_another_shape_are_refused(tiny_models: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_models / "blip", tmp_path / "blip"))
    config = json.loads((folder / "config.json").read_text())
    config["vision_config"]["hidden_size"] = 32
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_blip(folder)
