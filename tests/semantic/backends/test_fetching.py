"""Bringing models from a double of the hub: a revision is resolved once, locked, resumed, and nothing else taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from semcom.semantic.backends.catalogue import Entry, entry
from semcom.semantic.backends.fetching import fetch
from semcom.semantic.backends.lock import FILE, read_lock
from semcom.semantic.errors import ModelError

from .hub_double import HubDouble, hub_double

pytestmark = [pytest.mark.usefixtures("libraries"), pytest.mark.timeout(60)]

BLIP = replace(entry("blip"), files=("*.json", "model.safetensors", "vae/config.json"))
WEIGHTS = bytes(range(256)) * 900
FILES = {
    "config.json": b'{"model_type": "blip"}',
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"pickle",
    "modeling_evil.py": b"code",
    "vae/config.json": b"{}",
    "unet/config.json": b"{}",
}
TAKEN = ["config.json", "model.safetensors", "vae/config.json"]


@pytest.fixture
def no_network() -> None:
    """Here the double on this computer is reached; HF_ENDPOINT names nothing else."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubDouble]:
    with hub_double(BLIP.repository) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.endpoint)
        yield double


def brought(folder: Path) -> list[str]:
    found = (path.relative_to(folder / "blip") for path in (folder / "blip").rglob("*") if path.is_file())
    return sorted(str(path) for path in found if ".cache" not in path.parts)


def test_what_is_needed_is_brought_and_locked(hub: HubDouble, tmp_path: Path) -> None:
    commit = hub.add(FILES)
    lines: list[str] = []
    locked = fetch(BLIP, tmp_path, say=lines.append)
    assert brought(tmp_path) == TAKEN == sorted(locked.files)
    assert (tmp_path / "blip" / "model.safetensors").read_bytes() == WEIGHTS
    assert locked.revision == commit and locked.files["model.safetensors"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert read_lock(tmp_path / FILE) == {"blip": locked}
    assert lines == [f"{BLIP.repository} at {commit}: 3 files"]
    from huggingface_hub import constants

    assert constants.HF_HUB_OFFLINE is True  # offline again


def test_a_locked_revision_is_taken_although_there_is_a_newer_one(hub: HubDouble, tmp_path: Path) -> None:
    first = hub.add(FILES)
    fetch(BLIP, tmp_path)
    second = hub.add(FILES | {"model.safetensors": b"other", "extra.json": b"{}"})
    (tmp_path / "blip" / "model.safetensors").unlink()
    assert fetch(BLIP, tmp_path).revision == first != second
    assert (tmp_path / "blip" / "model.safetensors").read_bytes() == WEIGHTS
    with pytest.raises(ModelError, match=f"is locked to revision {first} in .*, got 'main'; remove its entry"):
        fetch(BLIP, tmp_path, revision="main")
    with pytest.raises(ModelError, match="is locked to revision"):
        fetch(BLIP, tmp_path, revision=second)
    assert fetch(BLIP, tmp_path, revision=first).revision == first
    asked = [path for _, path, _ in hub.asked if path.startswith("/api/")]
    assert asked.count(f"/api/models/{BLIP.repository}") == 1  # what is newest was asked once


def test_files_that_changed_under_a_revision_are_refused(hub: HubDouble, tmp_path: Path) -> None:
    commit = hub.add(FILES)
    fetch(BLIP, tmp_path)
    before = (tmp_path / FILE).read_text()
    hub.revisions[commit]["model.safetensors"] = b"changed"
    (tmp_path / "blip" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"SHA-256 of model\.safetensors must be .*, as .*models\.lock says, got "):
        fetch(BLIP, tmp_path)
    assert (tmp_path / FILE).read_text() == before


def test_a_download_that_breaks_off_goes_on_where_it_was(
    hub: HubDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    hub.add(FILES)
    from huggingface_hub import constants

    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # between the library's own tries
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000)  # what came is kept in whole chunks
    hub.cut_after = 100_000
    fetch(BLIP, tmp_path)
    assert (tmp_path / "blip" / "model.safetensors").read_bytes() == WEIGHTS
    first = [int(wanted[6:].split("-")[0]) for _, _, wanted in hub.asked if wanted.startswith("bytes=")]
    assert max(first) > 100_000  # the second time from behind the first hundred thousand


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"config.json": b"{}", "pytorch_model.bin": b"x"}, "must have safetensors, got 1 other files"),
        ({}, "must have safetensors, got 0 other files"),
    ],
)
def test_a_repository_without_safetensors_is_refused(
    hub: HubDouble, tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    hub.add(files)
    with pytest.raises(ModelError, match=said):
        fetch(BLIP, tmp_path)
    assert not (tmp_path / "blip").exists() or brought(tmp_path) == []


def test_what_the_hub_does_not_have(hub: HubDouble, tmp_path: Path) -> None:
    hub.add(FILES)
    gone = "0" * 40
    with pytest.raises(ModelError, match=f"the hub has no {BLIP.repository} at {gone}: the revision is gone"):
        fetch(BLIP, tmp_path, revision=gone)
    fetch(BLIP, tmp_path)
    hub.revisions = {"f" * 40: FILES}
    (tmp_path / "blip" / "config.json").unlink()
    with pytest.raises(ModelError, match="the revision is gone"):
        fetch(BLIP, tmp_path)
    other = Entry("blip", "captioner", "somebody/else", "MIT", True, 1, ("*.json",))
    with pytest.raises(ModelError, match="the hub has no somebody/else, or hides it"):
        fetch(other, tmp_path / "other")


def test_no_hub_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match="could not be brought") as refused:
        fetch(BLIP, tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"blip": {}}', json.dumps({"blip": {"repository": "a", "revision": "main", "files": {}}})]
)
def test_a_lock_that_is_none_is_refused(hub: HubDouble, tmp_path: Path, text: str) -> None:
    hub.add(FILES)
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ModelError, match="is no list of locked models"):
        fetch(BLIP, tmp_path)
    assert hub.asked == []
