"""What a visitor can do wrong, or a stranger on purpose: a sentence on the page, and nothing else disturbed."""

from __future__ import annotations

import base64
import io
import json
import socket

import pytest
from PIL import Image

from .conftest import LIMIT_S, expect, expect_connected, photo_file

pytest.importorskip("websockets", reason="the live page's packages are not here: scripts/setup live")

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

DROP = """([name, data]) => { const held = new DataTransfer();
    held.items.add(new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], name));
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: held, cancelable: true })); }"""
NO_CAMERA = """navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException("Permission denied", "NotAllowedError"));"""
NOT_OVER_HTTP = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
MARKUP = "<img src=x onerror=document.title='taken'> <script>document.title='taken'</script>"


def drop(page, name: str, contents: bytes) -> None:
    page.evaluate(DROP, [name, base64.b64encode(contents).decode()])


def still_works(page, name: str) -> None:
    drop(page, name, photo_file(seed=len(name)))
    expect(page, "#stage", name)
    expect(page, "#came", name)
    expect(page, "#came", "frames, complete")


def without(said: list[str], status: str) -> list[str]:
    """What stands in the console, but for the status that the browser notes of a refusal."""
    return [line for line in said if status not in line]


def test_a_picture_of_200_megapixels_and_a_page_named_jpg_are_refused_with_a_sentence(opened):
    page = opened()
    file = io.BytesIO()
    Image.new("1", (15000, 14000)).save(file, "PNG")
    drop(page, "large.png", file.getvalue())
    expect(page, "#status", "pixels")
    drop(page, "holiday.jpg", b"<!doctype html><script>document.title='taken'</script>")
    expect(page, "#status", "not a picture")
    still_works(page, "after both.jpg")
    assert page.title() == "gr-semcom live"
    opened.said[:] = without(opened.said, "422")


def test_a_script_in_a_caption_or_a_word_is_text(opened, page):
    session, viewer = page[0], opened()
    still_works(viewer, "before the script.jpg")
    picture = session.gallery.get(max(entry["number"] for entry in session.gallery.as_list()))
    session.gallery.tell(
        picture,
        caption_received=MARKUP,
        words_received=["<script>"],
        backing_received=[{"word": MARKUP, "by": MARKUP}],
        objects_received=[{"number": 1, "category": MARKUP, "word": None, "score": 0.5, "box": [0, 0, 0.5, 0.5]}],
    )
    session.tell_of(picture)
    expect(viewer, "#caption", "<script>")
    expect(viewer, "#backing", "<script>")
    expect(viewer, "#thumbs", "<script>")
    places = "#caption, #backing, #pull-labels, #asks, #thumbs button span"
    assert viewer.locator(f":is({places}) :is(img, script)").count() == 0 and viewer.title() == "gr-semcom live"


def test_junk_a_flood_and_a_viewer_that_disappears_do_not_disturb_the_others(opened, client):
    page = opened()
    address = f"127.0.0.1:{client.port}"

    def viewer():
        return connect(f"ws://{address}/api/events", origin=f"http://{address}", open_timeout=LIMIT_S)

    with viewer() as gone:
        path = "/api/pictures?name=in%20the%20middle"
        number = client.call("POST", path, photo_file(320, 240, 31))[1]["number"]
        gone.socket.shutdown(socket.SHUT_RDWR)  # no word of farewell: its computer was switched off
    with pytest.raises((ConnectionClosed, OSError)), viewer() as flood:
        for _ in range(100_000):
            flood.send("\0 junk {" * 50)
    client.until(lambda entry: entry.get("complete"), number)
    expect(page, "#stage", "in the middle")
    expect(page, "#came", "in the middle")
    expect(page, "#came", "frames, complete")
    assert json.dumps(client.call("GET", "/api/state")[1]["failure"]) == "null"


def test_a_wrong_token_is_said_and_the_right_one_opens(opened, client):
    page = opened()
    refused = []

    def refuse_once(route):
        refused.append(route)
        if len(refused) == 1:
            route.fulfill(status=401, body="the token that the owner was told is needed")
        else:
            route.continue_()

    page.route("**/api/state", refuse_once)
    page.reload()
    page.fill("#token", "a guess")
    page.keyboard.press("Enter")
    expect(page, "#login-said", "not the token")
    page.fill("#token", "the-word")
    page.keyboard.press("Enter")
    page.locator("#login").wait_for(state="hidden")
    expect_connected(page)
    refused.clear()  # the service is started anew, with another token
    page.evaluate("tryAgain(LOST)")
    page.locator("#login").wait_for()
    opened.said[:] = without(opened.said, "401")


@pytest.mark.parametrize(
    ("script", "sentence"), [(NO_CAMERA, "Permission denied"), (NOT_OVER_HTTP, "over the network a browser gives it")]
)
def test_a_camera_that_is_refused_is_said(opened, script, sentence):
    page = opened(lambda page: page.add_init_script(script))
    page.get_by_role("button", name="Camera").click()
    expect(page, "#status", f"No camera: {sentence}")
    assert page.get_attribute("#camera", "aria-pressed") == "false"
    still_works(page, f"{sentence}.jpg")
