"""A pull between two computers: a click or a box on the receiver's page, the way back, and the close-up comes."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from ....stand_ins import street
from ..conftest import expect, expect_connected, expect_picture, expect_view, watched

pytest.importorskip("fastapi", reason="the live page's packages are not here: scripts/setup live")

SMALL_BYTES = 300
"""A budget that has no room for a close-up."""


@pytest.fixture
def pages(browser, two_pages) -> Iterator[tuple]:
    """Both pages in the browser; at the end nothing may stand in its console."""
    said: list[str] = []
    context = browser.new_context()
    pages = [watched(context.new_page(), said) for _ in two_pages]
    for page, client in zip(pages, two_pages, strict=True):
        page.goto(f"http://127.0.0.1:{client.port}/")
        expect_connected(page)
    yield tuple(pages)
    context.close()
    assert said == []


def send(pages, two_pages, name: str, shade: int) -> dict:
    """A photo of the street, until the receiver's page shows all of it; what its API says of it."""
    (sender, receiver), (near, far) = pages, two_pages
    near.call("PATCH", "/api/settings", {"budget_bytes": SMALL_BYTES})
    number = len(far.call("GET", "/api/pictures")[1]) + 1
    file = io.BytesIO()
    Image.fromarray(street(240, 160) + np.uint8(shade)).save(file, "PNG")
    sender.set_input_files("#file", {"name": name, "mimeType": "image/png", "buffer": file.getvalue()})
    expect(sender, "#stage", f"{name} · sent")
    far.until_state(lambda state: len(state["pictures"]) == number)
    came = far.until(lambda entry: entry.get("complete"), number)
    assert len(came["objects_received"]) == 1 and came["close_ups_received"] == []
    expect(receiver, "#came", f"{came['name']} · complete")
    expect_picture(receiver, 240)
    assert receiver.locator("#pull rect.close-up").count() == 0
    return came


def check_that_it_comes(pages, two_pages, came: dict) -> None:
    """The receiver's page says what was asked for, and then draws it: one layer more, where the object is."""
    receiver, far = pages[1], two_pages[1]
    expect(receiver, "#asked", "“object 1”: asked")
    receiver.locator("#pull rect.close-up").wait_for()
    after = far.until(lambda entry: entry["close_ups_received"], came["number"])
    layers_before, layers = ([layer["layer"] for layer in entry["layers_received"]] for entry in (came, after))
    assert len(layers) == len(layers_before) + 1 and set(layers_before) < set(layers)
    assert inside(came["objects_received"][0]["box"], after["close_ups_received"][0])
    assert after["views"]["received"] > came["views"]["received"]
    expect_view(receiver, "received", after)


def inside(box: list[float], frame: list[float]) -> bool:
    """Left, top, right, bottom: but for the step in which a close-up's frame is coded."""
    left, top, right, bottom = (edge - border for edge, border in zip(box, frame, strict=True))
    return left > -0.02 and top > -0.02 and right < 0.02 and bottom < 0.02


def test_an_object_that_is_clicked_at_one_computer_comes_closer_from_the_other(pages, two_pages):
    came = send(pages, two_pages, "clicked.png", 0)
    pages[1].locator("#pull rect.box").click()
    check_that_it_comes(pages, two_pages, came)


def test_an_object_in_a_box_that_is_dragged_at_one_computer_comes_closer_from_the_other(pages, two_pages):
    came = send(pages, two_pages, "dragged.png", 3)
    receiver, pull = pages[1], pages[1].locator("#pull")
    pull.scroll_into_view_if_needed()
    place = pull.bounding_box()
    left, top, right, bottom = came["objects_received"][0]["box"]
    receiver.mouse.move(*point(place, left - 0.05, top - 0.08))
    receiver.mouse.down()
    receiver.mouse.move(*point(place, right, top))
    receiver.mouse.move(*point(place, right + 0.05, bottom + 0.08))
    receiver.mouse.up()
    check_that_it_comes(pages, two_pages, came)


def test_a_page_whose_radio_is_elsewhere_says_who_records_its_samples(pages):
    receiver = pages[1]
    expect(receiver, "#recorded", "semcom record, at the radio")
    assert not receiver.is_visible("#record") and receiver.is_visible("#radio")


def point(place: dict[str, float], across: float, down: float) -> tuple[float, float]:
    """Shares of an element as a place in the window."""
    return place["x"] + across * place["width"], place["y"] + down * place["height"]
