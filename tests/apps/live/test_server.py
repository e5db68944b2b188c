"""The page's API, over real sockets."""

from __future__ import annotations

import io
import json
import re
import ssl
import subprocess
import urllib.request

import numpy as np
import pytest
from PIL import Image

from .conftest import LIMIT_S, photo_file, served

pytest.importorskip("uvicorn", reason="the live page's packages are not here: scripts/setup live")

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from semcom.apps.live.assets import assets
from semcom.apps.live.page_session import PageSession
from semcom.apps.live.run import MOST_MESSAGE_BYTES

SENT = "sent"


def send(client, data=None, name="a photo.jpg"):
    status, told = client.call("POST", f"/api/pictures?name={name.replace(' ', '%20')}", data or photo_file())
    assert status == 201, told
    return told["number"]


def events(client, origin=True):
    address = f"127.0.0.1:{client.port}"
    return connect(f"ws://{address}/api/events", origin=f"http://{address}" if origin else None, open_timeout=LIMIT_S)


def is_complete(event, number) -> bool:
    """Whether it says that all of the picture of that number is here."""
    picture = event.get("picture", {})
    return event["type"] == "picture" and picture["number"] == number and bool(picture.get("complete"))


def test_a_photo_crosses_the_link_and_viewers_are_told_words_first(client):
    client.call("PATCH", "/api/settings", {"snr_db": 20.0, "policy": "layered"})
    client.until_state(lambda state: all(entry["stage"] in (SENT, "failed") for entry in state["pictures"]))
    with events(client) as one, events(client) as two:
        number = send(client)
        for viewer in (one, two):
            came, kinds, picture = [], [], None
            while picture is None or not {"burst", "radio", "spectrum"} <= set(kinds):
                came.append(json.loads(viewer.recv(timeout=LIMIT_S)))
                kinds.append(came[-1]["type"])
                if is_complete(came[-1], number):
                    picture = came[-1]["picture"]
            assert kinds.index("words") < kinds.index("burst")  # before its own burst is drawn or counted
            words = came[kinds.index("words")]
            assert words["number"] == number and words["caption"] == picture["caption"] != ""
            burst = came[kinds.index("burst")]
            assert burst["header_ok"] and burst["blocks"] == burst["blocks_ok"] and burst["snr_db"] > 15
            assert 0 < len(came[kinds.index("radio")]["constellation"]) <= 200
            spectrum = came[kinds.index("spectrum")]
            assert len(spectrum["spectrum_db"]) == 256 and spectrum["sample_rate_hz"] == 1e6
    picture = client.until(lambda entry: entry["stage"] == SENT and entry.get("complete"), number)
    assert picture["name"] == "a photo.jpg" and picture["frames_came"] == picture["frames"] > 0
    assert {"photo", "received", "drawing", "provenance"} <= set(picture["views"])
    assert picture["layers"] == picture["layers_received"] and picture["caption"] == picture["caption_received"]
    for view, size in (("photo", (96, 64)), ("received", (96, 64))):
        status, contents = client.call("GET", f"/api/pictures/{number}/views/{view}")
        assert status == 200 and Image.open(io.BytesIO(contents)).size == size


def test_below_the_threshold_words_arrive_and_the_page_says_what_did_not(client):
    client.call("PATCH", "/api/settings", {"snr_db": -3.0})
    number = send(client, photo_file(320, 240))
    picture = client.until(lambda entry: entry["stage"] == SENT and "complete" in entry, number)
    client.call("PATCH", "/api/settings", {"snr_db": 20.0})
    assert picture["caption_received"] == picture["caption"] and not picture["complete"]
    assert picture["frames_came"] < picture["frames"]


