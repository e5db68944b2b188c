"""Whatever a message holds, the block goes on and handles the good one that follows."""

import numpy as np
import pmt
import pytest
from gnuradio import blocks as stock
from gnuradio import gr

from semcom import blocks
from semcom.blocks.pdu import make_pdu, read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end

VALUES = [
    pmt.PMT_NIL, pmt.PMT_T, pmt.from_long(-1), pmt.from_long(1 << 40), pmt.from_double(float("nan")),
    pmt.from_double(float("-inf")), pmt.intern("word"), pmt.intern("\n" * 500), pmt.from_complex(1j), pmt.make_dict(),
    pmt.make_vector(2, pmt.PMT_T), pmt.make_tuple(pmt.from_long(1), pmt.intern("x")), pmt.init_u8vector(2, [1, 2]),
    pmt.init_f32vector(2, [float("nan"), 1.0]), pmt.cons(pmt.PMT_T, pmt.PMT_NIL),
]  # fmt: skip
NOT_PDUS = [*VALUES, pmt.cons(pmt.make_dict(), pmt.PMT_NIL), pmt.cons(pmt.PMT_NIL, pmt.init_s32vector(1, [1]))]
NOT_PDUS += [pmt.cons(pmt.dict_add(pmt.make_dict(), pmt.from_long(3), pmt.PMT_T), pmt.init_u8vector(0, []))]

LAYER = {"stream": 0, "group": 0, "picture": 1, "layer": 1, "importance": 3, "num_layers": 1}
LAYER_EXTRAS = {"requires": 0, "exact_bytes": 3, "llr": b"ab", "damaged": False, "picture_complete": True, "name": "x"}
BURST = {"header_ok": True, "num_blocks": 2, "num_blocks_ok": 1, "snr_db": 9.0, "cfo_hz": 1.0, "evm_db": -9.0}
CHANNEL = np.ones(52, np.complex64)
QUALITY = {"crc_ok": True, "snr_db": 1.0, "cfo_hz": 0.0, "evm_db": -3.0}


def spoilt(meta, data, extras=()):
    """The PDU with each entry of its metadata replaced by each of the values."""
    for key in (*meta, *extras):
        for value in VALUES:
            message = make_pdu({name: entry for name, entry in meta.items() if name != key}, data)
            yield pmt.cons(pmt.dict_add(pmt.car(message), pmt.intern(key), value), pmt.cdr(message))


def link_frame():
    from semcom.link import Item, Key, Sender

    (frame,) = Sender(256, 1).frames([Item(Key(0, 0, 1, 1), 3, b"layer")], True)
    return frame.data


CASES = {
    "link_sender": ("layers", "frames", lambda: (LAYER, b"layer"), LAYER_EXTRAS),
    "link_receiver": ("frames", "layers", lambda: (QUALITY, link_frame()), ("stream", "mcs")),
    "semantic_decoder": (
        "layers",
        "reconstructions",
        lambda: ({**LAYER, "picture_complete": True}, b"\x01"),
        LAYER_EXTRAS,
    ),
    "burst_statistics": ("statistics", "per", lambda: ({**BURST, "channel": CHANNEL}, CHANNEL), ("mcs",)),
}


@pytest.mark.parametrize("name", CASES)
def test_message_blocks_go_on(name, run_block):
    port_in, port_out, good, extras = CASES[name]
    meta, data = good()
    block = getattr(blocks, name)()
    bad = [*NOT_PDUS, *spoilt(meta, data, extras)]
    last = make_pdu({**meta, **({"picture": 7} if "picture" in meta else {})}, data)
    if name == "burst_statistics":
        came = run_without_end(block, port_in, [*bad, last], port_out, run_block)
        assert len(came) >= 1 and all(np.isfinite(pmt.to_double(pmt.cdr(message))) for message in came)
    else:
        came = run_block(block, port_in, [*bad, last], [port_out])[port_out]
        assert came and block.counts["refused"] >= len(NOT_PDUS) - 2
        if name != "link_receiver":  # there each copy but the first is a duplicate
            assert read_pdu(came[-1])[0].get("picture", 7) in (1, 7)


def run_without_end(block, port_in, messages, port_out, run_block):
    """For the block that keeps the end to itself."""
    said = []
    block.message_port_pub = lambda port, message: said.append((pmt.symbol_to_string(port), message))
    run_block(block, port_in, messages, [])
    return [message for port, message in said if port == port_out]


def test_the_modulator_sends_what_is_good(make_source, make_sink):
    meta = {"mcs": "qpsk-1/2", "process": 3, "source": 1, "redundancy_version": 0, "new_data": True}
    bad = [*NOT_PDUS, *spoilt(meta, b"frame", ("tx_time", "crc_ok"))]
    source, modulator, sink = make_source([*bad, make_pdu({}, b"the last")]), blocks.burst_modulator(), make_sink()
    receiver, top_block = blocks.burst_receiver(), gr.top_block()
    top_block.connect(modulator, receiver)
    top_block.msg_connect(source, "out", modulator, "frames")
    top_block.msg_connect(receiver, "frames", sink, "in")
    run_to_end(top_block, 120.0)
    data = [read_pdu(message)[1] for message in sink.messages]
    assert data[-1] == b"the last" and modulator.counts["refused"] >= len(NOT_PDUS)
    assert len(data) == modulator.counts["frames"]  # what was taken was sent


def test_the_picture_display_goes_on(run_block, qt_application):
    display = blocks.picture_display()
    meta = {"width": 2, "height": 1, "caption": "words", "num_layers": 1, "complete": True, "picture": 1}
    run_block(
        display, "pictures", [*NOT_PDUS, *spoilt(meta, bytes(6)), make_pdu({**meta, "caption": "good"}, bytes(6))], []
    )
    qt_application.processEvents()
    assert display.widget.shown[1] == "good"


def test_tags_of_a_stream_are_no_threat(make_sink):
    tags = []
    for at, value in enumerate(VALUES):
        tag = gr.tag_t()
        tag.offset, tag.key, tag.value = 100 * at, pmt.intern("rx_time"), value
        tags.append(tag)
    receiver, sink, top_block = blocks.burst_receiver(), make_sink(), gr.top_block()
    source = stock.vector_source_c([0j] * 5000, False, 1, tags)
    top_block.connect(source, receiver)
    top_block.msg_connect(receiver, "frames", sink, "in")
    run_to_end(top_block, 60.0)
    assert sink.ended
