"""The flowgraph to look at, looked at: on a screen that exists in memory only."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TIMEOUT_S = 150.0
BLUE, RED = (0, 0, 255), (255, 0, 0)


def share(path, colour):
    """Of pixels that have this colour, more or less."""
    with Image.open(path) as opened:
        image = np.asarray(opened.convert("RGB"))
    return float(np.mean(np.abs(image.astype(int) - colour).max(axis=2) < 100))


@pytest.fixture
def screen():
    """The command in front of one that needs a screen."""
    if shutil.which("xvfb-run") is None or shutil.which("xauth") is None:
        pytest.skip("xvfb-run and xauth are needed: scripts/setup screen")
    return ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]


def test_the_picture_builds_up_and_the_controls_work(screen, compiled, environment, photo, tmp_path):
    """SEMCOM_SCREENSHOTS names a folder that keeps the screenshots, for the docs."""
    folder = Path(os.environ.get("SEMCOM_SCREENSHOTS", tmp_path))
    options = [] if "SEMCOM_SCREENSHOTS" in os.environ else ["-p", photo[0], "-t", 3000, "-r", "50e3"]
    watcher = [Path(__file__).with_name("watch_loopback_qt.py"), compiled / "semcom_loopback_qt.py"]
    command = [*screen, sys.executable, *watcher, folder / "loopback_qt.png", *options]
    settings = {
        "env": {**environment, "QT_QPA_PLATFORM": "xcb"},
        "capture_output": True,
        "text": True,
        "timeout": TIMEOUT_S,
        "check": False,
    }
    done = subprocess.run([str(word) for word in command], **settings)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout + done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert any("building up" in state for state in seen["states"]) and seen["caption"]
    assert seen["snr"] == pytest.approx(15, abs=1.5) and seen["cfo"] == pytest.approx(5000, abs=100)
    assert seen["later_mcs"] == "qpsk-1/2" and seen["lost"] == 0.0
    assert share(folder / "loopback_qt-constellation.png", BLUE) > 0.003
    assert share(folder / "loopback_qt-channel.png", RED) > 0.0005
