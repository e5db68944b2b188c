"""A live page on a free port of this computer, and what a client of it needs."""

from __future__ import annotations

import gc
import http.client
import io
import json
import shutil
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semcom.sdr_configs.radio import load_loopback

LIMIT_S = 200.0
LIMIT_MS = 150_000


class Client:
    """Speaks HTTP to the page as a program of this computer would."""

    def __init__(self, port: int) -> None:
        self.port = port

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        try:
            data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            kind = {} if isinstance(body, bytes | None) else {"content-type": "application/json"}
            connection.request(method, path, data, {**kind, **(headers or {})})
            answer = connection.getresponse()
            contents = answer.read()
        finally:
            connection.close()
        is_json = (answer.getheader("content-type") or "").startswith("application/json")
        return answer.status, json.loads(contents) if is_json else contents

    def until(self, condition: Callable[[dict[str, Any]], bool], number: int) -> dict[str, Any]:
        """The picture of that number, once it is so."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            _, pictures = self.call("GET", "/api/pictures")
            picture = next(entry for entry in pictures if entry["number"] == number)
            if condition(picture):
                return picture
            assert time.monotonic() < deadline, picture
            time.sleep(0.05)


def photo_file(width: int = 96, height: int = 64, seed: int = 1) -> bytes:
    """A photo-like picture as a JPEG file: sky, ground, and a thing."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2] = (120, 170, 230)
    pixels[height // 2 :] = (60, 140, 50)
    pixels[height // 3 : 2 * height // 3, width // 3 : width // 2] = (200, 40, 40)
    file = io.BytesIO()
    Image.fromarray((pixels + rng.integers(0, 9, pixels.shape)).clip(0, 255).astype(np.uint8)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="package")
def page():
    """The session and a client of it."""
    pytest.importorskip("fastapi", reason="the live page's packages are not here: scripts/setup live")
    from semcom.apps.live.run import Serving, listening_socket, make_server
    from semcom.apps.live.session import LiveSession

    session = LiveSession(load_loopback("loopback-clean"))
    with listening_socket("127.0.0.1", 0) as listener:
        server = make_server(session, Serving("127.0.0.1", 0, frozenset(), "the-word"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield session, Client(listener.getsockname()[1])
        server.should_exit = True
        thread.join(LIMIT_S)
    session.close()
    assert not thread.is_alive()


@pytest.fixture
def client(page) -> Client:
    return page[1]


@pytest.fixture(scope="module")
def browser():
    """Chromium of the distribution with a camera that is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not here: scripts/setup live,browser")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium here: scripts/setup browser")
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()
    with warnings.catch_warnings():  # Playwright leaves pipes to the collector: they are not the next test's fault
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def opened(browser, client):
    """Opens the page; at the end nothing may stand in the browser's console."""
    said: list[str] = []
    contexts = []

    def open_page(prepare=lambda page: None, **settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LIMIT_MS)
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda request: said.append(request.url) if f"127.0.0.1:{client.port}" not in request.url else None,
        )
        prepare(page)
        page.goto(f"http://127.0.0.1:{client.port}/")
        expect(page, "#status", "connected")
        return page

    open_page.said = said
    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def expect(page, selector: str, words: str) -> None:
    """Wait until an element of a browser's page says so."""
    from playwright.sync_api import expect as expect_of

    expect_of(page.locator(selector)).to_contain_text(words, timeout=LIMIT_MS)
