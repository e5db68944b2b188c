"""The page in a real browser: Chromium of the distribution, driven by Playwright's Python package without downloads."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import time
from contextlib import closing
from pathlib import Path

from semcom.apps.live.settings import SKIPPABLE
from semcom.sdr_configs.radio import load_loopback

from .conftest import LIMIT_S, expect, expect_connected, expect_picture, photo_file, served, watched

AXE = "axe-core@4.10.2"
VIOLATIONS = "async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.html)])"
NAMELESS = """[...document.querySelectorAll('button, input, select, img, canvas')].filter(element =>
    !(element.textContent.trim() || element.labels?.length || element.ariaLabel || element.alt !== undefined))
    .map(element => element.outerHTML)"""
ANOTHER_OBJECT = """() => {
    shownOne().objects_received = [{ number: 7, category: "boat", score: 1, box: [0, 0, 1, 1] }];
    drawAll();
    const now = document.activeElement;
    return [now === kept, now.textContent, document.querySelector("#asks button").textContent];
}"""
"""In one step: an event of the link would take it back."""
PHONE = {"width": 390, "height": 844}


def send(page, tmp_path: Path, name: str, seed: int = 1):
    """Choose a file in the page, as a person would, and wait until it came. No two of a session have one name."""
    file = tmp_path / name
    file.write_bytes(photo_file(240, 160, seed))
    page.set_input_files("#file", str(file))
    expect(page, "#stage", name)
    expect(page, "#came", name)
    expect(page, "#came", "frames, complete")


def test_a_photo_is_chosen_and_words_picture_layers_and_bursts_are_shown_to_two_viewers(opened, client, tmp_path):
    client.call("PATCH", "/api/settings", {"snr_db": 20.0})
    page, other = opened(), opened(viewport=PHONE)
    send(page, tmp_path, "first.jpg")
    expect(other, "#came", "first.jpg")
    expect(other, "#came", "frames, complete")
    for viewer in (page, other):
        assert viewer.inner_text("#caption") != ""
        expect_picture(viewer, 240)
        expect(viewer, "#legend", "✓")  # once all frames are settled
        assert "✗" not in viewer.inner_text("#legend")
        viewer.locator("#timeline span").first.wait_for()
    assert other.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]  # nothing sticks out of a phone


def test_what_is_asked_for_comes(opened, client, tmp_path):
    page = opened()
    send(page, tmp_path, "more of it.jpg", seed=7)
    before = client.call("GET", "/api/pictures")[1][0]
    page.get_by_role("button", name="finer picture").click()
    expect(page, "#asked", "bytes more")
    client.until(lambda entry: entry["views"]["received"] > before["views"]["received"], before["number"])
    page.get_by_role("button", name="finer map").click()
    expect(page, "#asked", "“finer class map”:")
    assert any(answer in page.inner_text("#asked") for answer in ("bytes more went out", "as fine as it gets"))


def test_markup_in_names_is_text(opened, tmp_path):
    page = opened()
    send(page, tmp_path, "<img src=x onerror=alert(1)>.jpg")
    assert page.inner_text("#stage").startswith("<img src=x onerror=alert(1)>.jpg")
    assert page.locator("#stage img").count() == 0


def test_a_camera_s_pictures_go_out_until_it_is_switched_off(opened, client):
    page = opened()
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Camera").click()
    expect(page, "#stage", "camera")
    expect(page, "#came", "camera")
    page.get_by_role("button", name="Camera").click()
    assert page.get_attribute("#camera", "aria-pressed") == "false"


def test_the_guided_run_by_keyboard_alone(opened):
    page = opened()
    page.evaluate("pinned = 1")
    page.locator("#explain").focus()
    page.keyboard.press("Enter")
    titles = []
    for _ in range(7):
        titles.append(page.inner_text("#guide-title"))
        page.locator("#guide-next").focus()
        page.keyboard.press("Enter")
    assert titles[0] == "A photo" and len(set(titles)) == 7
    assert page.evaluate("pinned") == 0  # what it sends is shown, whatever was looked at before
    assert not page.is_visible("#guide") and page.evaluate("document.activeElement.id") == "explain"


def test_the_keyboard_reaches_the_file_choosers_and_it_shows(opened):
    page = opened()
    for chooser in ("file", "folder"):
        page.locator(f"#{chooser}").focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == chooser
        label = page.locator(f"label[for={chooser}]")
        assert label.evaluate("label => getComputedStyle(label).outlineStyle") == "solid"


def test_a_folder_of_more_photos_than_can_wait_comes_whole_and_what_is_no_picture_stays_said(opened, client, tmp_path):
    names = [f"of a folder {number}.jpg" for number in range(9)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(photo_file(seed=40 + number))
    (tmp_path / "of a folder 0 page.jpg").write_bytes(b"<!doctype html><p>no picture</p>")
    (tmp_path / "notes.txt").write_text("nothing to send")
    page = opened()
    page.set_input_files("#folder", str(tmp_path))
    client.until_state(lambda state: set(names) <= {entry["name"] for entry in state["pictures"]})
    expect(page, "#status", "of a folder 0 page.jpg")
    opened.said[:] = [line for line in opened.said if "422" not in line]


def test_the_photo_as_avif_is_shown_beside_what_came(opened, client, tmp_path):
    page = opened()
    client.call("PATCH", "/api/settings", {"rival": True})
    send(page, tmp_path, "beside it.jpg", seed=17)
    expect_picture(page, 240, "#avif")
    expect_picture(page, 240)
    client.call("PATCH", "/api/settings", {"rival": False})
    assert page.is_visible("#avif") and page.inner_text("#rival") == "The same photo as AVIF file in the same airtime"


def test_the_gallery_is_searched_and_the_original_is_laid_over_what_came(opened, tmp_path):
    page = opened()
    send(page, tmp_path, "a needle.jpg", seed=23)
    for words, found in (("needle", ["a needle.jpg"]), ("needle in no haystack", [])):
        page.fill("#search", words)
        numbers = page.locator("#thumbs img").evaluate_all("images => images.map(i => Number(i.src.split('/')[5]))")
        assert [page.evaluate("n => pictures.get(n).name", number) for number in numbers] == found
    assert not page.is_visible("#original")
    page.locator("#compare").press("End")
    expect_picture(page, 240, "#original")
    assert page.is_visible("#original")
    assert page.evaluate("$('original').style.clipPath") == "inset(0px 0% 0px 0px)"
    page.locator("#compare").press("Home")
    assert not page.is_visible("#original")


def test_a_button_keeps_the_keyboard_while_the_page_is_drawn_anew(opened, tmp_path):
    """The same button where nothing has changed, so that no click is lost; one of the same words otherwise."""
    page = opened()
    send(page, tmp_path, "kept.jpg")
    page.locator("#asks button", has_text="finer outlines").focus()
    assert page.evaluate("kept = document.activeElement; drawAll(); document.activeElement === kept")
    assert page.evaluate(ANOTHER_OBJECT) == [False, "finer outlines (B)", "boat (7)"]
    page.locator("#overlays button", has_text="words").press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "words"
    assert page.locator("#overlays button", has_text="words").get_attribute("aria-pressed") == "false"


def test_settings_reach_the_link_and_refusals_are_said(opened, client):
    page = opened()
    page.select_option("select[name=mcs]", "16qam-1/2")
    page.fill("input[name=without]", "unicorns")
    page.press("input[name=without]", "Enter")  # it keeps the focus, so nothing is drawn anew
    expect(page, "#refused", "unicorns")
    page.wait_for_function("document.querySelector('input[name=without]').value === ''")  # what is refused springs back
    settings = client.until_state(lambda state: state["settings"]["mcs"] == "16qam-1/2")["settings"]
    client.call("PATCH", "/api/settings", {"mcs": "qpsk-1/2"})
    assert settings["without"] == ""
    opened.said[:] = [line for line in opened.said if "422" not in line]  # the browser notes the status


def test_it_connects_again_when_the_line_was_cut_and_shows_what_came_meanwhile(opened, client):
    lines = []

    def keep(line):
        line.connect_to_server()
        lines.append(line)

    page = opened(lambda page: page.route_web_socket("**/api/events", keep))
    lines[0].close()
    number = client.call("POST", "/api/pictures?name=meanwhile", photo_file(seed=9))[1]["number"]
    client.until(lambda entry: entry.get("complete"), number)
    deadline = time.monotonic() + LIMIT_S
    while len(lines) < 2:
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)  # in which Playwright calls `keep`
    expect(page, "#stage", "meanwhile")
    expect_connected(page)
    assert len(lines) == 2


def test_after_a_restart_of_the_service_the_page_shows_what_is_there_now(browser):
    """Pictures are counted from 1 again: neither the page nor the browser's store may show those of before."""
    from semcom.apps.live.session import LiveSession

    page, port = watched(browser.new_page(), []), 0
    for width in (240, 120):
        with closing(LiveSession(load_loopback("loopback-clean"))) as session, served(session, port) as client:
            if not port:
                port = client.port
                page.goto(f"http://127.0.0.1:{port}/")
            expect_connected(page)
            page.locator("#empty").wait_for()
            assert page.get_attribute("#sent", "src") is None and page.inner_text("#caption") == ""
            assert client.call("POST", "/api/pictures?name=one", photo_file(width, 80))[1]["number"] == 1
            expect_picture(page, width)
            expect_picture(page, width, "#sent")
        expect(page, "#status", "not connected")
    page.close()


