"""A program that uses the page's API: photos in, events out."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import socket
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
from websockets.exceptions import ConnectionClosed

LIMIT_S = 300.0
CAMERA_SIZE = 512, 384
SLOW_BUFFER_BYTES = 4096
"""Of a viewer that reads slowly: what the system keeps for it is not to hide how slow it is."""


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
    """Listens as a page does, each event at once or `pause_s` after the one before; looks anew where it is told to.

    Attributes
    ----------
    words_ms, map_ms : list of float
        From the end of the burst that made the layer whole to the event at this end.
    pictures : dict of int to dict
        Those of which it heard by number, as they were last.
    events : Counter
        By type.
    """

    def __init__(self, address: str, pause_s: float = 0.0) -> None:
        self._address, self.pause_s, self._is_slow = address, pause_s, pause_s > 0
        self.words_ms: list[float] = []
        self.map_ms: list[float] = []
        self.pictures: dict[int, dict[str, Any]] = {}
        self.events: Counter[str] = Counter()
        self._mapped: set[int] = set()

    async def listen(self) -> None:
        """Until it is cancelled; a line that the server cut, for its pings were not read in time, is made again."""
        while True:
            try:
                await self._listen_once()
            except ConnectionClosed:
                self.events["reconnected"] += 1
                self.pictures |= await asyncio.to_thread(PageClient(self._address).pictures)

    async def _listen_once(self) -> None:
        events = self._address.replace("http", "ws", 1) + "/api/events"
        options = {"origin": self._address, "open_timeout": LIMIT_S, "max_queue": 4, "compression": None}
        async with connect(events, sock=self._slow_socket() if self._is_slow else None, **options) as stream:
            while True:
                event = json.loads(await stream.recv())
                self._take(event)
                if event["type"] == "resync":
                    self.pictures |= await asyncio.to_thread(PageClient(self._address).pictures)
                if self.pause_s:
                    await asyncio.sleep(self.pause_s)

    def _slow_socket(self) -> socket.socket:
        host, port = self._address.removeprefix("http://").split(":")
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
        plain.connect((host, int(port)))
        plain.setblocking(False)
        return plain

    def _take(self, event: dict[str, Any]) -> None:
        self.events[event["type"]] += 1
        now_s = time.time()
        if event["type"] == "words":
            self.words_ms.append(1e3 * (now_s - event["heard_s"]))
        elif event["type"] == "picture":
            picture = event["picture"]
            self.pictures[picture["number"]] = picture
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


def cpu_s(pid: int) -> float:
    """CPU time of all threads of a process so far, seconds [proc(5), utime and stime]."""
    fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
