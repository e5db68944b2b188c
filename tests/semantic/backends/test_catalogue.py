"""Models by name and role, their bytes, and where they are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.semantic.backends.catalogue import ENVIRONMENT, catalogue, entry, folder_of, models_folder, of_role
from semcom.semantic.errors import ModelError


def test_entries_are_whole() -> None:
    for one in catalogue().values():
        assert one.repository.count("/") == 1 and one.licence and one.parameters > 1e6
        assert one.files and not any(pattern.endswith((".bin", ".pth", ".ckpt", ".py", "*")) for pattern in one.files
                                     if not pattern.endswith("/*"))  # fmt: skip
    assert entry("blip").num_bytes() == 2 * 223971644 and entry("blip").num_bytes(4) == 4 * 223971644


def test_by_role_or_by_name() -> None:
    assert [one.name for one in of_role("captioner")] == ["blip", "llava-interleave", "smolvlm"]
    assert [one.name for one in of_role("sam-base")] == ["sam-base"]
    with pytest.raises(ModelError, match=r"must be a role \(captioner, .*\) or a name \(blip, .*got 'gpt'"):
        of_role("gpt")
    with pytest.raises(ModelError, match="model must be one of blip"):
        entry("gpt")


def test_folders_as_given_then_by_the_environment_then_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert folder_of("blip") == tmp_path / "data" / "semcom" / "models" / "blip"
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "big"))
    assert folder_of("blip") == tmp_path / "big" / "blip"
    assert folder_of("blip", tmp_path / "mine") == tmp_path / "mine"
    assert models_folder(tmp_path / "other") == tmp_path / "other"
