import random
import sys
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.link import FrameError, Item, ItemError, Key, Receiver, Scope, Sender
from semcom.link.frame import MAX_ITEMS_PER_SCOPE, item_check
from semcom.link.group_window import PROBATION_FRAMES
from semcom.link.parity.item_set import join, read_items, symbols, to_bytes
from semcom.link.parity.set_frame import SetFrame, SetKey

SCOPE = Scope(3, 7, 9)


def picture(sizes):
    return [
        Item(Key(*SCOPE, n), 7 - n % 8, bytes((n * 31 + i) % 251 for i in range(size))) for n, size in enumerate(sizes)
    ]


def set_frames(items, symbol_bytes, numbers, set_number=0):
    data = to_bytes(items, len(items))
    key, check = SetKey.of(SCOPE, set_number), item_check(data)
    return [
        SetFrame(key, number, len(data), check, symbol)
        for number, symbol in zip(numbers, symbols(data, symbol_bytes, numbers), strict=True)
    ]


def contents(items):
    return {item.key: (item.importance, item.payload) for item in items}


@settings(max_examples=60)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=8), st.integers(8, 200), st.data())
def test_any_k_of_the_symbols_give_every_item_once(sizes, symbol_bytes, data):
    items = picture(sizes)
    count = -(-len(to_bytes(items, len(items))) // symbol_bytes)
    numbers = data.draw(st.permutations(range(min(256, 2 * count + 3))))[:count]
    receiver = Receiver()
    arrivals = [receiver.push(frame.to_bytes()) for frame in set_frames(items, symbol_bytes, numbers)]
    came = [item for arrival in arrivals for item in arrival.items]
    assert len(came) == len(items) and contents(came) == contents(items)
    assert receiver.is_complete(SCOPE) and receiver.counts["items"] == len(items)


def test_a_set_may_hold_as_many_items_as_a_picture_has_and_no_more():
    data = to_bytes(picture([1] * MAX_ITEMS_PER_SCOPE), MAX_ITEMS_PER_SCOPE)
    assert len(read_items(SCOPE, data, True)[1]) == MAX_ITEMS_PER_SCOPE
    one = to_bytes(picture([1]), 1)[1:]
    with pytest.raises(FrameError, match="at most 255"):
        read_items(SCOPE, data + one, True)


def test_every_pair_of_five_symbols_gives_the_set():
    data = to_bytes(picture([60, 30]), 2)
    five = dict(enumerate(symbols(data, 64, range(5))))
    for pair in combinations(range(5), 2):
        assert join({number: five[number] for number in pair}, len(data), item_check(data)) == data


def test_items_at_the_start_are_out_before_the_set_is_whole():
    items = picture([20, 200, 30])
    frames = set_frames(items, 40, range(7))
    receiver = Receiver()
    assert [item.key.layer for item in receiver.push(frames[0].to_bytes()).items] == [0]
    assert receiver.push(frames[2].to_bytes()).items == ()
    missing = receiver.missing(SCOPE)
    assert missing.num_frames == 5 and str(missing.frames[0]) == "3/7/9/set0#1"


def test_an_item_that_came_alone_is_not_counted_again_in_a_set_nor_the_other_way_round():
    items = picture([50, 90])
    alone = [frame.data for frame in Sender(64).frames(items)]
    together = [frame.to_bytes() for frame in set_frames(items, 160, [0])]
    for first, second in ((alone, together), (together, alone)):
        receiver = Receiver()
        came = [item for data in first + second for item in receiver.push(data).items]
        assert contents(came) == contents(items) and len(came) == 2 and receiver.counts["refused"] == 0


def test_two_sets_under_one_name_are_never_mixed():
    old, new = set_frames(picture([100]), 40, range(4)), set_frames(picture([101]), 40, range(4))
    receiver = Receiver()
    receiver.push(old[0].to_bytes())
    assert {receiver.push(frame.to_bytes()).status for frame in new} == {"refused"}
    came = [item for frame in old[1:] for item in receiver.push(frame.to_bytes()).items]
    assert contents(came) == contents(picture([100]))


@settings(max_examples=200)
@given(st.binary(max_size=120), st.booleans())
def test_hostile_set_contents_are_read_or_refused(data, is_whole):
    try:
        _, items = read_items(SCOPE, data, is_whole)
    except FrameError as error:
        assert error.field in ("reserved", "length", "set", "num_items")
    else:
        assert sum(len(item.payload) for item in items) <= len(data)


@settings(max_examples=100)
@given(st.integers(0, 255), st.integers(1, 65535), st.integers(0, 3), st.binary(min_size=1, max_size=30), st.data())
def test_hostile_symbols_never_break_the_account(symbol, set_bytes, check, payload, data):
    receiver = Receiver()
    for _ in range(6):
        try:
            frame = SetFrame(SetKey.of(SCOPE, 1), symbol, set_bytes, check, payload)
        except FrameError:
            return
        receiver.push(frame.to_bytes())
        symbol = data.draw(st.integers(0, 255))
    assert sum(receiver.counts[name] for name in ("new", "duplicate", "refused")) == 6
    receiver._forget(SCOPE) if SCOPE in receiver.scopes() else None
    assert receiver._num_bytes == 0


def test_old_groups_are_refused_and_new_ones_are_not_even_past_the_end_of_the_numbers():
    receiver = Receiver()

    def push(group, picture=1):
        return receiver.push(Sender().frames([Item(Key(1, group, picture, 0), 7, b"x")])[0].data)

    assert push(65_530).status == "new" and push(65_524).status == "new"
    assert [push(3, picture).status for picture in range(1, PROBATION_FRAMES)] == ["new"] * (PROBATION_FRAMES - 1)
    assert push(65_529).status == "new"  # so few frames of a group ahead are no evidence
    assert {push(3, picture).status for picture in range(10, 10 + PROBATION_FRAMES)} == {"new"}
    refused = push(65_528)
    assert refused.status == "refused" and "group must be at most 8 behind" in refused.reason
    assert push(65_532).status == "new" and receiver.counts["refused_group"] == 1


def test_duplicates_and_reordering_by_64_give_each_picture_once():
    rng = random.Random(5)
    items = [Item(Key(1, 1, p, n), 7 - n, bytes([p, n]) * (20 * n + 5)) for p in range(1, 40) for n in range(4)]
    frames = [frame.data for frame in Sender(64).frames(items)] * 2
    order = sorted(range(len(frames)), key=lambda place: place + rng.randrange(64))
    receiver = Receiver()
    came = [item for place in order for item in receiver.push(frames[place]).items]
    assert len(came) == len(items) and contents(came) == contents(items)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: to_bytes([], 0), "must belong to one picture, got 0"),
        (lambda: to_bytes([Item(Key(*SCOPE, 0), 1, b"x", exact_bytes=0)], 1), "cannot be part of a set"),
        (lambda: to_bytes(picture([65_535]), 1), "must be at most 65535 bytes together, got 655"),
        (lambda: symbols(bytes(3000), 10, [0]), "must fit 256 symbols, got 300 of 10 bytes"),
        (lambda: symbols(bytes(30), 10, [256]), "symbol must be 0 to 255, got 256"),
    ],
)
def test_refusals_name_rule_and_value(make, message):
    with pytest.raises(ItemError, match=message):
        make()


