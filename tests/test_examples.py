"""The worked examples run as a reader types them, each in a process of its own and within a time limit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TIMEOUT_S = 240


@pytest.fixture
def example(repository: Path, tmp_path: Path):
    """Runs an example by name; gives what it printed."""

    def run(name: str, *arguments: object) -> str:
        command = [sys.executable, str(repository / "examples" / f"{name}.py"), *map(str, arguments)]
        settings = {**os.environ, "PYTHONPATH": str(repository / ".dev"), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=settings, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def photo(tmp_path: Path, rng: np.random.Generator) -> Path:
    """A blue sky over something green."""
    image = np.empty((128, 160, 3), np.uint8)
    image[:64], image[64:] = (110, 170, 240), (60, 140, 50)
    Image.fromarray((image + rng.integers(0, 12, image.shape)).astype(np.uint8)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_every_example_is_run_and_shown(repository: Path) -> None:
    names = {path.stem for path in (repository / "examples").glob("*.py")}
    here, page = Path(__file__).read_text(encoding="utf-8"), (repository / "docs" / "examples.md").read_text()
    assert len(names) >= 3
    for name in names:
        assert f'example("{name}"' in here, f"{name} is not run here"
        assert f"```{{literalinclude}} ../examples/{name}.py" in page, f"docs/examples.md does not show {name}"


def test_modem_alone(example) -> None:
    """At 3 dB all arrives, at -4 dB nothing: QPSK-1/2 needs 0.15 dB."""
    for snr_db, rate in ((3, "0.000"), (-4, "1.000")):
        said = example("modem_alone", "--snr-db", snr_db, "--frames", 20, "--cfo-hz", 3000)
        assert f"packet error rate {rate}" in said
    measured = re.search(
        r"SNR (\S+) dB, carrier offset (\S+) Hz", example("modem_alone", "--snr-db", 3, "--frames", 20)
    )
    assert float(measured[1]) == pytest.approx(3, abs=0.7) and float(measured[2]) == pytest.approx(3000, abs=50)


@pytest.mark.long
def test_photo_through_fading(example, photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    said = example("photo_through_fading", photo, "--snr-db", 30, "--fading", "EPA5", "--out", tmp_path / "made")
    assert "lost: none" in said
    with Image.open(tmp_path / "made" / "reconstruction.png") as picture:
        assert picture.size == (160, 128)
    assert (tmp_path / "made" / "packet.sem").is_file() and (tmp_path / "made" / "provenance.png").is_file()
    said = example("photo_through_fading", photo, "--snr-db", 3, "--seed", 4, "--out", tmp_path / "weak")
    lost = re.search(r"(\d+) of (\d+) layers arrived; lost: (.+)", said)
    assert (int(lost[1]) < int(lost[2])) == (lost[3] != "none")


def test_live_client(example, photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("fastapi", reason="the live page's packages are not here: scripts/setup live")
    from semcom.experiments.live.served import served

    with served() as live:
        said = example("live_client", photo, "--page", live.address, "--out", tmp_path / "received.webp")
    assert re.search(r"^words: .+\.$", said, re.MULTILINE) and "burst: " in said and "bytes on the air" in said
    with Image.open(tmp_path / "received.webp") as picture:
        assert picture.size == (160, 128)


def test_own_segmenter(example, photo: Path) -> None:
    """Its labels are in the packet, not those of the shipped network."""
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    shares = dict(re.findall(r"^(\w+) +([\d.]+)%$", example("own_segmenter", photo), re.MULTILINE))
    assert float(shares["sky"]) == pytest.approx(50, abs=3) and float(shares["plant"]) == pytest.approx(50, abs=3)
