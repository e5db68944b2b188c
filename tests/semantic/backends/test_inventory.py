"""What is here, what presets need, and names, roles and presets as models."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.semantic.backends.catalogue import ENVIRONMENT
from semcom.semantic.backends.inventory import inventory, named, preset_needs, together
from semcom.semantic.backends.lock import FILE, Locked, write_lock
from semcom.semantic.errors import ModelError


def test_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))

    def state(name: str) -> str:
        return {one.name: one.state for one in inventory()}[name]

    assert {one.state for one in inventory()} == {"absent"}
    (tmp_path / "blip").mkdir()
    (tmp_path / "blip" / "config.json").touch()
    assert state("blip") == "incomplete" and state("clip") == "absent"
    (tmp_path / "blip" / "model.safetensors").touch()
    assert state("blip") == "complete"
    write_lock(tmp_path / FILE, {"blip": Locked("a/b", "1" * 40, {"config.json": "0" * 64, "vocab.txt": "0" * 64})})
    assert state("blip") == "incomplete"
    (tmp_path / "blip" / "vocab.txt").touch()
    assert state("blip") == "complete"
    assert {one.name: one.revision for one in inventory()}["blip"] == "1" * 40


def test_the_table_of_presets_is_computed() -> None:
    needs = {(need["preset"], need["system"]): need for need in preset_needs()}
    assert needs["big", "multi-sc"]["receiver"] == 2 * (1066235307 + 654396416) + (1500 << 20)
    assert needs["big", "multi-sc"]["sender"] == 2 * (864031264 + 27461974) + (600 << 20)
    assert together(["sam-base"]) == 2 * 93735728 + (1200 << 20)
    assert ("small", "es-isc") not in needs and len(needs) == 8


def test_names_roles_and_presets() -> None:
    assert [one.name for one in named(["sam-base", "captioner", "blip"])] == [
        "sam-base", "blip", "llava-interleave", "smolvlm",
    ]  # fmt: skip
    assert {one.name for one in named(["big"])} == {
        "segformer-b2", "sam-base", "blip", "llava-interleave", "stable-diffusion", "ip-adapter",
    }  # fmt: skip
    assert all(one.commercial for one in named(["big-permissive"]))
    with pytest.raises(ModelError, match="preset small needs no model of others"):
        named(["small"])
    with pytest.raises(ModelError, match="model must be a role"):
        named(["gpt"])
