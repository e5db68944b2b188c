"""Pictures on a screen that need not be there: Qt's offscreen platform."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from semcom.blocks import picture_display
from semcom.blocks.pdu import make_pdu

RED = np.full((40, 60, 3), (255, 0, 0), np.uint8)
TIMEOUT_S = 20.0


@pytest.fixture
def display(qt_application):
    block = picture_display("Received", 300)
    block.widget.resize(300, 300)
    block.widget.show()
    yield block
    block.widget.close()


def wait_until(application, condition):
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        application.processEvents()


def test_a_picture_from_another_thread_is_shown_with_its_caption(qt_application, display):
    meta = {"width": 60, "height": 40, "caption": "A red <b>wall</b>.", "picture": 3, "num_layers": 5, "complete": True}
    thread = threading.Thread(target=display.on_message, args=[make_pdu(meta, RED)])
    thread.start()
    thread.join(TIMEOUT_S)
    wait_until(qt_application, lambda: display.widget.shown[0] is not None)
    assert display.widget.shown == ((60, 40), "A red <b>wall</b>.", "picture 3, 5 layers, complete")
    image = display.widget.grab().toImage()
    assert image.pixelColor(image.width() // 2, image.height() // 2).getRgb()[:3] == (255, 0, 0)


def test_a_caption_without_picture_keeps_the_picture(qt_application, display):
    display.on_message(make_pdu({"width": 60, "height": 40}, RED))
    display.on_message(make_pdu({"caption": "Next.", "num_layers": 1, "complete": False}))
    wait_until(qt_application, lambda: display.widget.shown[1] == "Next.")
    assert display.widget.shown == ((60, 40), "Next.", "1 layer, building up")


def test_a_picture_that_is_none_is_refused(display, caplog):
    display.on_message(make_pdu({"width": 60, "height": 40}, b"short"))
    assert display.counts["refused"] == 1 and "must be width·height·3 = 7200 bytes, got 5" in caplog.text


def test_nothing_of_qt_is_imported_before_something_is_shown():
    command = "import sys; from semcom import blocks; sys.exit(any(name.startswith('PyQt5') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", command], timeout=60, check=False).returncode == 0
