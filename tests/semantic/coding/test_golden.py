"""Bytes kept from format version 1: the coders write the same today and read the same, compiled or interpreted.

`GOLDEN` says how each file in tests/data/coding was made. A difference is a change of format, never a new golden file
by itself: packets on disk and radios in the field hold the old bytes.
"""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from semcom.semantic.coding import text as text_module
from semcom.semantic.coding.binary_map import decode_binary_map, encode_binary_map
from semcom.semantic.coding.label_map import decode_label_map, encode_label_map
from semcom.semantic.coding.picture import decode_picture
from semcom.semantic.coding.priming_text import MARK
from semcom.semantic.coding.text import decode_text, encode_text

from .maps import outlines, painting, rings, scene

CAPTION = "A red car is in front of a person. Zwei Häuser, 2 × 日本. Trees are in the background."
MARKED = f"A red {MARK}car is in front of a {MARK}person. {MARK}Trees are in the background."

GOLDEN = {
    "label_map_rings.bin": lambda: encode_label_map(rings(40, 52, 9), 12),
    "label_map_scene.bin": lambda: encode_label_map(scene(120, 160), 50),
    "binary_map_rings.bin": lambda: encode_binary_map(outlines(rings(40, 52, 9))),
    "binary_map_scene.bin": lambda: encode_binary_map(outlines(scene(120, 160))),
    "text.bin": lambda: encode_text(CAPTION),
    "text_marked.bin": lambda: encode_text(MARKED),
    "text_empty.bin": lambda: encode_text(""),
}


@pytest.fixture
def golden(repository):
    return lambda name: (repository / "tests/data/coding" / name).read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_coders_write_the_same_bytes(golden, name):
    assert GOLDEN[name]() == golden(name)


def test_coders_read_the_same_content(golden):
    assert np.array_equal(decode_label_map(golden("label_map_rings.bin"), 40, 52, 12), rings(40, 52, 9))
    assert np.array_equal(decode_label_map(golden("label_map_scene.bin"), 120, 160, 50), scene(120, 160))
    assert np.array_equal(decode_binary_map(golden("binary_map_rings.bin"), 40, 52), outlines(rings(40, 52, 9)))
    assert np.array_equal(decode_binary_map(golden("binary_map_scene.bin"), 120, 160), outlines(scene(120, 160)))
    assert decode_text(golden("text.bin"), 200) == CAPTION
    assert decode_text(golden("text_marked.bin"), 200) == MARKED
    assert decode_text(golden("text_empty.bin"), 200) == ""


@pytest.mark.parametrize(("name", "codec", "least_psnr_db"), [("picture_avif.bin", 0, 18), ("picture_webp.bin", 1, 17)])
def test_pictures_of_version_1_still_show(golden, name, codec, least_psnr_db):
    """What the libraries make of a frame may differ in a grey level between their versions, so pixels are compared."""
    coded = golden(name)
    assert coded[0] & 3 == codec
    error = decode_picture(coded, 48, 64).astype(np.float64) - painting(48, 64)
    assert 10 * np.log10(255**2 / np.mean(error**2)) > least_psnr_db


def test_threads_do_not_disturb_each_other(golden):
    """The compiled loops run without the GIL, each call with a model of its own."""
    labels, text = golden("label_map_scene.bin"), golden("text.bin")
    with ThreadPoolExecutor(4) as pool:
        maps = [pool.submit(decode_label_map, labels, 120, 160, 50) for _ in range(12)]
        texts = [pool.submit(decode_text, text, 200) for _ in range(12)]
        assert all(np.array_equal(future.result(), scene(120, 160)) for future in maps)
        assert {future.result() for future in texts} == {CAPTION}


INTERPRETED = """
import hashlib, pathlib, sys
from semcom.semantic.coding import binary_map, label_map, range_coder, text
assert not hasattr(range_coder.code_bit, "signatures")
folder = pathlib.Path(sys.argv[1])
print(hashlib.sha256(label_map.decode_label_map((folder / "label_map_rings.bin").read_bytes(), 40, 52, 12)).hexdigest())
print(hashlib.sha256(binary_map.decode_binary_map((folder / "binary_map_rings.bin").read_bytes(), 40, 52)).hexdigest())
text.priming_lines = lambda: ["A bird is on the sand."]
print(text.encode_text("A bird is on the sand, naïve.").hex())
"""


def test_interpreted_and_compiled_coders_agree(repository, monkeypatch):
    """Python's own integers, with every overflow an error, give what the compiled code gives."""
    monkeypatch.setattr(text_module, "priming_lines", lambda: ["A bird is on the sand."])
    text_module._primed.cache_clear()
    compiled = [
        hashlib.sha256(rings(40, 52, 9)).hexdigest(),
        hashlib.sha256(outlines(rings(40, 52, 9))).hexdigest(),
        encode_text("A bird is on the sand, naïve.").hex(),
    ]
    text_module._primed.cache_clear()
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    finished = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", INTERPRETED, str(repository / "tests/data/coding")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.split() == compiled
