"""A sender's page and a receiver's page with a radio process between them: `TxSession`, `RxSession`, `HostThread`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semcom.apps.live.hosts.host_thread import HostThread
from semcom.apps.live.hosts.rx_session import RxSession
from semcom.apps.live.hosts.tx_session import TxSession
from semcom.apps.live.radio_view import CameInBurst
from semcom.apps.services.radio_process.radio import RadioService
from semcom.flowgraphs.loopback.result import ReceivedFrame
from semcom.link.messages import Kind, Message
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.phy.waveform import Waveform
from semcom.semantic import SemanticError

from ...services.radio_bench import EchoAir

LIMIT_S = 200.0


def wait_for(condition: Callable[[], object], what: Callable[[], object]) -> object:
    """Until a condition is true; its value."""
    deadline = time.monotonic() + LIMIT_S
    while not (value := condition()):
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)
    return value


def photo(seed: int = 1) -> np.ndarray:
    """Sky, ground, and a thing: uint8 [64, 96, 3]."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((64, 96, 3), np.int64)
    pixels[:32], pixels[32:], pixels[20:44, 30:50] = (120, 170, 230), (60, 140, 50), (200, 40, 40)
    return (pixels + rng.integers(0, 9, pixels.shape)).clip(0, 255).astype(np.uint8)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[tuple[TxSession, RxSession]]:
    """Both, and a radio that gives every frame back."""
    make_acquainted(tmp_path / "keys", ["tx", "radio", "rx"])
    rings = {name: KeyRing.load(tmp_path / "keys" / name) for name in ("tx", "radio", "rx")}
    addresses: list[str] = []

    def make() -> RadioService:
        service = RadioService(EchoAir(), "tcp://127.0.0.1:*", rings["radio"])
        addresses.append(service.server.address)
        return service

    opened: list[TxSession | RxSession] = []
    radio = HostThread("radio", make)
    radio.start_and_wait()
    try:
        opened.append(RxSession(addresses[0], rings["rx"], "radio", tmp_path / "received"))
        waveform, photos = Waveform.load("ofdm64"), tmp_path / "photos"
        opened.append(TxSession(addresses[0], rings["tx"], "radio", tmp_path / "tx", waveform, photos))
        yield opened[1], opened[0]
    finally:
        for session in reversed(opened):
            session.close()
        radio.stop()
        assert not radio.is_alive()


def test_a_photo_of_the_sender_s_page_comes_on_the_receiver_s_and_more_of_it_when_asked(pages, tmp_path):
    tx, rx = pages
    sent = tx.submit("a photo", photo())
    wait_for(lambda: sent.about["stage"] == "sent", lambda: (tx.state(), rx.state()))
    came = wait_for(lambda: rx.gallery.as_list(), rx.state)[0]["number"]
    picture = rx.gallery.get(came)
    wait_for(lambda: picture.about.get("complete") and "received" in picture.views, rx.state)
    assert picture.about["caption_received"] == sent.about["caption"] != ""
    assert picture.about["layers_received"] == sent.about["layers"]
    assert sent.about["frames_came"] == sent.about["frames"] > 0
    wait_for(lambda: {"photo", "class_map"} <= set(sent.views), tx.state)
    assert picture.name == sent.about["name_on_air"]
    assert wait_for(lambda: list((tmp_path / "received").glob("*/packet.sem")), rx.state)  # host rx writes as ever
    version, layers = picture.versions["received"], len(picture.about["layers_received"])
    assert rx.ask(came, "scene") == "scene"
    wait_for(lambda: len(picture.about["layers_received"]) > layers, lambda: (tx.state(), rx.state()))
    assert picture.versions["received"] > version
    assert tx.state()["counts"]["outcomes"]["delivered"] >= sent.about["frames"]


def test_a_watched_folder_and_what_is_no_picture(pages, tmp_path):
    tx, rx = pages
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "page.jpg").write_bytes(b"<html><script>alert(1)</script></html>")
    refused = wait_for(lambda: tx.gallery.as_list("page.jpg"), tx.state)[0]
    assert refused["stage"] == "failed" and "alert" not in refused["error"] and refused["error"]
    assert not rx.gallery.as_list()


def test_settings_of_a_page_are_those_of_its_end(pages):
    tx, rx = pages
    assert set(tx.state()["settings"]) == {"mcs", "policy", "budget_bytes", "without", "profile"}
    assert set(rx.state()["settings"]) == {"texture"}
    with pytest.raises(SemanticError, match="snr_db cannot be set"):
        tx.change({"snr_db": 3.0})
    with pytest.raises(SemanticError, match="unicorns"):
        tx.change({"without": "unicorns"})
    tx.change({"without": "person", "mcs": "16qam-1/2"})
    assert tx.settings.mcs == "16qam-1/2" and rx.settings.mcs == "qpsk-1/2"
    with pytest.raises(SemanticError, match="measured SNR"):
        tx.change({"mcs": "automatic"})
    assert tx.settings.mcs == "16qam-1/2"


def test_a_page_says_what_belongs_to_the_other(pages):
    tx, rx = pages
    with pytest.raises(SemanticError, match="sender's page"):
        rx.submit("a photo", photo())
    with pytest.raises(SemanticError, match="receiver's page"):
        tx.ask(1, "scene")
    with pytest.raises(SemanticError, match="picture 7 is not here"):
        rx.ask(7, "scene")


def test_a_spectrum_is_kept_for_who_comes_later_and_a_rate_that_is_not_known_is_none(pages):
    rx = pages[1]
    assert rx.state()["spectrum"] is None  # a radio of before tells none
    for rate_hz, told in ((2e6, 2e6), (math.nan, None)):
        body = Message.from_bytes(
            Message(Kind.SPECTRUM, {"sample_rate_hz": rate_hz, "levels": b"\x80\x00\x05"}, 1, 0, 1).to_bytes()
        ).body
        rx._host.on_spectrum(body)
        assert rx.state()["spectrum"] == {"type": "spectrum", "sample_rate_hz": told, "spectrum_db": [-128, 0, 5]}


def test_how_often_a_frame_was_sent_comes_with_it():
    frame = ReceivedFrame(b"frame", True, 9.0, 1.0, -9.0, "qpsk-1/2", 1, 0, 0, num_transmissions=3)
    names = ("crc_ok", "snr_db", "cfo_hz", "evm_db", "mcs", "burst", "block", "start_sample", "combined")
    for sent in (frame, replace(frame, num_transmissions=1)):
        body = {"number": 1, "frame": sent.data, **{name: getattr(sent, name) for name in names}}
        message = Message.from_bytes(Message(Kind.RECEIVED, body, 1, 0, 1).to_bytes())
        assert ReceivedFrame.from_received(message.body) == sent
    came = CameInBurst()
    came.take(frame, [])
    assert came.repaired == 1
