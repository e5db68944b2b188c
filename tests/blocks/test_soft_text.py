"""Soft text through the blocks: it comes with wrong characters, is repaired, and that is told."""

from __future__ import annotations

import sys

import pytest
from gnuradio import channels, gr

from semcom.blocks import semantic_receiver, semantic_transmitter
from semcom.blocks.pdu import read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.semantic import EncodeRequest, RequestError, SemanticPacket
from semcom.semantic.layers import Caption, LayerKey, LayerKind, PlainText, encode_layer
from semcom.semantic.plain_texts import with_plain_texts

from .test_semantic_blocks import image_pdu

TIMEOUT_S = 60.0
SAID = "A brown dog is running on the grass with a ball in its mouth."


def words_alone(image, request: EncodeRequest, stream: int, group: int, picture: int) -> SemanticPacket:
    """A packet of header and caption, as the request says text is to go."""
    layer = encode_layer(LayerKey(stream, group, picture, 1), LayerKind.CAPTION, Caption(SAID))
    packet = SemanticPacket.build((image.shape[1], image.shape[0]), request.system, [layer], (stream, group, picture))
    return with_plain_texts(packet) if request.text == "soft" else packet


@pytest.mark.parametrize("text", ["soft", "coded"])
def test_a_caption_crosses_noise(monkeypatch, make_source, make_sink, tmp_path, text) -> None:
    """At 4 dB some of the uncoded characters are wrong, and what is coded arrives."""
    monkeypatch.setattr(sys.modules["semcom.blocks.semantic_encoder"], "encode", words_alone)
    transmitter = semantic_transmitter(mcs="bpsk-1/2", wait_for_full_bursts=True, text=text)
    noise = channels.channel_model(noise_voltage=10 ** (-4 / 20), noise_seed=3, taps=[1.0])
    receiver = semantic_receiver(folder=str(tmp_path))
    top_block, sink, source = gr.top_block(), make_sink(), make_source([image_pdu(20, 16)])
    top_block.connect(transmitter, noise, receiver)
    top_block.msg_connect(source, "out", transmitter, "pictures")
    top_block.msg_connect(receiver, "reconstructions", sink, "in")
    run_to_end(top_block, TIMEOUT_S)
    ((meta, _),) = [read_pdu(message) for message in sink.messages]
    assert meta["caption"] == SAID and meta["complete"]
    assert meta["damaged"] == ("0/0/1/1" if text == "soft" else "")
    packet = SemanticPacket.from_bytes((tmp_path / "0-0-1" / "packet.sem").read_bytes())
    (words,) = packet.of_kind(LayerKind.PLAIN_TEXT if text == "soft" else LayerKind.CAPTION)
    if text == "soft":
        assert isinstance(words.content, PlainText) and words.content.guessed and words.content.intact


def test_another_way_for_text_is_refused() -> None:
    with pytest.raises(RequestError, match="text"):
        semantic_transmitter(text="loud")
