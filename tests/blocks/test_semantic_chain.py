"""A picture to IQ at a radio's rate and back: one block on each side."""

import sys

import numpy as np
import pmt
import pytest
from gnuradio import gr
from PIL import Image

from semcom.blocks import semantic_receiver, semantic_transmitter
from semcom.blocks.pdu import read_pdu, read_symbols
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.semantic import SemanticPacket

from ..group_layers import packet_of_group, without_shared
from .test_semantic_blocks import captioned, image_pdu

TIMEOUT_S = 60.0


@pytest.fixture(autouse=True)
def without_networks(monkeypatch):
    monkeypatch.setattr(sys.modules["semcom.blocks.semantic_encoder"], "encode", captioned)


@pytest.mark.parametrize("sample_rate_hz", [0.0, 2e6])
def test_pictures_cross_and_the_flowgraph_ends(make_source, make_sink, tmp_path, sample_rate_hz):
    Image.fromarray(np.zeros((24, 32, 3), np.uint8)).save(tmp_path / "a.png")
    transmitter = semantic_transmitter(sample_rate_hz=sample_rate_hz, amplitude=0.3, stream=7)
    receiver = semantic_receiver(sample_rate_hz=sample_rate_hz, folder=str(tmp_path / "out"))
    top_block = gr.top_block()
    source = make_source([image_pdu(20, 16), pmt.intern(str(tmp_path / "a.png"))])
    sinks = {port: make_sink() for port in ("reconstructions", "statistics", "link_statistics")}
    sent = make_sink()
    top_block.connect(transmitter, receiver)
    top_block.msg_connect(source, "out", transmitter, "pictures")
    top_block.msg_connect(transmitter, "statistics", sent, "in")
    for port, sink in sinks.items():
        top_block.msg_connect(receiver, port, sink, "in")
    run_to_end(top_block, TIMEOUT_S)
    assert all(sink.ended for sink in sinks.values())
    came = [read_pdu(message)[0] for message in sinks["reconstructions"].messages]
    assert [(meta["picture"], meta["caption"], meta["complete"]) for meta in came] == [
        (1, "A picture of 20 by 16 in es-isc.", True),
        (2, "A picture of 32 by 24 in es-isc.", True),
    ]
    packet = SemanticPacket.from_bytes((tmp_path / "out" / "7-0-2" / "packet.sem").read_bytes())
    assert packet.to_bytes() == captioned(np.zeros((24, 32, 3), np.uint8), stream=7, picture=2).to_bytes()
    assert len(sinks["statistics"].messages) == len(sent.messages) > 0
    assert read_symbols(sinks["statistics"].messages[0])[0]["snr_db"] > 30
    assert read_pdu(sinks["link_statistics"].messages[0])[0]["pictures_incomplete"] == 0


@pytest.mark.parametrize(
    ("sent_with", "expected"),
    [
        (1, [(1, True, ""), (2, True, "")]),
        (2, [(1, True, ""), (2, True, "")]),
        (None, [(1, False, "7/0/*/5"), (2, False, "7/0/*/5")]),
    ],
    ids=["group layer first", "group layer last", "group layer never"],
)
def test_a_layer_of_the_group_crosses_once(monkeypatch, make_source, make_sink, tmp_path, sent_with, expected):
    def encode(image, request, stream, group, picture):
        packet = packet_of_group(picture, stream, group)
        return packet if picture == sent_with else without_shared(packet)

    monkeypatch.setattr(sys.modules["semcom.blocks.semantic_encoder"], "encode", encode)
    transmitter = semantic_transmitter(amplitude=0.3, stream=7)
    receiver = semantic_receiver(folder=str(tmp_path))
    top_block = gr.top_block()
    source = make_source([image_pdu(20, 16), image_pdu(20, 16)])
    sinks = {port: make_sink() for port in ("reconstructions", "statistics", "link_statistics")}
    top_block.connect(transmitter, receiver)
    top_block.msg_connect(source, "out", transmitter, "pictures")
    top_block.msg_connect(transmitter, "statistics", sinks["statistics"], "in")
    for port in ("reconstructions", "link_statistics"):
        top_block.msg_connect(receiver, port, sinks[port], "in")
    run_to_end(top_block, TIMEOUT_S)
    came = [read_pdu(message)[0] for message in sinks["reconstructions"].messages]
    assert [(meta["picture"], meta["complete"], meta["missing"]) for meta in came] == expected
    assert [meta["caption"] for meta in came] == ["Picture 1.", "Picture 2."]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["7-0-1", "7-0-2"]  # and none of the group
    for number, complete, _ in expected:
        packet = SemanticPacket.from_bytes((tmp_path / f"7-0-{number}" / "packet.sem").read_bytes())
        sent = packet_of_group(number, 7)
        assert packet.to_bytes() == (sent if complete else without_shared(sent)).to_bytes()
    statistics = read_pdu(sinks["link_statistics"].messages[0])[0]
    incomplete = sum(not complete for _, complete, _ in expected)
    assert statistics["pictures_incomplete"] == incomplete and statistics["missing"] == expected[0][2]


def test_mode_and_amplitude_reach_the_modulator():
    transmitter = semantic_transmitter()
    transmitter.set_mcs("bpsk-1/2")
    transmitter.set_amplitude(0.2)
    modulator = transmitter.modem.modulator
    assert modulator.mcs.name == "bpsk-1/2" and modulator.amplitude == pytest.approx(0.2)