def test_nothing_keeps_people_out(opened, tmp_path):
    """Names, texts and contrast, in both colour schemes, with a picture shown and the guide open.

    The rules of axe-core where npm can fetch it; the most important ones in any case.
    """
    source = axe(tmp_path)
    for scheme in ("light", "dark"):
        page = opened(color_scheme=scheme)
        send(page, tmp_path, f"{scheme}.jpg")
        page.locator("#explain").click()
        assert page.evaluate(NAMELESS) == []
        assert page.locator("h1").count() == 1 and page.get_attribute("html", "lang") == "en"
        if source is not None:
            page.evaluate(source)
            assert page.evaluate(VIOLATIONS) == []
            page.locator("#guide-end").click()
            assert page.evaluate(VIOLATIONS) == []


def axe(folder: Path) -> str | None:
    """axe-core's script; None where npm cannot fetch it."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        command = [npm, "pack", "--silent", AXE]
        came = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=True)
    except subprocess.SubprocessError:
        return None
    with tarfile.open(folder / came.stdout.split()[-1]) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


def test_layers_are_switches_and_a_late_viewer_sees_the_last_bursts(opened, client, tmp_path):
    page = opened()
    send(page, tmp_path, "before.jpg")
    late = opened()
    late.locator("#bursts tr").first.wait_for()
    assert late.locator("#mcs-now").inner_text() != ""
    late.get_by_role("button", name="detail map", exact=True).press("Enter")
    expect(late, "#settings [aria-pressed=false]", "detail map")
    settings = client.call("GET", "/api/state")[1]["settings"]
    late.get_by_role("button", name="the words only").click()
    expect(late, "#asks [aria-pressed=true]", "the words only")
    only = client.call("GET", "/api/state")[1]["settings"]
    client.call("PATCH", "/api/settings", {"skip": ""})
    assert settings["skip"] == "detail_map"
    assert set(only["skip"].split(",")) == set(SKIPPABLE) - {"caption"}
