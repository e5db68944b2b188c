"""A camera of the computer itself (V4L2): its pictures go out as fast as the sender takes them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from semcom.apps.live.stage import BusyError
from semcom.semantic import SemanticError
from semcom.semantic.picture_file.reading import decode_picture_file

log = logging.getLogger("semcom.live")

SIZE_PX = 640, 480
_LOOK_S = 0.05


class HostCamera:
    """Switched on and off from any thread.

    Parameters
    ----------
    open_frames : callable
        Gives an iterator of picture files; raises `OSError` or `SemanticError` where the camera is not to be had.
    submit : callable
        `PageSession.submit`.
    changed : callable
        Called after each change of what `told` says.
    """

    def __init__(
        self, open_frames: Callable[[], Iterator[bytes]], submit: Callable[..., Any], changed: Callable[[], None]
    ) -> None:
        self._open_frames, self._submit, self._changed = open_frames, submit, changed
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble = ""

    def switch(self, on: bool) -> dict[str, Any]:
        """On or off; what `told` says then."""
        with self._lock:
            self._end()
            if on:
                self._stopping.clear()
                self._trouble = ""
                self._thread = threading.Thread(target=self._run, name="semcom live camera", daemon=True)
                self._thread.start()
        self._changed()
        return self.told()

    def told(self) -> dict[str, Any]:
        """Whether it is on, and why it ended by itself."""
        return {"on": self._thread is not None and not self._trouble, "trouble": self._trouble}

    def close(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        try:
            for data in self._open_frames():
                if self._stopping.is_set():
                    return
                self._send(data)
            self._trouble = "the camera gives no more pictures"
        except (OSError, SemanticError) as error:
            self._trouble = f"No camera: {' '.join(str(error).split())[:200]}"
        except Exception as error:
            log.exception("the camera failed")
            self._trouble = f"No camera: {type(error).__name__}"
        self._changed()

    def _send(self, data: bytes) -> None:
        """One picture, and wait until it is its turn: later frames are fresher."""
        try:
            picture = self._submit("camera", decode_picture_file(data, "camera"), True)
        except BusyError:
            self._stopping.wait(_LOOK_S)
            return
        while picture.about.get("stage") == "waiting" and not self._stopping.wait(_LOOK_S):
            pass


def v4l2_frames(device: Path) -> Iterator[bytes]:
    """JPEG files of a V4L2 device, for ever. Raises `OSError`, or `SemanticError` where linuxpy is missing."""
    try:
        from linuxpy.video.device import Device, VideoCapture
    except ImportError:
        raise SemanticError("a camera of this computer needs linuxpy: pip install linuxpy") from None
    with Device(device) as opened:
        capture = VideoCapture(opened)
        capture.set_format(*SIZE_PX, "MJPG")
        with capture:
            for frame in capture:
                yield bytes(frame)
