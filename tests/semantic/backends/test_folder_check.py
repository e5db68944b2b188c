"""A folder that is no model, half downloaded, pickled, of another kind, or with code: one sentence each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from semcom.semantic.backends.folder_check import check_folder, check_safetensors, check_weights
from semcom.semantic.errors import ModelError


@pytest.fixture
def blip(tiny_models: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_models / "blip", tmp_path / "blip"))


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        check_folder(folder, "blip", {"blip"})
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_whole_one_is_taken(blip: Path) -> None:
    assert check_folder(blip, "blip", {"blip"})["model_type"] == "blip"
    (weights,) = check_weights(blip, "blip")
    assert check_safetensors(weights, "blip") > 1000


def test_none_is_told_with_the_command(tmp_path: Path) -> None:
    assert refusal(tmp_path / "blip").endswith("blip must be its folder; to get it: semcom models get blip")
    (tmp_path / "empty").mkdir()
    assert "holds no model: no config.json" in refusal(tmp_path / "empty")
    (tmp_path / "file").write_text("")
    assert "must be its folder" in refusal(tmp_path / "file")


def test_half_downloaded(blip: Path) -> None:
    weights = blip / "model.safetensors"
    data = weights.read_bytes()
    weights.write_bytes(data[:-100])
    assert f"must have {len(data)} bytes, got {len(data) - 100}" in refusal(blip)
    weights.write_bytes(data[:20])
    assert "cut short: 20 bytes" in refusal(blip)
    weights.write_bytes(b"")
    assert "cut short: 0 bytes" in refusal(blip)
    weights.unlink()
    assert "half downloaded" in refusal(blip)


def test_a_missing_shard_is_named(blip: Path) -> None:
    (blip / "model.safetensors").rename(blip / "model-00001-of-00002.safetensors")
    table = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    index = blip / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": table}))
    assert "model-00002-of-00002.safetensors is missing, it was half downloaded" in refusal(blip)
    index.write_text(json.dumps({"weight_map": {"a": "../../etc/passwd"}}))
    assert "must name files of its own folder" in refusal(blip)
    index.write_text(json.dumps({"weight_map": ["a"]}))
    assert "must have a weight_map of file names" in refusal(blip)


def test_pickles_are_refused(blip: Path) -> None:
    (blip / "model.safetensors").rename(blip / "pytorch_model.bin")
    assert "weights must be safetensors, got only pytorch_model.bin" in refusal(blip)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "bert"}, "must hold one of type blip, got 'bert'"),
        ({"model_type": None}, "must hold one of type blip, got None"),
        ({"auto_map": {"AutoModel": "evil.Model"}}, r"asks for code of its own \(auto_map\)"),
        ({"text_config": {"auto_map": {"AutoModel": "evil.Model"}}}, r"asks for code of its own \(auto_map\)"),
    ],
)
def test_another_kind_and_code_of_its_own(blip: Path, change: dict, said: str) -> None:
    path = blip / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelError, match=said):
        check_folder(blip, "blip", {"blip"})


@pytest.mark.parametrize(
    ("text", "said"), [("{", "is no JSON"), ("[]", "must hold a JSON object, got list"), ("[" * 9000, "is no JSON")]
)
def test_a_configuration_that_is_none(blip: Path, text: str, said: str) -> None:
    (blip / "config.json").write_text(text)
    assert said in refusal(blip)


@pytest.mark.parametrize("table", [b"{}}", b'{"a": 1}', b'{"a": {"data_offsets": [0]}}', b'["a"]'])
def test_a_table_that_is_none(blip: Path, table: bytes) -> None:
    (blip / "model.safetensors").write_bytes(len(table).to_bytes(8, "little") + table)
    assert "has no table of tensors" in refusal(blip)
