import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.link import Frame, FrameName, Item, ItemError, Key, Receiver, Scope, Sender, SetFrame, SetKey, SoftFrame
from semcom.link.arq.feedback import Part
from semcom.link.frame import item_check
from semcom.link.item import MAX_ITEM_BYTES
from semcom.link.parity.item_set import to_bytes

SCOPE = Scope(1, 1, 1)


def picture(sizes, scope=SCOPE, fill=b""):
    return [
        Item(Key(*scope, layer), layer % 8, (fill + bytes(range(256)) * 4)[:size]) for layer, size in enumerate(sizes)
    ]


def payloads(items):
    return {item.key: (item.importance, item.payload) for item in items}


sizes = st.lists(st.integers(0, 400), min_size=1, max_size=6)


@given(sizes, st.data())
def test_any_order_and_any_repetition_gives_each_item_once(sizes, data):
    items = picture(sizes)
    frames = [frame.data for frame in Sender(64).frames(items)]
    order = data.draw(st.permutations(frames + data.draw(st.lists(st.sampled_from(frames), max_size=10))))
    receiver = Receiver()
    arrivals = [receiver.push(frame) for frame in order]
    came = [item for arrival in arrivals for item in arrival.items]
    assert len(came) == len(items) and payloads(came) == payloads(items)
    assert receiver.counts["new"] == len(frames) and receiver.counts["duplicate"] == len(order) - len(frames)
    assert receiver.is_complete(SCOPE) and not receiver.missing(SCOPE)


@given(sizes, st.data())
def test_what_is_missing_is_known_by_name(sizes, data):
    items = picture(sizes)
    frames = Sender(64).frames(items)
    lost = data.draw(st.sets(st.sampled_from([frame.name for frame in frames]), max_size=len(frames) - 1))
    receiver = Receiver()
    for frame in frames:
        if frame.name not in lost:
            receiver.push(frame.data)
    missing = receiver.missing(SCOPE)
    unseen = {item.key for item in items} - {frame.name.key for frame in frames if frame.name not in lost}
    assert set(missing.frames) == {name for name in lost if name.key not in unseen}
    assert set(missing.unseen_keys) == unseen and missing.unseen_items == len(unseen)
    assert receiver.is_complete(SCOPE) is (not lost)


def test_names_of_missing_frames_are_bounded_and_their_number_is_not():
    """256 short frames can claim that a million others exist."""
    receiver = Receiver()
    for layer in range(256):
        receiver.push(Frame(Key(*SCOPE, layer), 0, b"x", 0, 4096, 255, 7).to_bytes())
    missing = receiver.missing(SCOPE)
    assert missing.num_frames == 256 * 4095 and len(missing.frames) == 4096 and missing
    assert receiver.missing(SCOPE, max_names=3).frames == missing.frames[:3]
    assert not receiver.is_complete(SCOPE)


small_keys = st.builds(Key, st.integers(0, 1), st.just(0), st.integers(0, 2), st.integers(0, 2))


@st.composite
def hostile_frames(draw):
    num_pieces = draw(st.integers(1, 4))
    check = draw(st.integers(0, 1)) if num_pieces > 1 else None
    numbers = draw(st.integers(0, 7)), draw(st.binary(max_size=9)), draw(st.integers(0, num_pieces - 1)), num_pieces
    if draw(st.integers(0, 5)) == 0:
        return SoftFrame(draw(small_keys), numbers[0], draw(st.binary(min_size=4, max_size=9)), 3).to_bytes()
    return Frame(draw(small_keys), *numbers, draw(st.integers(0, 4)), check).to_bytes()


@settings(max_examples=100)
@given(st.lists(hostile_frames(), max_size=40), st.integers(1, 4))
def test_frames_of_any_content_are_counted_and_never_break_the_account(frames, max_pictures):
    receiver = Receiver(max_pictures)
    arrivals = [receiver.push(data) for data in frames]
    assert sum(receiver.counts[status] for status in ("new", "duplicate", "refused")) == len(frames)
    assert sum(len(arrival.items) for arrival in arrivals) == receiver.counts["items"]
    assert len(receiver.scopes()) <= max_pictures
    for scope in receiver.scopes():
        missing = receiver.missing(scope)
        assert missing.num_frames == len(missing.frames) == len(set(missing.frames))
    for scope in receiver.scopes():
        receiver.forget(scope)
    assert receiver._num_bytes == 0


