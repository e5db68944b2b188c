"""What is here, what presets need, and names, roles and presets as models."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.semantic.backends.catalogue import ENVIRONMENT, catalogue
from semcom.semantic.backends.inventory import inventory, named, preset_needs, together
from semcom.semantic.backends.lock import FILE, Locked, write_lock
from semcom.semantic.backends.presets import models_preset
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
        "segformer-b2", "sam-base", "detr", "blip", "llava-interleave", "stable-diffusion", "ip-adapter",
    }  # fmt: skip
    assert all(one.commercial for one in named(["big-permissive"]))
    with pytest.raises(ModelError, match="preset small needs no model of others"):
        named(["small"])
    with pytest.raises(ModelError, match="model must be a role"):
        named(["gpt"])


def test_the_page_has_the_computed_tables(repository: Path) -> None:
    page = (repository / "docs" / "models.md").read_text(encoding="utf-8")
    for one in inventory():
        parameters = catalogue()[one.name].parameters / 1e6
        row = f"| {one.name} | {one.role} | {one.repository} | {parameters:.1f} M | {one.bytes_fp16 / 1e9:.2f} | "
        assert f"{row}{one.memory_fp16 / 1e9:.1f} | {one.licence} |" in page
    for need in preset_needs():
        preset = models_preset(need["preset"], need["system"])
        row = f"| {preset.name} | {need['system']} | {', '.join(preset.sender)} | {', '.join(preset.receiver)} | "
        assert f"{row}{need['sender'] / 1e9:.1f} | {need['receiver'] / 1e9:.1f} |" in page
    brought = sum(one.num_bytes() for one in named(["big"])) / 1e9
    assert f"about {brought:.1f} GB at fp16" in page
