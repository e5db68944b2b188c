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

ROOMS = ("installation", "semantic", "link", "phy", "blocks", "flowgraphs", "apps", "experiments", "sdr_configs")
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


SYSTEM_PYTHON = "/usr/bin/python3"

FLOWGRAPH = """
import pmt
from gnuradio import gr

from semcom.blocks import modem_receiver, modem_transmitter
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import END, make_pdu, read_pdu

FRAMES = [b"x", b"semcom" * 20, bytes(700), bytes(range(250)) * 2 + bytes(200)]


class Source(MessageBlock):
    def __init__(self):
        MessageBlock.__init__(self, "source", "in", ("out",))

    def start(self):
        MessageBlock.start(self)
        for message in [*(make_pdu({}, frame) for frame in FRAMES), END]:
            self.gateway._post(pmt.intern("in"), message)
        return True

    def handle(self, message):
        self.message_port_pub(pmt.intern("out"), message)


class Sink(MessageBlock):
    def __init__(self):
        MessageBlock.__init__(self, "sink", "in")
        self.frames = []

    def handle(self, message):
        self.frames.append(read_pdu(message)[1])


top_block, source, sink = gr.top_block(), Source(), Sink()
transmitter, receiver = modem_transmitter(sample_rate_hz=2e6), modem_receiver(sample_rate_hz=2e6)
top_block.connect(transmitter, receiver)
top_block.msg_connect(source, "out", transmitter, "frames")
top_block.msg_connect(receiver, "frames", sink, "in")
top_block.run()
assert sink.frames == FRAMES, [len(frame) for frame in sink.frames]
print("all frames came")
"""
"""As GNU Radio Companion writes one, with a source and a sink of its own."""


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
    wanted = (*ROOMS, "grc", "cmake", "docs", "examples")
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


@pytest.mark.long
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


