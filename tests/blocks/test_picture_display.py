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


def test_an_older_picture_is_dimmed_beside_the_words_of_a_new_one(qt_application, display):
    def middle():
        image = display.widget.grab().toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2).red()

    names = {"stream": 0, "group": 0}
    display.on_message(make_pdu({"width": 60, "height": 40, "picture": 1, **names}, RED))
    display.on_message(make_pdu({"caption": "Of the same.", "picture": 1, **names}))
    wait_until(qt_application, lambda: display.widget.shown[1] == "Of the same.")
    assert middle() == 255 and not display.widget.is_dimmed
    display.on_message(make_pdu({"caption": "Of the next.", "picture": 2, **names}))
    wait_until(qt_application, lambda: display.widget.shown[1] == "Of the next.")
    assert 60 < middle() < 100
    assert display.widget.shown[2] == "picture 2 (the picture shown is an older one)"
    display.on_message(make_pdu({"width": 60, "height": 40, "picture": 2, **names}, RED))
    wait_until(qt_application, lambda: not display.widget.is_dimmed)
    assert middle() == 255


def test_without_an_application_it_is_refused_in_a_sentence():
    command = "from semcom import blocks; blocks.picture_display()"
    done = subprocess.run([sys.executable, "-c", command], timeout=60, check=False, capture_output=True, text=True)
    assert (
        done.returncode == 1 and "needs a QApplication: in GNU Radio Companion, Generate Options: QT GUI" in done.stderr
    )


def test_a_picture_that_is_none_is_refused(display, caplog):
    display.on_message(make_pdu({"width": 60, "height": 40}, b"short"))
    assert display.counts["refused"] == 1 and "must be width·height·3 = 7200 bytes, got 5" in caplog.text


def test_nothing_of_qt_is_imported_before_something_is_shown():
    command = "import sys; from semcom import blocks; sys.exit(any(name.startswith('PyQt5') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", command], timeout=60, check=False).returncode == 0
