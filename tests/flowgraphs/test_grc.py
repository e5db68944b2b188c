"""Each .grc file is compiled; those that need no screen and no radio are run, as a user would."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from semcom.flowgraphs.demo_picture import demo_picture
from semcom.semantic import ModelError, SemanticPacket, encode

TIMEOUT_S = 120.0


@pytest.fixture(scope="module")
def environment(repository):
    path = os.pathsep.join(filter(None, [str(repository / ".dev"), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "GRC_BLOCKS_PATH": str(repository / "grc"), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def compiled(repository, environment, tmp_path_factory):
    """Folder with the Python file of every .grc."""
    if shutil.which("grcc") is None:
        pytest.skip("grcc not found: install GNU Radio Companion (Debian: apt-get install gnuradio)")
    folder = tmp_path_factory.mktemp("compiled")
    sources = sorted((repository / "flowgraphs").glob("*.grc"))
    command = ["grcc", "-o", str(folder), *map(str, sources)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(folder.glob("*.py"))) == len(sources) > 0
    return folder


def run(compiled, environment, *arguments):
    command = [sys.executable, str(compiled / "semcom_loopback.py"), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def test_compiled_flowgraphs_do_not_take_the_name_of_a_module(repository, compiled):
    names = {path.stem for path in compiled.glob("*.py")}
    assert not names & {path.stem for path in (repository / "flowgraphs").glob("*.py")}


def test_a_photo_crosses_all_six_blocks_and_the_flowgraph_ends(compiled, environment, tmp_path, rng):
    image = np.full((96, 128, 3), 200, np.uint8)
    image[40:, :64] = rng.integers(0, 80, (56, 64, 3))
    try:
        sent = encode(image)
    except ModelError as error:
        pytest.skip(f"no weights to extract meaning with: {error}")
    Image.fromarray(image).save(tmp_path / "photo.png")
    done = run(compiled, environment, "-p", tmp_path / "photo.png", "-o", tmp_path / "out", "-s", "8")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out" / "0-0-1"
    received = SemanticPacket.from_bytes((folder / "packet.sem").read_bytes())
    assert [layer.payload for layer in received.layers] == [layer.payload for layer in sent.layers]
    with Image.open(folder / "reconstruction.png") as picture:
        assert picture.size == (128, 96)


def test_a_picture_that_cannot_be_read_ends_it_too(compiled, environment, tmp_path):
    done = run(compiled, environment, "-p", tmp_path / "none.png", "-o", tmp_path / "out")
    assert done.returncode == 0 and "none.png" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()


def test_there_is_a_photo_to_show():
    with Image.open(demo_picture()) as picture:
        assert min(picture.size) > 100
