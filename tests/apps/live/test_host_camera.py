"""A camera of the computer, by a source that is none."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from semcom.apps.live.gallery import LivePicture
from semcom.apps.live.host_camera import HostCamera, v4l2_frames
from semcom.apps.live.stage import BusyError
from semcom.semantic import SemanticError

from .conftest import LIMIT_S, photo_file


def until(condition) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_pictures_go_out_small_networks_one_waiting_and_end_when_switched_off():
    sent, changes, frames_asked = [], [], []

    def frames():
        while True:
            frames_asked.append(1)
            yield photo_file()

    def submit(name, pixels, quick):
        if len(sent) == 1 and not changes.count("busy"):
            changes.append("busy")
            raise BusyError
        sent.append(LivePicture(len(sent) + 1, name, {"stage": "waiting"}))
        assert quick and pixels.shape == (64, 96, 3)
        return sent[-1]

    camera = HostCamera(frames, submit, lambda: changes.append(camera.told()))
    assert camera.switch(True) == {"on": True, "trouble": ""}
    until(lambda: sent)
    assert len(sent) == 1  # while the first waits
    sent[0].about["stage"] = "understanding"
    until(lambda: len(sent) == 2)
    assert camera.switch(False)["on"] is False and changes[-1] == {"on": False, "trouble": ""}
    assert len(sent) == 2 and threading.active_count() >= 1
    camera.close()


def no_camera():
    raise OSError("no such device: /dev/video9")


@pytest.mark.parametrize(
    ("source", "sentence"), [(no_camera, "No camera: no such device"), (lambda: iter(()), "no more pictures")]
)
def test_a_camera_that_is_not_there_or_ends_is_a_sentence(source, sentence):
    said = threading.Event()
    camera = HostCamera(source, None, lambda: camera.told()["trouble"] and said.set())
    camera.switch(True)
    assert said.wait(LIMIT_S)
    assert sentence in camera.told()["trouble"] and not camera.told()["on"]
    camera.close()


def test_what_cannot_be_opened_raises_what_the_camera_catches():
    with pytest.raises((OSError, SemanticError)):
        next(v4l2_frames(Path("/dev/there-is-no-such-camera")))