def test_frames_of_sets_that_cannot_be_are_refused():
    frame = set_frames(picture([100]), 40, [0])[0]
    for change in (dict(set_bytes=0), dict(symbol=256), dict(payload=b""), dict(set_bytes=65535, payload=b"x" * 9)):
        with pytest.raises(FrameError, match="must be"):
            SetFrame(**{**frame.__dict__, **change})
    data = frame.to_bytes()
    assert SetFrame.from_bytes(data) == frame
    for damaged in (data[:16], data[:-1], data + b"\0", data[:8] + b"\xff" + data[9:]):
        with pytest.raises(FrameError):
            SetFrame.from_bytes(damaged)


def test_without_zfec_it_is_said_how_to_get_it(monkeypatch) -> None:
    from semcom.installation import MissingPackageError, packages

    monkeypatch.setitem(sys.modules, "zfec", None)
    monkeypatch.setattr(
        packages, "_lack", lambda package: packages.Lack(package, None) if package.module == "zfec" else None
    )
    monkeypatch.setattr(packages.advice, "command_for", lambda wanted: "COMMAND")
    with pytest.raises(
        MissingPackageError, match=r"semcom \(link\) needs zfec 1\.5 or newer, not installed for .*: COMMAND"
    ):
        symbols(bytes(100), 50, [0, 2])