@pytest.fixture
def cmake_installation(clean_copy: Path, tmp_path: Path) -> Path:
    """The prefix that `cmake --install` filled, for the distribution's Python."""
    if shutil.which("cmake") is None:
        pytest.skip("cmake is needed: apt-get install cmake")
    prefix, build = tmp_path / "prefix", tmp_path / "build"
    options = [f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DSEMCOM_PRIVATE_PACKAGES=OFF", f"-DSEMCOM_PYTHON={SYSTEM_PYTHON}"]
    run(["cmake", "-S", clean_copy, "-B", build, *options])
    said = run(["cmake", "--install", build])
    assert f"Installed {len(list(filter(Path.is_file, prefix.rglob('*'))))} files below {prefix}" in said
    assert f"semcom in {modules_of(prefix)}/semcom, Python " in said and "  modem  " in said
    assert f"--build {build} --target uninstall" in said
    return prefix


def modules_of(prefix: Path) -> Path:
    (folder,) = prefix.glob("lib/python3*/site-packages")
    return folder


@pytest.mark.long
def test_cmake_installs_for_gnu_radio(clean_copy: Path, cmake_installation: Path, tmp_path: Path) -> None:
    prefix, folder = cmake_installation, modules_of(cmake_installation)
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
    said = run([sys.executable, "-S", prefix / "bin" / "semcom", "--version"], env=settings, cwd=tmp_path)
    project = tomllib.loads((clean_copy / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert said == f"semcom {project['version']}\n"
    assert "inspect" in run([sys.executable, "-S", prefix / "bin" / "semcom", "--help"], env=settings, cwd=tmp_path)
    said = run([sys.executable, "-S", "-c", COMPILE.format(root=str(prefix))], env=settings, cwd=tmp_path)
    assert said.startswith(str(prefix / "share/gnuradio/grc/blocks"))
    assert (prefix / "semcom_modem_only.py").is_file()


@pytest.mark.long
def test_installing_again_makes_kernels_anew(cmake_installation: Path, tmp_path: Path) -> None:
    """numba goes by the time of a kernel's own file: a new version of what it calls must not find the old kernel."""
    source = modules_of(cmake_installation) / "semcom" / "phy" / "coding" / "crc.py"
    os.utime(source, (1e9, 1e9))
    run(["cmake", "--install", tmp_path / "build"])
    assert source.stat().st_mtime > 1.5e9


@pytest.mark.long
def test_what_was_installed_goes_away_without_a_trace(cmake_installation: Path, tmp_path: Path) -> None:
    modules = modules_of(cmake_installation)
    for later in ("semcom/phy/__pycache__", "semcom/private_packages"):
        (modules / later).mkdir()
        (modules / later / "came_later.py").touch()
    (modules / "another_module.py").touch()
    run(["cmake", "--build", tmp_path / "build", "--target", "uninstall"])
    left = [path for path in cmake_installation.rglob("*") if path.is_file()]
    assert left == [modules / "another_module.py"] and not list(cmake_installation.rglob("*semcom*"))


@pytest.fixture
def distribution_python(cmake_installation: Path, tmp_path: Path):
    """Runs a program in the distribution's Python, which finds the installation and nothing of this environment."""
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    settings |= {
        "PYTHONPATH": str(modules_of(cmake_installation)),
        "GRC_BLOCKS_PATH": str(cmake_installation / "share/gnuradio/grc/blocks"),
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
        "HOME": str(tmp_path),
    }

    def program(*arguments) -> str:
        return run([SYSTEM_PYTHON, *arguments], env=settings, cwd=tmp_path)

    needs = "import gnuradio.gr, numpy, scipy, numba, yaml"
    if subprocess.run([SYSTEM_PYTHON, "-c", needs], env=settings, capture_output=True, check=False).returncode != 0:
        pytest.skip("the distribution's Python lacks what the modem needs: scripts/setup system")
    return program


@pytest.mark.long
def test_modem_blocks_run_on_the_distributions_own_packages(distribution_python, tmp_path: Path) -> None:
    """Bytes through both blocks at a radio's rate, by apt's numba; the second start compiles nothing."""
    script = tmp_path / "flowgraph.py"
    script.write_text(FLOWGRAPH)
    assert distribution_python(script).endswith("all frames came\n")
    kernels = {path: path.stat().st_mtime_ns for path in (tmp_path / "numba").rglob("*.nbc")}
    assert len(kernels) > 5
    distribution_python(script)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "numba").rglob("*.nbc")} == kernels


@pytest.mark.long
def test_a_flowgraph_of_companion_compiles_and_starts_there(distribution_python, cmake_installation, tmp_path) -> None:
    if shutil.which("grcc") is None:
        pytest.skip("GNU Radio Companion's compiler is needed: apt-get install gnuradio")
    flowgraph = cmake_installation / "share/gnuradio/examples/semcom/modem_only.grc"
    distribution_python(shutil.which("grcc"), "-o", tmp_path, flowgraph)
    assert "usage: semcom_modem_only" in distribution_python(tmp_path / "semcom_modem_only.py", "--help")


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


def pins_of(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(re.split(r"(?===)|(?=>=)", line, maxsplit=1) for line in lines if line and not line.startswith("#"))


def test_constraints_keep_gnu_radio_and_torch_usable(repository: Path) -> None:
    files = {path.name.removesuffix("-constraints.txt"): path for path in (repository / "requirements").glob("*.txt")}
    assert set(files) == {"debian12", "debian13", "ubuntu2404"}
    for name in ("debian12", "ubuntu2404"):  # GNU Radio was built against numpy 1 there
        assert pins_of(files[name])["numpy"].startswith("==1.")
        assert pins_of(files[name])["torch"] == "==2.13.0"
    assert pins_of(files["debian13"])["numpy"] == ">=2.2,<3"
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    everything = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    assert not any(line.startswith("torchvision") for line in everything)
    assert not any(line.startswith("torch") for line in project["dependencies"])