def test_the_photo_as_avif_in_the_same_airtime_comes_beside_it(client):
    before = len(client.call("GET", "/api/pictures")[1])
    client.call("PATCH", "/api/settings", {"rival": True})
    number = send(client, photo_file(320, 240, 3))
    client.until(lambda entry: "avif" in entry["views"], number)
    client.call("PATCH", "/api/settings", {"rival": False})
    picture = client.until(lambda entry: 0 < entry.get("avif_frames_settled", 0) == entry["avif_frames"], number)
    assert picture["stage"] == SENT and picture["avif_frames_came"] == picture["avif_frames"]
    assert len(client.call("GET", "/api/pictures")[1]) == before + 1  # it is no picture of its own
    assert client.call("GET", f"/api/pictures/{number}/views/avif")[0] == 200


def test_where_no_avif_file_is_as_small_that_is_said_and_the_words_come(client):
    client.call("PATCH", "/api/settings", {"rival": True, "skip": "objects,class_map,detail_map,sub_image,close_ups"})
    number = client.call("POST", "/api/demo")[1]["number"]
    picture = client.until(lambda entry: "avif_error" in entry and entry["stage"] == SENT, number)
    client.call("PATCH", "/api/settings", {"rival": False, "skip": ""})
    assert "avif" in picture["avif_error"] and "error" not in picture
    assert picture["caption_received"] == picture["caption"] != ""


def test_more_of_a_picture_comes_when_it_is_asked_for(client):
    number = send(client, photo_file(320, 240, 5))
    client.until(lambda entry: entry["stage"] == SENT and entry.get("complete"), number)
    before = client.until(lambda entry: True, number)
    status, told = client.call("POST", f"/api/pictures/{number}/ask", {"words": "scene"})
    assert (status, told) == (200, {"asked": "scene"})
    after = client.until(lambda entry: "answer" in entry and entry["stage"] == SENT, number)
    assert after["asked"] == "scene" and after["answer"].endswith("bytes more went out")
    more = client.until(lambda entry: len(entry["layers_received"]) > len(before["layers_received"]), number)
    assert more["views"]["received"] > before["views"]["received"]


def test_what_the_sender_does_not_have_is_answered_with_a_sentence(client):
    number = send(client)
    client.until(lambda entry: entry["stage"] == SENT, number)
    client.call("POST", f"/api/pictures/{number}/ask", {"words": "object 63"})
    picture = client.until(lambda entry: entry.get("asked") == "object 63", number)
    assert "object" in picture["answer"] and picture["stage"] == SENT and "error" not in picture


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("/api/pictures?name=x.jpg", b"<html><script>alert(1)</script></html>", 422, "not a picture"),
        ("/api/pictures?name=x.jpg", b"", 422, "empty"),
        ("/api/pictures/9999/ask", {"words": "scene"}, 422, "picture 9999 is not here"),
        ("/api/pictures/1/ask", {"words": "x" * 81}, 422, "80 characters"),
        ("/api/pictures/1/ask", {"box": [0, 0, 1]}, 422, "Field required"),
        ("/api/pictures/1/ask", {"box": [0.99, 0.99, 1.0, 1.0]}, 422, "there is no object in this box"),
        ("/api/pictures/nought/ask", {}, 422, "valid integer"),
        ("/api/login", {"token": "guess"}, 401, "not the token"),
    ],
)
def test_what_cannot_be_is_one_sentence(client, path, body, status, sentence):
    got, told = client.call("POST", path, body)
    assert got == status and sentence in json.dumps(told)


def test_a_bomb_is_refused_by_its_size(client):
    file = io.BytesIO()
    Image.new("1", (15000, 14000)).save(file, "PNG")
    status, told = client.call("POST", "/api/pictures", file.getvalue())
    assert status == 422 and "pixels" in told["detail"]


def test_settings_that_cannot_be_change_nothing(client):
    before = client.call("GET", "/api/state")[1]["settings"]
    for change, sentence in (
        ({"snr_db": 99.0}, "snr_db"),
        ({"colour": 1}, "colour"),
        ({"without": "unicorns"}, "unicorns"),
    ):
        status, told = client.call("PATCH", "/api/settings", change)
        assert status == 422 and sentence in told["detail"]
    assert client.call("GET", "/api/state")[1]["settings"] == before


