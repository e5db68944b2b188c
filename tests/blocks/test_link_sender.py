import re

import pmt
import pytest

from semcom.blocks import link_sender
from semcom.blocks.pdu import make_pdu, read_pdu
from semcom.link import Assembler, Frame, Item, Key, Sender, SoftFrame
from semcom.link.errors import ItemError
from semcom.phy.errors import ConfigurationError
from semcom.sdr_configs.errors import ConfigError


def layer_pdu(layer, payload, importance=3, **meta):
    return make_pdu({"stream": 1, "group": 2, "picture": 3, "layer": layer, "importance": importance, **meta}, payload)


def frames_of(messages):
    return [Frame.from_bytes(read_pdu(message)[1]) for message in messages]


def test_a_picture_leaves_whole_and_most_important_first(run_block):
    block = link_sender(max_frame_bytes=64, policy="")
    messages = [
        layer_pdu(0, b"least", 1, num_layers=3),
        layer_pdu(1, bytes(100), 7, num_layers=3, requires=[1, 2, 3, 2]),
        layer_pdu(2, b"needed", 0, num_layers=3),
    ]
    came = run_block(block, "layers", messages, ["frames"])["frames"]
    items = [
        Item(Key(1, 2, 3, 0), 1, b"least"),
        Item(Key(1, 2, 3, 1), 7, bytes(100), (Key(1, 2, 3, 2),)),
        Item(Key(1, 2, 3, 2), 0, b"needed"),
    ]
    assert [read_pdu(message)[1] for message in came] == [frame.data for frame in Sender(64).frames(items)]
    meta, _ = read_pdu(came[1])
    assert meta == {"stream": 1, "group": 2, "picture": 3, "layer": 1, "piece": 0, "importance": 7}
    assert [frame.key.layer for frame in frames_of(came)] == [2, 1, 1, 1, 0]


def test_text_that_may_come_damaged_says_what_of_its_frame_is_coded(run_block):
    (came,) = run_block(link_sender(), "layers", [layer_pdu(1, b"HEADa dog", 7, exact_bytes=4)], ["frames"])["frames"]
    meta, data = read_pdu(came)
    assert meta["coded_bytes"] == 16 and SoftFrame.from_bytes(data).payload == b"HEADa dog"
    assert meta["mcs"] == "bpsk-1/3"
    (came,) = run_block(link_sender(policy=""), "layers", [layer_pdu(1, b"HEADa dog", 7, exact_bytes=4)], ["frames"])[
        "frames"
    ]
    assert "mcs" not in read_pdu(came)[0]


def test_by_default_what_matters_goes_at_a_more_robust_scheme_and_shares_frames(run_block, capfd):
    layers = {0: (7, b"words"), 1: (5, bytes(90)), 2: (3, bytes(300)), 3: (0, bytes(40))}
    messages = [
        layer_pdu(number, payload, importance, num_layers=4) for number, (importance, payload) in layers.items()
    ]
    block = link_sender(max_frame_bytes=256, mcs="qpsk-1/2")
    came = [read_pdu(message) for message in run_block(block, "layers", messages, ["frames"])["frames"]]
    sent = [(meta["mcs"], meta["set"], meta["piece"], meta["importance"]) for meta, _ in came]
    assert sent == [("bpsk-2/5", 2, 0, 7), ("qpsk-1/2", 4, 0, 3), ("qpsk-1/2", 4, 1, 3), ("qpsk-1/2", 7, 0, 0)]
    assembler = Assembler()
    items = [item for _, data in came for item in assembler.push(data)[0].items]
    assert {item.key.layer: (item.importance, item.payload) for item in items} == layers
    assert re.search(r"picture 1/2/3.*: [\d.]+ ms on air, \+\d+% for protection by importance", capfd.readouterr().out)


def test_the_scheme_is_changed_by_a_setter_or_a_command_and_an_unknown_one_is_not_taken(run_block):
    block = link_sender(mcs="qpsk-1/2")
    assert block.set_mcs("16qam-1/2") and not block.set_mcs("17qam") and block.counts["refused_settings"] == 1
    (came,) = run_block(block, "layers", [layer_pdu(0, b"words", 7, num_layers=1)], ["frames"])["frames"]
    assert read_pdu(came)[0]["mcs"] == "qpsk-1/2"  # 4 dB deeper
    block.on_command(pmt.to_pmt({"mcs": "qpsk-1/2", "amplitude": 0.5}))
    block.on_command(pmt.cons(pmt.intern("mcs"), pmt.intern("qam")))
    block.on_command(pmt.to_pmt({"colour": 1}))
    assert block.counts["refused_settings"] == 3
    (came,) = run_block(block, "layers", [layer_pdu(0, b"words", 7, num_layers=1)], ["frames"])["frames"]
    assert read_pdu(came)[0]["mcs"] == "bpsk-2/5"


def test_layers_that_announce_nothing_leave_at_once(run_block):
    messages = [layer_pdu(0, b"x", 1), layer_pdu(1, b"y", 7)]
    frames = frames_of(run_block(link_sender(), "layers", messages, ["frames"])["frames"])
    assert [(frame.key.layer, frame.num_items) for frame in frames] == [(0, 0), (1, 0)]


def test_at_the_end_an_incomplete_picture_is_sent_as_it_is(run_block):
    block = link_sender(policy="")
    frames = frames_of(run_block(block, "layers", [layer_pdu(5, b"only", num_layers=2)], ["frames"])["frames"])
    assert [(frame.key.layer, frame.num_items) for frame in frames] == [(5, 1)]
    assert block.counts["incomplete_pictures"] == 1 and block.counts["frames"] == 1


@pytest.mark.parametrize(
    ("meta", "reason"),
    [
        ({"importance": 8}, "importance of item 1/2/3/0 must be 0 to 7, got 8"),
        ({"importance": None}, "importance of a PDU must be an integer, got None"),
        ({"layer": 256}, "layer of key must be an integer from 0 to 255, got 256"),
        ({"requires": [1, 2, 3]}, "requires of a PDU must hold four numbers for each layer, got 3"),
        ({"num_layers": "two"}, "num_layers of a PDU must be an integer, got 'two'"),
    ],
)
def test_layers_that_cannot_be_sent_are_counted_and_named(run_block, caplog, meta, reason):
    block = link_sender()
    bad = make_pdu({"stream": 1, "group": 2, "picture": 3, "layer": 0, "importance": 1, **meta}, b"bad")
    came = run_block(block, "layers", [bad, layer_pdu(1, b"good")], ["frames"])["frames"]
    assert [frame.payload for frame in frames_of(came)] == [b"good"] and block.counts["refused"] == 1
    assert reason in caplog.text


def test_parameters_that_cannot_work_are_refused_when_built():
    with pytest.raises(ItemError, match="max_frame_bytes must be 32 to 8192, got 8"):
        link_sender(8)
    with pytest.raises(ConfigError, match="policy must be one of"):
        link_sender(policy="bold")
    with pytest.raises(ConfigurationError, match="mcs must be one of"):
        link_sender(mcs="qam")
