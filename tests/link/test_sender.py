import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.link import Frame, Item, ItemError, Key, Sender, SoftFrame
from semcom.link.sender import sending_order


def item(layer, importance=3, num_bytes=10, requires=()):
    return Item(Key(1, 1, 1, layer), importance, bytes(num_bytes), tuple(Key(1, 1, 1, other) for other in requires))


@settings(max_examples=50)
@given(st.integers(32, 300), st.integers(1, 32), st.integers(0, 3000))
def test_pieces_of_an_item_are_equally_long_and_within_the_limit(max_frame_bytes, step, num_bytes):
    payload = bytes(range(256)) * 12
    sent = Item(Key(1, 2, 3, 4), 5, payload[:num_bytes])
    frames = Sender(max_frame_bytes, step).frames([sent])
    lengths = {len(frame.data) for frame in frames}
    assert len(lengths) == 1 and max(lengths) <= max_frame_bytes
    assert max(lengths) % step == 0 or max(lengths) == max_frame_bytes
    parsed = [Frame.from_bytes(frame.data) for frame in frames]
    assert b"".join(frame.payload for frame in parsed) == sent.payload
    assert [frame.name for frame in parsed] == [frame.name for frame in frames]
    assert {(frame.num_items, frame.importance) for frame in parsed} == {(1, 5)}


def test_an_item_of_soft_values_has_one_frame_however_long():
    sent = Item(Key(1, 2, 3, 4), 5, bytes(range(200)) * 3, exact_bytes=4)
    (frame,) = Sender(64).frames([sent])
    parsed = SoftFrame.from_bytes(frame.data)
    assert (parsed.payload, parsed.exact_bytes, parsed.num_items) == (sent.payload, 4, 1)
    assert frame.name == parsed.name and frame.coded_bytes == parsed.coded_bytes == 16
    assert frame.data[:10] == bytes.fromhex("12 0001 0002 0003 04 a4 01") and frame.data[16:] == sent.payload[4:]
    with pytest.raises(ItemError, match="must fit one frame of soft values: frame must be 17 to 8192 bytes, got 9012"):
        Sender().frames([Item(Key(1, 2, 3, 4), 5, bytes(9000), exact_bytes=4)])


def test_most_important_first_and_nothing_before_what_it_requires():
    items = [item(0, 2), item(1, 7, requires=[3]), item(2, 5), item(3, 0), item(4, 5)]
    assert [entry.key.layer for entry in sending_order(items)] == [3, 1, 2, 4, 0]


def test_items_that_require_each_other_are_sent_once_each():
    items = [item(0, 1, requires=[1]), item(1, 1, requires=[0]), item(2, 1, requires=[2, 9])]
    assert sorted(entry.key.layer for entry in sending_order(items)) == [0, 1, 2]


def test_frames_say_how_many_items_each_picture_has():
    items = [item(0), item(1), Item(Key(1, 1, 0, 0), 7, b"shared by the group")]
    numbers = {
        Frame.from_bytes(frame.data).key: Frame.from_bytes(frame.data).num_items for frame in Sender().frames(items)
    }
    assert numbers == {Key(1, 1, 1, 0): 2, Key(1, 1, 1, 1): 2, Key(1, 1, 0, 0): 1}
    assert Frame.from_bytes(Sender().frames(items, whole=False)[0].data).num_items == 0


@pytest.mark.parametrize(
    ("parameters", "items", "message"),
    [
        ({"max_frame_bytes": 31}, [], "max_frame_bytes must be 32 to 8192, got 31"),
        ({"frame_bytes_step": 0}, [], r"frame_bytes_step must be 1 to max_frame_bytes \(256\), got 0"),
        ({}, [item(1), item(1)], "must be unique, got 1/1/1/1 2 times"),
        ({}, [item(layer) for layer in range(256)], "items of 1/1/1 must be at most 255, got 256"),
        ({"max_frame_bytes": 32}, [item(1, num_bytes=100_000)], "must fit 4096 frames of 32 bytes, got 100000 bytes"),
    ],
)
def test_refusals_name_field_rule_and_value(parameters, items, message):
    with pytest.raises(ItemError, match=message):
        Sender(**parameters).frames(items)
