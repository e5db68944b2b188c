"""`semcom models` and `--models`: lists, brings, tries; and both systems with tiny checkpoints from end to end."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from semcom.semantic import registry
from semcom.semantic.backends import captioners, pipelines
from semcom.semantic.backends.catalogue import ENVIRONMENT, entry
from semcom.semantic.backends.runtime import library
from semcom.semantic.errors import ModelError

from ....semantic.backends.hub_double import hub_double
from ....semantic.backends.tiny_models import make_tiny_models
from ....stand_ins import street
from ...command_line import run

pytestmark = pytest.mark.timeout(500)


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        library("transformers"), library("diffusers")
    except ModelError as error:
        pytest.skip(f"models of others are needed: scripts/setup pretrained ({error})")
    return make_tiny_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def models(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(ENVIRONMENT, str(tiny_models))
    monkeypatch.setattr(pipelines, "SIDE_PX", 64)
    monkeypatch.setattr(captioners, "MAX_TOKENS", 8)
    registry.clear_cache()
    yield tiny_models
    registry.clear_cache()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError(f"nothing here may use a network, got {arguments[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(street(240, 160)).save(tmp_path / "street.png")
    return tmp_path / "street.png"


@pytest.mark.usefixtures("models", "offline")
@pytest.mark.parametrize(
    ("system", "preset", "made_by"),
    [
        ("multi-sc", "big", "ip-adapter"),
        ("multi-sc", "big-permissive", "ip-adapter"),
        ("es-isc", "big", "stable-diffusion"),
    ],
)
def test_a_photo_goes_all_the_way(photo: Path, tmp_path: Path, system: str, preset: str, made_by: str) -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    result = run(
        "send", photo, "--system", system, "--models", preset, "--snr-db", 15, "--out", tmp_path / "out", "--json"
    )
    assert result.exit_code == 0, result.output
    (sent,) = json.loads((tmp_path / "out" / "report.json").read_text())
    assert sent["outcome"] == "complete" and sent["caption"]
    assert f"The picture was made by {made_by}, seed 0." in sent["notes"]
    assert system == "es-isc" or sent["provenance"]["generated"] > 0.5  # this scene comes at full resolution
    kinds = [layer["kind"] for layer in sent["layers"]]
    assert kinds.count("region_caption") == (4 if system == "multi-sc" else 0)
    request = json.loads((tmp_path / "out" / "street" / "packet.request.json").read_text())
    assert request == {"system": system, "models": preset}


@pytest.mark.usefixtures("models", "offline")
@pytest.mark.parametrize("segmenter", ["oneformer", "fcn-resnet50", "deeplab"])
def test_other_segmenters_go_all_the_way(photo: Path, tmp_path: Path, segmenter: str) -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    part = ("--system", "multi-sc", "--part", f"segmenter={segmenter}", "--snr-db", 15)
    assert run("send", photo, *part, "--out", tmp_path / "out").exit_code == 0
    (sent,) = json.loads((tmp_path / "out" / "report.json").read_text())
    assert sent["outcome"] == "complete" and [layer["kind"] for layer in sent["layers"]].count("region_caption") == 4


def test_what_is_on_no_hub_is_told_with_its_place(tmp_path: Path) -> None:
    result = run("models", "get", "fcn-resnet50", "--folder", tmp_path)
    assert result.exit_code == 2 and "is on no hub: put https://download.pytorch.org/" in result.output


def test_a_model_that_is_missing_is_refused_before_the_photo_is_read(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "none"))
    registry.clear_cache()
    result = run("send", photo, "--models", "big", "--out", tmp_path / "out")
    assert result.exit_code == 2 and not (tmp_path / "out").exists()
    assert "models get" in result.output or "pip install" in result.output
    assert run("send", photo, "--models", "huge").exit_code == 2
    assert run("send", photo, "--system", "webp", "--models", "big").exit_code == 2


@pytest.mark.usefixtures("models", "offline")
def test_list_and_check() -> None:
    listed = json.loads(run("models", "list", "--json").output)
    states = {one["name"]: one["state"] for one in listed["models"]}
    assert states["blip"] == states["stable-diffusion"] == states["ip-adapter"] == "complete"
    assert states["segformer-b0"] == "absent" and len(listed["presets"]) == 8
    words = run("models", "list").output
    assert "stable-diffusion reconstructor, 2.13 GB" in words and "CreativeML OpenRAIL-M" in words
    tried = run("models", "check", "blip", "clip")
    assert tried.exit_code == 0 and "blip works: loaded in" in tried.output
    failed = run("models", "check", "segformer-b0", "blip", "--json")
    assert failed.exit_code == 2
    assert [one["works"] for one in json.loads(failed.stdout)] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("get", "gpt"), "model must be a role"),
        (("check", "small"), "preset small needs no model"),
    ],
)
def test_what_is_not_known_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run("models", *arguments, "--folder", tmp_path)
    assert result.exit_code == 2 and said in result.output and "Traceback" not in result.output


def test_get_brings_a_model_that_then_works(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "")
    monkeypatch.setattr(captioners, "MAX_TOKENS", 4)
    registry.clear_cache()
    files = {path.name: path.read_bytes() for path in (tiny_models / "blip").iterdir() if path.is_file()}
    with hub_double(entry("blip").repository) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        commit = hub.add(files)
        result = run("models", "get", "blip", "--folder", tmp_path)
    assert result.exit_code == 0, result.output
    assert f"at {commit}" in result.output and "locked" in result.output
    checked = run("models", "check", "blip", "--folder", tmp_path)
    assert checked.exit_code == 0, checked.output
    registry.clear_cache()
