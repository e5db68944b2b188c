"""Soft text from the photo to the page, and how long it takes on air."""

from __future__ import annotations

import pytest

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.outgoing import AirSettings, prepare
from semcom.apps.delivery.soft_frames import soft_frames, soft_uses
from semcom.link import Frame, Item, Key, SetFrame, SoftFrame
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.soft_text import HEAD_MCS
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform
from semcom.semantic import EncodeRequest, analyse
from semcom.semantic.layers import PlainText

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")

WAVEFORM = Waveform.load("ofdm64")
REQUEST = EncodeRequest(text="soft", budget_bytes=900)
TEXT = Item(Key(1, 2, 3, 1), 7, b"\x1fHEADa dog and a ball", exact_bytes=5)


def test_only_text_that_may_come_damaged_has_soft_frames_in_a_robust_mode():
    items = [Item(Key(1, 2, 3, 0), 7, b"header"), TEXT]
    (frame,) = soft_frames(items, "64qam-5/6")
    assert (frame.mcs, frame.coded_bytes) == (HEAD_MCS, 17)
    assert SoftFrame.from_bytes(frame.data).num_items == 2
    assert soft_frames(items, "bpsk-1/8")[0].mcs == "bpsk-1/8"


def test_airtime_is_that_of_the_burst_that_is_made():
    frames = soft_frames([TEXT], "qpsk-1/2")
    block = TransportBlock(frames[0].data, coded_bytes=frames[0].coded_bytes)
    samples = len(Transmitter(WAVEFORM).modulate([block], MCS_TABLE[HEAD_MCS]))
    assert soft_uses(frames, WAVEFORM) == samples - WAVEFORM.window_length


@pytest.mark.parametrize("settings", [AirSettings(), AirSettings(policy="layered"), AirSettings(airtime_ms=20.0)])
def test_soft_text_goes_with_whatever_carries_the_rest(settings):
    outgoing = prepare(analyse(street(240, 160), REQUEST), (1, 2, 3), settings, WAVEFORM)
    softly = [frame for frame in outgoing.frames if frame.coded_bytes is not None]
    assert len(softly) == 1 and softly[0].mcs == HEAD_MCS
    parsed = SoftFrame.from_bytes(softly[0].data)
    assert parsed.num_items == len(outgoing.packet.layers)
    assert outgoing.carriers[parsed.key] == parsed.key
    others = [frame.data for frame in outgoing.frames if frame.coded_bytes is None]
    assert all((SetFrame if data[0] & 1 else Frame).from_bytes(data) for data in others)
    assert len(outgoing.packet.to_bytes()) <= 900


def test_services_send_plain_text_coded_like_everything_else():
    (frame,) = FramePlan(AirSettings(), WAVEFORM).frames([TEXT])
    assert Frame.from_bytes(frame.data).payload == TEXT.payload and frame.coded_bytes is None


@pytest.mark.parametrize(("snr_db", "policy"), [(15.0, None), (-1.0, None), (2.0, "layered")])
def test_a_caption_crosses_noise_as_soft_text(snr_db, policy):
    from semcom.apps.delivery.send import SendSettings, send_photo
    from semcom.sdr_configs.radio import load_loopback

    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    radio = load_loopback("loopback-awgn").with_channel(seed=3, snr_db=snr_db)
    air = AirSettings(mcs="bpsk-1/3", policy=policy)
    report = send_photo("street", street(240, 160), SendSettings(REQUEST, "loopback-awgn", radio, air))
    (text,) = [layer.content for layer in report.received.layers if isinstance(layer.content, PlainText)]
    (sent,) = [layer.content for layer in report.sent.layers if isinstance(layer.content, PlainText)]
    assert text.check == sent.check and len(text.text) == len(sent.text)
    assert report.reconstruction.caption.text == text.text
    assert bool(text.guessed) == (snr_db < 10)
    assert any("repaired:" in note for note in report.notes) == (snr_db < 10)
    if snr_db >= 2:
        assert text.text == sent.text