def test_items_lost_whole_are_counted_where_their_names_cannot_be_known():
    items = [Item(Key(*SCOPE, layer), 0, b"x") for layer in (3, 9, 20)]
    receiver = Receiver()
    receiver.push(Sender().frames(items)[0].data)
    missing = receiver.missing(SCOPE)
    assert (missing.unseen_items, missing.unseen_keys) == (2, ())


def test_a_picture_of_unknown_size_is_never_complete():
    receiver = Receiver()
    arrival = receiver.push(Sender().frames(picture([5]), whole=False)[0].data)
    assert arrival.items and not receiver.is_complete(SCOPE) and not receiver.missing(SCOPE)
    assert not receiver.is_complete((9, 9, 9)) and not receiver.missing((9, 9, 9))


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=200), max_size=20))
def test_noise_between_frames_changes_nothing(noise):
    items = picture([300])
    receiver = Receiver()
    came = []
    for position, frame in enumerate(Sender(64).frames(items)):
        for data in noise[position::7]:
            assert receiver.push(data).status == "refused"
        came += receiver.push(frame.data).items
    assert payloads(came) == payloads(items)


@settings(max_examples=100)
@given(st.data())
def test_mutated_frames_never_give_a_wrong_item(data):
    items = picture([200, 20])
    receiver = Receiver()
    for frame in Sender(64).frames(items) * 2:
        mutated = bytearray(frame.data)
        if data.draw(st.booleans()):
            mutated[data.draw(st.integers(0, len(mutated) - 1))] ^= data.draw(st.integers(1, 255))
        arrival = receiver.push(bytes(mutated))
        assert payloads(arrival.items).items() <= payloads(items).items()


def test_two_contents_under_one_name_are_never_mixed():
    old = [frame.data for frame in Sender(64).frames(picture([200]))]
    new = [frame.data for frame in Sender(64).frames(picture([200], fill=b"other"))]
    receiver = Receiver()
    receiver.push(old[0])
    refused = [receiver.push(frame) for frame in new]
    assert {arrival.status for arrival in refused} == {"refused"}
    assert "got 1/1/1/0#1 of another one" in refused[1].reason
    items = [item for frame in old[1:] for item in receiver.push(frame).items]
    assert items[-1].payload == picture([200])[0].payload
    assert receiver.push(new[0]).status == "refused" and receiver.counts["refused_item_check"] == len(new) + 1


def test_soft_values_are_delivered_and_marked():
    sent = Item(Key(*SCOPE, 0), 6, b"HEADa dog and a ball", exact_bytes=4)
    (frame,) = Sender(64).frames([sent])
    damaged = bytearray(frame.data)
    damaged[-3] ^= 0x20
    llr = bytes(range(128))
    receiver = Receiver()
    (item,) = receiver.push(bytes(damaged), llr).items
    assert (item.damaged, item.llr, item.exact_bytes) == (True, llr, 4)
    assert item.payload == b"HEADa dog and a bAll"
    assert receiver.counts["damaged_items"] == 1 and receiver.is_complete(SCOPE)
    assert receiver.push(frame.data, llr).status == "duplicate"
    exact = Sender(256).frames([Item(sent.key, 6, sent.payload)])
    assert receiver.push(exact[0].data).status == "duplicate"


def test_soft_values_do_not_take_the_place_of_an_exact_copy_on_its_way():
    payload = b"a dog and a ball" * 8
    pieces = Sender(64).frames([Item(Key(*SCOPE, 0), 6, payload)])
    (soft,) = Sender(64).frames([Item(Key(*SCOPE, 0), 6, payload, exact_bytes=1)])
    receiver = Receiver()
    receiver.push(pieces[0].data)
    assert receiver.push(soft.data, bytes(8 * 127)).status == "duplicate"
    items = [item for frame in pieces[1:] for item in receiver.push(frame.data).items]
    assert [(item.payload, item.damaged) for item in items] == [(payload, False)]


def test_llr_of_another_length_are_refused():
    (frame,) = Sender(64).frames([Item(Key(*SCOPE, 0), 6, b"HEADa dog", exact_bytes=4)])
    arrival = Receiver().push(frame.data, bytes(39))
    assert (arrival.status, arrival.reason) == ("refused", "llr must be one byte for each of 40 bits, got 39")


