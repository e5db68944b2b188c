"""What gets installed: every room, its data files, the command and the GNU Radio files; by wheel and by CMake."""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOMS = ("semantic", "link", "phy", "blocks", "flowgraphs", "apps", "experiments", "sdr_configs")
NOT_SOURCES = ("__pycache__", "*.nbi", "*.nbc", "generated")
IMPORT_ALL = """
import importlib, pkgutil, sys
from importlib import resources
rooms = {rooms}
for room in rooms:
    module = importlib.import_module(f"semcom.{{room}}")
    assert module.__file__.startswith({root!r}), module.__file__
from semcom.semantic.vocabulary import Vocabulary
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import load_radio
from semcom.semantic.systems import load_preset
assert len(Vocabulary.load("everyday-1")) > 10
assert Waveform.load("ofdm64").fft_size == 64
assert load_radio("loopback-awgn").driver == "loopback"
assert load_preset("es-isc")["name"] == "es-isc"
assert (resources.files("semcom.semantic") / "weights" / "segmenter.safetensors").is_file()
templates = resources.files("semcom.apps.report") / "templates"
assert all((templates / name).is_file() for name in ("base.html", "report.html", "report.css"))
print("all rooms import")
"""


COMPILE = """
import subprocess, sys
from semcom.apps.commands import companion as grc
print(grc.blocks_folder())
for name, path in grc.flowgraph_files().items():
    assert str(path).startswith({root!r}), path
done = subprocess.run(["grcc", "-o", {root!r}, str(grc.flowgraph_files()["modem_only"])], env=grc.environment())
sys.exit(done.returncode)
"""
"""Run in an installation: GNU Radio Companion's compiler finds our blocks through what `semcom grc` sets."""


def run(command: list, **options) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=240, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def third_party() -> str:
    """Where the packages we depend on lie. On PYTHONPATH their .pth files, and so an editable install, do nothing."""
    system = [path for path in sys.path if path.endswith(("dist-packages", "site-packages"))]
    return os.pathsep.join([*site.getsitepackages(), sysconfig.get_paths()["purelib"], *system])


@pytest.fixture
def clean_copy(repository: Path, tmp_path: Path) -> Path:
    """The sources as they are, without what was built."""
    wanted = (*ROOMS, "grc", "docs", "examples")
    copy = tmp_path / "source"
    copy.mkdir()
    for name in wanted:
        shutil.copytree(repository / name, copy / name, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    for name in ("CMakeLists.txt", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(repository / name, copy / name)
    return copy


def sources_of(copy: Path) -> set[str]:
    """Every file of the rooms: code, templates, weights, vocabularies, settings."""
    found = {str(path.relative_to(copy)) for room in ROOMS for path in (copy / room).rglob("*") if path.is_file()}
    needed = {f"{room}/py.typed" for room in ROOMS} | {"semantic/weights/segmenter.safetensors"}
    assert needed <= found and any(name.startswith("apps/report/templates/") for name in found)
    return found


def test_wheel_holds_every_room(clean_copy: Path, tmp_path: Path) -> None:
    pytest.importorskip(
        "scikit_build_core", reason="the build backend is needed to build without isolation: scripts/setup dev"
    )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, clean_copy])
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.endswith("share/gnuradio/grc/blocks/semcom_burst_modulator.block.yml") for name in names)
    assert not any(name.startswith("semcom/__init__") for name in names)
    assert not sources_of(clean_copy) - {name.removeprefix("semcom/") for name in names}
    assert any(name.endswith("share/gnuradio/examples/semcom/modem_alone.py") for name in names)
    environment = tmp_path / "empty"
    run([sys.executable, "-m", "venv", "--without-pip", environment])
    # --ignore-installed: or pip would remove the installation that runs this test.
    run([*pip, "install", "--ignore-installed", "--no-deps", "--no-index", "--prefix", environment, wheel])
    script = IMPORT_ALL.format(rooms=ROOMS, root=str(environment))
    settings = {**os.environ, "PYTHONPATH": third_party(), "NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    said = run([environment / "bin" / "python", "-c", script], env=settings, cwd=tmp_path)
    assert "all rooms import" in said
    assert (environment / "bin" / "semcom").exists()
    said = run(
        [environment / "bin" / "python", "-c", COMPILE.format(root=str(environment))], env=settings, cwd=tmp_path
    )
    assert said.startswith(str(environment / "share/gnuradio/grc/blocks"))
    assert (environment / "semcom_modem_only.py").is_file()


def test_cmake_installs_for_gnu_radio(clean_copy: Path, tmp_path: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is needed: apt-get install cmake")
    prefix, build = tmp_path / "prefix", tmp_path / "build"
    run(["cmake", "-S", clean_copy, "-B", build, f"-DCMAKE_INSTALL_PREFIX={prefix}"])
    run(["cmake", "--install", build])
    (folder,) = prefix.glob("lib/python3*/site-packages")
    assert not list(prefix.rglob("__pycache__"))
    blocks = sorted(path.name for path in (prefix / "share/gnuradio/grc/blocks").glob("*.block.yml"))
    assert blocks == sorted(path.name for path in (clean_copy / "grc").glob("*.block.yml")) and len(blocks) >= 6
    for example in ("loopback.grc", "modem_alone.py"):
        assert (prefix / "share/gnuradio/examples/semcom" / example).is_file()
    assert not sources_of(clean_copy) - {
        str(path.relative_to(folder / "semcom")) for path in (folder / "semcom").rglob("*")
    }
    settings = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder), third_party()]),
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
    }
    assert "all rooms import" in run(
        [sys.executable, "-S", "-c", IMPORT_ALL.format(rooms=ROOMS, root=str(prefix))], env=settings, cwd=tmp_path
    )
    assert "inspect" in run([sys.executable, "-S", prefix / "bin" / "semcom", "--help"], env=settings, cwd=tmp_path)
    said = run([sys.executable, "-S", "-c", COMPILE.format(root=str(prefix))], env=settings, cwd=tmp_path)
    assert said.startswith(str(prefix / "share/gnuradio/grc/blocks"))
    assert (prefix / "semcom_modem_only.py").is_file()


def test_module_catalogue_says_what_the_project_says(repository: Path) -> None:
    sheet, text = (repository / "MANIFEST.md").read_text(encoding="utf-8").split("\n---\n")
    manifest = yaml.safe_load(sheet)
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert manifest["title"] == project["name"] and manifest["license"] == project["license"]["text"]
    assert {"brief", "tags", "author", "copyright_owner", "gr_supported_version"} < set(manifest) and len(text) > 200
    needed = {re.split(r"[^a-z0-9-]", line)[0] for line in project["dependencies"]} - {"typer", "rich"}
    assert needed <= {line.split(" ")[0] for line in manifest["dependencies"]}
    labels = [yaml.safe_load(path.read_text())["label"] for path in (repository / "grc").glob("*.block.yml")]
    assert all(label in text for label in labels)


def test_constraints_keep_gnu_radio_and_torch_usable(repository: Path) -> None:
    lines = (repository / "requirements" / "debian12-constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    assert int(pins["numpy"].split(".")[0]) < 2
    assert pins["torch"] == "2.13.0"
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    everything = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    assert not any(line.startswith("torchvision") for line in everything)
    assert not any(line.startswith("torch") for line in project["dependencies"])