def test_a_failure_of_one_photo_is_said_and_the_next_one_goes(page, client):
    number = page[0].submit("too small", np.zeros((8, 8, 3), np.uint8)).number
    picture = client.until(lambda entry: entry["stage"] == "failed", number)
    assert "at least 16 pixels" in picture["error"]
    client.until(lambda entry: entry["stage"] == SENT, send(client))


def test_more_photos_than_can_wait_are_refused_with_a_sentence(client):
    answers = [client.call("POST", "/api/pictures", photo_file(640, 480, seed)) for seed in range(12)]
    statuses = [status for status, _ in answers]
    assert 201 in statuses and 429 in statuses
    assert all("wait already" in told["detail"] for status, told in answers if status == 429)
    taken = [told["number"] for status, told in answers if status == 201]
    assert max(entry["number"] for entry in client.call("GET", "/api/pictures")[1]) == max(
        taken
    )  # no ghost of the others
    client.until(lambda entry: entry["stage"] == SENT, max(told["number"] for status, told in answers if status == 201))


def test_the_api_describes_itself_and_lacks_are_named(client):
    status, document = client.call("GET", "/api/openapi.json")
    paths = {"/api/state", "/api/pictures", "/api/settings", "/api/pictures/{number}/ask", "/api/demo"}
    assert status == 200 and paths <= set(document["paths"])
    bodies = {
        path: operation[method]["requestBody"]["content"]
        for path, method in (("/api/pictures", "post"), ("/api/settings", "patch"))
        for operation in (document["paths"][path],)
    }
    assert bodies["/api/pictures"] == {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    settings = bodies["/api/settings"]["application/json"]["schema"]
    assert settings["properties"].keys() == client.call("GET", "/api/state")[1]["settings"].keys()
    assert settings["properties"]["snr_db"]["maximum"] == 40 and not settings["additionalProperties"]
    image = document["paths"]["/api/pictures/{number}/views/{view}"]["get"]["responses"]["200"]["content"]
    assert list(image) == ["image/webp"]
    assert client.call("GET", "/api/pictures/1/views/..%2f..%2fetc%2fpasswd")[0] == 404
    assert client.call("GET", "/docs")[0] == 404


def test_a_viewer_that_talks_has_to_go_and_junk_too_long_is_not_read(client):
    with events(client) as socket, pytest.raises(ConnectionClosed):
        for _ in range(100):
            socket.send("junk")
        while True:
            socket.recv(timeout=LIMIT_S)
    with events(client) as socket, pytest.raises(ConnectionClosed):
        socket.send(b"x" * (MOST_MESSAGE_BYTES + 1))
        while True:
            socket.recv(timeout=LIMIT_S)
    with pytest.raises(InvalidStatus):
        events(client, origin=False)
    assert client.call("GET", "/api/state")[0] == 200


def test_all_assets_are_here_and_load_nothing_from_elsewhere(client):
    """What a browser loads before the first picture: at most 500 kB."""
    page = client.call("GET", "/")[1].decode()
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert set(loaded) | {"/"} == set(assets())
    size = 0
    for path in ("/", *loaded):
        status, contents = client.call("GET", path)
        elsewhere = re.findall(rb"https?://", contents.replace(b"http://www.w3.org/2000/svg", b""))
        assert status == 200 and elsewhere == [], path
        size += len(contents)
    assert size < 500_000


def test_with_a_certificate_the_page_and_its_events_come_over_tls(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-keyout", key, "-out", certificate]
    subject = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, *subject], check=True, capture_output=True, timeout=LIMIT_S)
    session, trust = PageSession(), ssl.create_default_context(cafile=certificate)
    with served(session, certificate=str(certificate), key=str(key)) as client:
        address = f"localhost:{client.port}"
        with urllib.request.urlopen(f"https://{address}/", context=trust, timeout=LIMIT_S) as answer:
            assert b"gr-semcom live" in answer.read()
        with connect(
            f"wss://{address}/api/events", origin=f"https://{address}", ssl=trust, open_timeout=LIMIT_S
        ) as told:
            session.fail("heard over TLS")
            assert json.loads(told.recv(timeout=LIMIT_S)) == {"type": "failure", "sentence": "heard over TLS"}