def test_memory_is_bounded_and_what_gives_way_is_counted():
    receiver = Receiver(max_pictures=4, max_bytes=MAX_ITEM_BYTES)
    tracemalloc.start()
    for number in range(3000):
        frame = Frame(Key(1, 1, number % 1000, number % 256), 0, bytes(6000), number % 4, 4, 5, number)
        receiver.push(frame.to_bytes())
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(receiver.scopes()) == 4 and held < 2 * MAX_ITEM_BYTES
    assert receiver.counts["forgotten_items"] > 2900


def pieces(number, num_bytes, missing=1):
    """Frames of a picture of one long item, of which the last pieces do not come yet, and these."""
    frames = [frame.data for frame in Sender(8192).frames([long_item(number, num_bytes)])]
    return frames[:-missing], frames[-missing:]


def long_item(number, num_bytes):
    return Item(Key(1, 1, number, 0), 3, bytes([number]) * num_bytes)


def test_over_the_limit_of_bytes_the_oldest_picture_gives_way_and_the_newest_stays():
    forgotten = []
    receiver = Receiver(max_bytes=MAX_ITEM_BYTES, on_forgotten=forgotten.append)
    half = MAX_ITEM_BYTES // 2 - 70_000  # with what is kept beside each piece two fit, and three do not
    (first, rest), (second, rest_of_second), (third, rest_of_third) = (pieces(number, half) for number in (1, 2, 3))
    for frame in (*first, *second):
        receiver.push(frame)
    assert forgotten == [] and receiver.counts["forgotten_items"] == 0
    for frame in third:
        receiver.push(frame)
    assert forgotten == [Scope(1, 1, 1)] and receiver.counts["forgotten_items"] == 1
    assert receiver.scopes() == [Scope(1, 1, 2), Scope(1, 1, 3)]
    for number, frames in ((2, rest_of_second), (3, rest_of_third)):
        assert [item for frame in frames for item in receiver.push(frame).items] == [long_item(number, half)]
    assert not [item for frame in rest for item in receiver.push(frame).items]  # the oldest has to come from the start
    assert [item for frame in first for item in receiver.push(frame).items] == [long_item(1, half)]


def test_as_many_small_pictures_give_way_as_one_frame_needs():
    forgotten, at_once = [], []
    receiver = Receiver(max_bytes=MAX_ITEM_BYTES, on_forgotten=forgotten.append)
    small = [Sender(200).frames([long_item(number, 900)])[0].data for number in range(1, 101)]  # one piece of five each
    large, _ = pieces(200, MAX_ITEM_BYTES - 70_000)
    for frame in (*small, *large):
        before = len(forgotten)
        receiver.push(frame)
        at_once.append(len(forgotten) - before)
    assert max(at_once) >= 5
    assert forgotten == [Scope(1, 1, number) for number in range(1, len(forgotten) + 1)]
    assert Scope(1, 1, 200) in receiver.scopes()


def test_over_the_limit_of_bytes_sets_give_way_in_the_same_order():
    def symbols_of(number):
        return [
            SetFrame(SetKey.of(Scope(1, 1, number), index), 1, 60_000, 7, bytes(8000)).to_bytes()
            for index in range(256)
        ]

    receiver = Receiver(max_bytes=MAX_ITEM_BYTES)
    for frame in (*symbols_of(1), *symbols_of(2), *symbols_of(3)):
        receiver.push(frame)
    assert receiver.scopes() == [Scope(1, 1, 2), Scope(1, 1, 3)]
    assert {receiver.push(frame).status for frame in symbols_of(3)} == {"duplicate"}
    assert receiver.push(symbols_of(1)[0]).status == "new"


def test_over_the_limit_of_pictures_the_one_heard_of_longest_ago_gives_way():
    receiver = Receiver(max_pictures=2)
    first, second, third = (
        [frame.data for frame in Sender(64).frames(picture([200], Scope(1, 1, n)))] for n in (1, 2, 3)
    )
    for frame in (first[0], second[0], first[1], third[0]):
        receiver.push(frame)
    assert receiver.scopes() == [Scope(1, 1, 1), Scope(1, 1, 3)] and receiver.counts["forgotten_items"] == 1
    assert receiver.push(first[0]).status == "duplicate" and receiver.push(second[0]).status == "new"
    assert receiver.scopes() == [Scope(1, 1, 1), Scope(1, 1, 2)]


