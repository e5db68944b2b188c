"""What is made of the payloads that arrived, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.report.results import folder_names
from semcom.semantic import EncodeRequest, LayerKind, SemanticPacket, code, encode

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")


def arrived(packet: SemanticPacket, *kinds: LayerKind) -> dict:
    return {layer.key: layer.payload for layer in packet.layers if layer.kind in kinds}


def test_nothing_and_next_to_nothing_are_lost() -> None:
    packet = encode(street(240, 160))
    for kinds in ((), (LayerKind.HEADER,)):
        received, reconstruction, notes = rebuild(arrived(packet, *kinds))
        assert received is None and reconstruction is None and "nothing can be shown" in notes[-1]


def test_damaged_layers_only_are_lost_and_named() -> None:
    packet = encode(street(240, 160))
    payloads = {key: payload[:3] for key, payload in arrived(packet, LayerKind.CLASS_MAP).items()}
    received, _, notes = rebuild(payloads)
    assert received is None and "0/0/1/3 could not be read" in notes[0]


def test_a_caption_alone_is_words_without_a_picture() -> None:
    received, reconstruction, notes = rebuild(arrived(encode(street(240, 160)), LayerKind.CAPTION))
    assert received is not None and reconstruction.caption.text.startswith("A red car")
    assert reconstruction.picture is None and "no picture" in notes[-1]


def test_folder_names_are_short_unlike_and_out_of_the_way() -> None:
    photos = [
        Path(name) for name in ("a.png", "b/a.jpg", ".hid.png", ".hid.jpg", "report.json.png", "ü" * 200 + ".png")
    ]
    names = folder_names(photos)
    assert names[:5] == ["a", "a-2", "hid", "hid-2", "report.json-2"]
    assert names[5] == "ü" * 50


def test_a_layer_that_came_but_does_not_decode_is_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outcome is what decoding the received bytes shows, also where a faulty writer made them."""
    from dataclasses import replace

    from semcom.apps.delivery import outgoing
    from semcom.apps.delivery.send import SendSettings, send_photo
    from semcom.sdr_configs.radio import load_loopback

    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")

    def faulty(*arguments: object, **options: object) -> SemanticPacket:
        packet = code(*arguments, **options)
        return replace(packet, layers=tuple(_broken(layer) for layer in packet.layers))

    def _broken(layer):
        return replace(layer, payload=layer.payload[:4]) if layer.kind == LayerKind.CLASS_MAP else layer

    monkeypatch.setattr(outgoing, "code", faulty)
    radio = load_loopback("loopback-awgn").with_channel(seed=1, snr_db=15.0)
    report = send_photo("street", street(240, 160), SendSettings(EncodeRequest(), "loopback-awgn", radio))
    complete = {layer.kind: layer.complete for layer in report.layers}
    assert complete.pop("class_map") is False and all(complete.values())
    assert report.outcome == "partial"
    assert any("class_map" in note or "could not be read" in note for note in report.notes)
