"""A program that uses the page's API: photos in, events out."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from websockets.asyncio.client import connect

LIMIT_S = 300.0
CAMERA_SIZE = 512, 384


class PageClient:
    """Blocking calls, for one address."""

    def __init__(self, address: str) -> None:
        self.address = address

    def call(self, path: str, data: bytes | None = None, method: str | None = None) -> Any:
        headers = {"content-type": "application/json"} if method == "PATCH" else {}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            contents = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
        return json.loads(contents) if is_json else contents

    def submit(self, photo: bytes, name: str, quick: bool) -> int:
        """Its number; 0 where too many wait."""
        try:
            return self.call(f"/api/pictures?name={name}&quick={str(quick).lower()}", photo)["number"]
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            return 0

    def pictures(self) -> dict[int, dict[str, Any]]:
        return {picture["number"]: picture for picture in self.call("/api/pictures")}


class Viewer:
    """Listens as a page does, each event at once or `pause_s` after the one before.

    Attributes
    ----------
    words_ms, map_ms : list of float
        From the end of the burst that made the layer whole to the event at this end.
    pictures : set of int
        Numbers of those of which it heard.
    events : Counter
        By type.
    """

    def __init__(self, address: str, pause_s: float = 0.0) -> None:
        self._address, self._pause_s = address, pause_s
        self.words_ms: list[float] = []
        self.map_ms: list[float] = []
        self.pictures: set[int] = set()
        self.events: Counter[str] = Counter()
        self._mapped: set[int] = set()

    async def listen(self) -> None:
        """Until it is cancelled."""
        events = self._address.replace("http", "ws", 1) + "/api/events"
        async with connect(events, origin=self._address, open_timeout=LIMIT_S, max_queue=4) as socket:
            async for message in socket:
                self._take(json.loads(message))
                if self._pause_s:
                    await asyncio.sleep(self._pause_s)

    def _take(self, event: dict[str, Any]) -> None:
        self.events[event["type"]] += 1
        now_s = time.time()
        if event["type"] == "words":
            self.words_ms.append(1e3 * (now_s - event["heard_s"]))
        elif event["type"] == "picture":
            picture = event["picture"]
            self.pictures.add(picture["number"])
            if "map" in picture["views"] and picture["number"] not in self._mapped:
                self._mapped.add(picture["number"])
                self.map_ms.append(1e3 * (now_s - picture["heard_s"]["class_map"]))


@contextlib.asynccontextmanager
async def listening(viewers: list[Viewer]) -> AsyncIterator[None]:
    """All of them connected while the block runs."""
    tasks = [asyncio.create_task(viewer.listen()) for viewer in viewers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def camera_photos(photo: bytes, count: int) -> list[bytes]:
    """What a camera would see, panning over a photo: JPEG files of `CAMERA_SIZE`, no two alike."""
    whole = Image.open(io.BytesIO(photo)).convert("RGB")
    photos = []
    for number in range(count):
        turned = np.roll(np.asarray(whole), 8 * number, axis=1)
        file = io.BytesIO()
        Image.fromarray(turned).resize(CAMERA_SIZE).save(file, "JPEG", quality=90)
        photos.append(file.getvalue())
    return photos


def resident_mib(pid: int) -> float:
    """Memory of a process, MiB."""
    lines = Path("/proc", str(pid), "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
