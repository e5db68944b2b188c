"""Weights out of a file: pickles of tensors alone, and only out of a folder that somebody named."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from semcom.semantic.backends.tensors.tensor_files import find_tensor_file, read_tensors
from semcom.semantic.errors import ModelError

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")


def refusal(call, *arguments: object) -> str:
    with pytest.raises(ModelError) as refused:
        call(*arguments)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_safetensors_come_first_and_pickles_from_a_named_folder_alone(tmp_path: Path) -> None:
    arguments = (tmp_path, "tiny", ("sam*", "model"))
    assert "holds no weights: no sam*, model as .safetensors or .pth, .pt, .bin" in refusal(
        find_tensor_file, *arguments, True
    )
    torch.save({"a": torch.ones(1)}, tmp_path / "sam_vit_b.pth")
    said = refusal(find_tensor_file, *arguments, False)
    assert "got only sam_vit_b.pth" in said and said.endswith("a folder that you name alone: folder=FOLDER")
    assert find_tensor_file(*arguments, True).name == "sam_vit_b.pth"
    torch.save({}, tmp_path / "sam_vit_l.pth")
    assert "must hold one file of weights, got sam_vit_b.pth, sam_vit_l.pth" in refusal(
        find_tensor_file, *arguments, True
    )
    (tmp_path / "model.safetensors").touch()
    assert find_tensor_file(*arguments, True).name == "model.safetensors"
    assert "must be its folder" in refusal(find_tensor_file, tmp_path / "none", *arguments[1:], True)


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
def test_tensors_by_name(tmp_path: Path, wrapper: str | None) -> None:
    tensors = {"a.b": torch.arange(3.0)}
    torch.save(tensors if wrapper is None else {wrapper: tensors, "epoch": 3}, tmp_path / "a.pth")
    assert read_tensors(tmp_path / "a.pth", "tiny")["a.b"].tolist() == [0, 1, 2]


EVIL = Path(tempfile.gettempdir()) / "semcom-evil"


class Evil:
    def __reduce__(self):
        return Path.write_text, (EVIL, "ran")


def test_what_holds_more_than_tensors_is_refused_and_never_run(tmp_path: Path) -> None:
    torch.save({"a": Evil()}, tmp_path / "a.pth")
    assert "holds no tensors alone" in refusal(read_tensors, tmp_path / "a.pth", "tiny")
    assert not EVIL.exists()
    torch.save(["a"], tmp_path / "b.pth")
    assert "must hold tensors by name, got list" in refusal(read_tensors, tmp_path / "b.pth", "tiny")
    (tmp_path / "c.pth").write_bytes(b"no pickle")
    assert "holds no tensors alone" in refusal(read_tensors, tmp_path / "c.pth", "tiny")
    (tmp_path / "d.safetensors").write_bytes(b"none")
    assert "no safetensors file, or cut short" in refusal(read_tensors, tmp_path / "d.safetensors", "tiny")