def test_a_picture_is_forgotten_when_asked_for_and_only_that_one():
    told = []
    receiver = Receiver(on_forgotten=told.append)
    first, second = ([frame.data for frame in Sender(64).frames(picture([200], Scope(1, 1, n)))] for n in (1, 2))
    for frame in (*first, *second):
        receiver.push(frame)
    receiver.forget(Scope(1, 1, 1))
    receiver.forget(Scope(1, 1, 1))
    assert told == [Scope(1, 1, 1)] and receiver.scopes() == [Scope(1, 1, 2)]
    assert receiver.push(first[0]).status == "new" and receiver.push(second[0]).status == "duplicate"


def test_an_endless_picture_gives_way_to_itself():
    receiver = Receiver(max_bytes=MAX_ITEM_BYTES)
    for number in range(900):
        receiver.push(Frame(Key(1, 1, 1, number % 256), 0, bytes(8000), number, 4096, 5, 7).to_bytes())
    assert receiver.counts["forgotten_items"] > 0 and receiver.counts["new"] == 900
    items = picture([100], scope=Scope(2, 2, 2))
    assert receiver.push(Sender().frames(items)[0].data).items == tuple(items)


def test_an_item_longer_than_allowed_is_never_delivered():
    receiver = Receiver(max_bytes=4 * MAX_ITEM_BYTES)
    num_pieces = MAX_ITEM_BYTES // 8000 + 2
    for piece in range(num_pieces):
        arrival = receiver.push(Frame(Key(1, 1, 1, 1), 0, bytes(8000), piece, num_pieces, 1, 7).to_bytes())
    assert not arrival.items and receiver.counts["forgotten_items"] == 1


def test_names_read_as_people_say_them():
    assert str(FrameName(Key(1, 2, 0, 3), 4)) == "1/2/*/3#4"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"max_pictures": 0}, "max_pictures must be 1 or more, got 0"), ({"max_bytes": 1}, "max_bytes must be at least")],
)
def test_limits_that_cannot_work_are_refused(parameters, message):
    with pytest.raises(ItemError, match=message):
        Receiver(**parameters)


def test_what_came_of_a_picture_is_told_layer_by_layer_and_set_by_set():
    """What a report says: whole layers, whole sets, and pieces or symbols of the others, each under its kind."""
    items = picture([200, 50, 200])
    frames = Sender(64).frames(items)
    receiver = Receiver()
    pieces = [frame for frame in frames if frame.name.key.layer == 0]
    for frame in [pieces[0], pieces[2], *[f for f in frames if f.name.key.layer == 1]]:
        receiver.push(frame.data)
    receiver.push(SetFrame(SetKey.of(SCOPE, 5), 3, 100, 7, bytes(40)).to_bytes())
    layers, sets, parts = receiver.received(SCOPE)
    assert (layers, sets) == (frozenset({1}), frozenset())
    assert set(parts) == {Part(False, 0, frozenset({0, 2})), Part(True, 5, frozenset({3}))}
    assert receiver.received(Scope(9, 9, 9)) == (frozenset(), frozenset(), ())


def test_bytes_that_are_no_frame_have_no_name_and_are_counted_by_their_cause():
    receiver = Receiver()
    data = bytearray(Sender(64).frames(picture([10]))[0].data)
    data[-1] ^= 1
    arrival = receiver.push(bytes(data))
    assert (arrival.status, arrival.name, arrival.items) == ("refused", None, ())
    assert receiver.counts == {"refused": 1, "refused_crc": 1}


def test_a_set_tells_how_many_items_a_picture_has_unless_a_frame_told_before():
    items = picture([10, 20])
    data = to_bytes(items, 5)
    symbol = SetFrame(SetKey.of(SCOPE, 0), 0, len(data), item_check(data), data).to_bytes()
    receiver = Receiver()
    receiver.push(symbol)
    assert receiver.missing(SCOPE).unseen_items == 3 and not receiver.is_complete(SCOPE)
    receiver = Receiver()
    receiver.push(Sender(64).frames(items)[0].data)  # says two
    receiver.push(symbol)
    assert receiver.is_complete(SCOPE)


def test_a_group_exactly_half_way_round_is_not_taken_for_a_newer_one():
    """Numbers go round at 65536 [RFC 1982]: with half of them between, neither is newer, and the first stays."""
    receiver = Receiver()
    for group in (100, 100 + (1 << 15)):
        receiver.push(Sender(64).frames(picture([5], Scope(1, group, 1)))[0].data)
    assert receiver.push(Sender(64).frames(picture([5], Scope(1, 100 - 8, 1)))[0].data).status == "new"
    assert receiver.push(Sender(64).frames(picture([5], Scope(1, 100 - 9, 1)))[0].data).status == "refused"
