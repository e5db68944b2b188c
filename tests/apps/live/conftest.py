"""A live page on a free port of this computer, and what a client of it needs."""

from __future__ import annotations

import contextlib
import gc
import http.client
import io
import json
import re
import shutil
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from semcom.sdr_configs.radio import load_loopback

if TYPE_CHECKING:
    from semcom.apps.live.page_session import PageSession

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

    def until_state(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """All that the page shows, once it is so."""
        deadline = time.monotonic() + LIMIT_S
        while not condition(state := self.call("GET", "/api/state")[1]):
            assert time.monotonic() < deadline, state
            time.sleep(0.05)
        return state

    def until(self, condition: Callable[[dict[str, Any]], object], number: int) -> dict[str, Any]:
        """The picture of that number, once it is so."""

        def picture_of(state: dict[str, Any]) -> dict[str, Any]:
            return next(entry for entry in state["pictures"] if entry["number"] == number)

        return picture_of(self.until_state(lambda state: condition(picture_of(state))))


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


@contextlib.contextmanager
def served(session: PageSession, port: int = 0, **tls: str) -> Iterator[Client]:
    """The page of a session; 0: on a free port. `tls`: files of `Serving`. The session is not closed here."""
    from semcom.apps.live.run import Serving, listening_socket, make_server

    with listening_socket("127.0.0.1", port) as listener:
        server = make_server(session, Serving("127.0.0.1", 0, frozenset(), "the-word", **tls))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Client(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(LIMIT_S)
    assert not thread.is_alive()


@pytest.fixture(scope="package")
def page():
    """The session and a client of it."""
    pytest.importorskip("fastapi", reason="the live page's packages are not here: scripts/setup live")
    from semcom.apps.live.session import LiveSession

    session = LiveSession(load_loopback("loopback-clean"))
    with served(session) as client:
        yield session, client
    session.close()


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


def watched(page, said: list[str]):
    """A page of the browser, patient, that notes what stands in its console."""
    page.set_default_timeout(LIMIT_MS)
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page


@pytest.fixture
def opened(browser, client):
    """Opens the page; at the end nothing may stand in the browser's console."""
    said: list[str] = []
    contexts = []

    def open_page(prepare=lambda page: None, **settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page = watched(context.new_page(), said)
        page.on(
            "request",
            lambda request: said.append(request.url) if f"127.0.0.1:{client.port}" not in request.url else None,
        )
        prepare(page)
        page.goto(f"http://127.0.0.1:{client.port}/")
        expect_connected(page)
        return page

    open_page.said = said
    yield open_page
    for context in contexts:
        context.close()
    assert [line for line in said if "429" not in line] == []  # noted where a photo waits: the page asks again


def expect(page, selector: str, words: str) -> None:
    """Wait until an element of a browser's page says so."""
    from playwright.sync_api import expect as expect_of

    expect_of(page.locator(selector)).to_contain_text(words, timeout=LIMIT_MS)


def expect_connected(page) -> None:
    """Wait until it is: "not connected" holds the word, too."""
    from playwright.sync_api import expect as expect_of

    expect_of(page.locator("#status")).to_have_text("connected", timeout=LIMIT_MS)


def expect_picture(page, width: int, place: str = "#shown") -> None:
    """Wait until the received picture, or another one, is drawn, so many pixels wide."""
    from playwright.sync_api import expect as expect_of

    expect_of(page.locator(place)).to_have_js_property("naturalWidth", width, timeout=LIMIT_MS)


def expect_view(page, view: str, picture: dict[str, Any]) -> None:
    """Wait until the receiver's panel shows this version of a view; `picture` is what the API says of it."""
    from playwright.sync_api import expect as expect_of

    path = re.compile(rf"/api/pictures/{picture['number']}/views/{view}\?.*-{picture['views'][view]}$")
    expect_of(page.locator("#shown")).to_have_attribute("src", path, timeout=LIMIT_MS)
