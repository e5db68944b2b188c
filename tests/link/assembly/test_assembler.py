import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.link import Assembler, Frame, Item, Key, Scope, Sender, SetKey, SetPlanner
from semcom.link.arq.carousel import Carousel
from semcom.link.item import MAX_ITEM_BYTES
from semcom.link.protection import FLAT

from .pictures import BASIS, GROUP, KNOWLEDGE, frames_of, group_item, header, items_of, requires_of

ONE, TWO = Scope(1, 5, 1), Scope(1, 5, 2)


def assembled(frames, **limits):
    """The assembler and, frame by frame, the pictures that changed."""
    assembler = Assembler(requires_of, **limits)
    return assembler, [assembler.push(data)[1] for data in frames]


def test_a_picture_without_a_group_needs_nothing_else():
    items = items_of(1, entries=((1, ()),))
    assembler, changes = assembled(frames_of(*items))
    picture = assembler.picture(ONE)
    assert picture.payloads == {item.key: item.payload for item in items} and picture.complete
    assert picture.carriers == {item.key: item.key for item in items} and not picture.damaged
    assert not picture.missing and changes[-1] == (ONE,) and changes[1:-1] == [()] * (len(changes) - 2)


@pytest.mark.parametrize("first", [True, False], ids=["group layer first", "group layer last"])
def test_a_group_layer_is_handed_to_every_picture_that_requires_it(first):
    group = frames_of(group_item())
    own = frames_of(*items_of(1)) + frames_of(*items_of(2)) + frames_of(*items_of(3, entries=((1, ()),)))
    assembler, changes = assembled([*group, *own] if first else [*own, *group])
    for scope in (ONE, TWO):
        picture = assembler.picture(scope)
        assert picture.complete and picture.payloads[KNOWLEDGE] == group_item().payload and not picture.missing
    assert KNOWLEDGE not in assembler.picture(Scope(1, 5, 3)).payloads  # it lists no such layer
    assert assembler.scopes() == [ONE, TWO, Scope(1, 5, 3)]  # and none for the group itself
    if not first:
        assert changes[-1] == (ONE, TWO) and changes[-2] == ()


def test_without_its_group_layer_a_picture_is_incomplete_by_name():
    assembler, _ = assembled(frames_of(*items_of(1)))
    picture = assembler.picture(ONE)
    assert not picture.complete and not assembler.is_complete(ONE) and picture.missing
    assert picture.missing.required == picture.missing.layers == (KNOWLEDGE,)
    assert (picture.missing.frames, picture.missing.unseen_items) == ((), 0)
    assert assembler.receiver.is_complete(ONE)  # of its own all came


def test_what_came_of_a_group_layer_is_missing_by_frame():
    frames = frames_of(group_item(), group_item(BASIS, bytes(150)))
    own = frames_of(*items_of(1))
    assembler, _ = assembled([*own, frames[0], frames[-1]])
    missing = assembler.missing(ONE)
    assert {name.key for name in missing.frames} == {KNOWLEDGE}  # the other layer nobody requires
    assert missing.num_frames == len(missing.frames) == 3 and missing.layers == (KNOWLEDGE,)
    assert len(assembler.missing(ONE, max_names=2).frames) == 2


def test_a_layer_of_its_own_may_be_required_and_missing_beside_one_of_the_group():
    header, first, second, third = items_of(1, ((1, ()), (2, (3, 40)), (3, ())))
    group = frames_of(group_item())
    assembler, _ = assembled([*frames_of(header, first, second), group[0]])
    missing = assembler.missing(ONE)
    assert missing.required == missing.layers == (KNOWLEDGE, third.key)
    assert [name.key for name in missing.frames] == [KNOWLEDGE] * (len(group) - 1)


def test_symbols_of_a_coded_group_layer_are_missing_by_name():
    planner = SetPlanner(FLAT, "qpsk-1/2", {"qpsk-1/2": 1.0}, lambda mcs, number, size: number * size, 64)
    (plan,) = planner.plan([group_item()])
    frames = plan.frames()
    assembler, _ = assembled([*frames_of(*items_of(1)), *(frame.data for frame in frames[:-1])])
    assert [name for name in assembler.missing(ONE).frames] == [frames[-1].name]
    assert isinstance(frames[-1].name.key, SetKey)
    assembler.push(frames[-1].data)
    assert assembler.is_complete(ONE)


def test_late_join_the_carousel_brings_the_group_layer():
    planner = SetPlanner(FLAT, "qpsk-1/2", {"qpsk-1/2": 1.0}, lambda mcs, number, size: number * size, 64)
    carousel = Carousel(planner.plan([group_item(), *items_of(1)]))
    first, *later = carousel.passes(3)
    late = [frame for frame in first if frame.name.key.scope != GROUP]
    assembler, _ = assembled([frame.data for frame in late])
    assert assembler.picture(ONE).missing.required == (KNOWLEDGE,)
    for frame in (frame for frames in later for frame in frames):
        assembler.push(frame.data)
    assert assembler.is_complete(ONE) and assembler.picture(ONE).payloads[KNOWLEDGE] == group_item().payload


def test_a_group_layer_that_comes_twice_changes_nothing_and_another_one_is_refused():
    group, own = frames_of(group_item()), frames_of(*items_of(1))
    other = frames_of(group_item(content=b"otherwise" * 20))
    assembler, changes = assembled([*group, *own, *group, *other])
    assert not any(changes[len(group) + len(own) :])
    assert assembler.picture(ONE).payloads[KNOWLEDGE] == group_item().payload
    assert assembler.receiver.counts["refused_item_check"] == len(other)
    assembler.receiver.forget(GROUP)  # as after very many others: then the content itself is compared
    for frame in (*group, *other):
        assert assembler.push(frame)[1] == ()
    assembler.receiver.forget(GROUP)
    for frame in other:
        assert assembler.push(frame)[1] == ()
    counts = assembler.pictures.counts
    assert (counts["repeated_group_layers"], counts["refused_group_layers"]) == (1, 1)
    assert list(assembler.pictures.groups.refused) == [KNOWLEDGE]
    assert assembler.picture(ONE).payloads[KNOWLEDGE] == group_item().payload


def test_layers_of_another_group_or_stream_are_not_handed_over():
    others = [group_item(KNOWLEDGE._replace(group=6)), group_item(KNOWLEDGE._replace(stream=2))]
    assembler, _ = assembled([*frames_of(*items_of(1)), *frames_of(others[0]), *frames_of(others[1])])
    assert assembler.picture(ONE).missing.required == (KNOWLEDGE,)


def test_what_came_damaged_is_carried_as_such():
    items = items_of(1, entries=((1, ()),))
    items[1] = Item(items[1].key, 3, b"words" * 5, exact_bytes=1)
    *frames, soft = frames_of(*items)
    assembler, _ = assembled(frames)
    llr = bytes(range(192))
    assembler.push(soft[:-7] + bytes([soft[-7] ^ 1]) + soft[-6:], llr)
    picture = assembler.picture(ONE)
    assert picture.damaged == {items[1].key: llr} and picture.complete
    assert picture.payloads[items[1].key] != items[1].payload and len(picture.payloads[items[1].key]) == 25


def test_a_released_picture_does_not_come_again():
    frames = frames_of(*items_of(1, entries=((1, ()),)))
    assembler, _ = assembled(frames)
    assembler.release(ONE)
    assert [assembler.push(frame)[1] for frame in frames] == [()] * len(frames) and assembler.scopes() == []


def test_layers_known_from_before_make_a_picture_with_what_comes_of_it_now():
    known = {item.key: item.payload for item in items_of(1)}
    more = Item(Key(*ONE, 9), 2, b"finer" * 30)
    assembler = Assembler(requires_of)
    assembler.restore(ONE, known)
    assert assembler.picture(ONE).missing.required == (KNOWLEDGE,)
    assembler.restore(ONE, {KNOWLEDGE: group_item().payload})
    assert assembler.is_complete(ONE)
    frames = [frame.data for frame in Sender(64).frames([more], whole=False)]
    changes = [assembler.push(frame)[1] for frame in frames]
    assert changes[-1] == (ONE,) and assembler.is_complete(ONE)
    assert assembler.picture(ONE).payloads == {**known, KNOWLEDGE: group_item().payload, more.key: more.payload}


def test_a_count_that_comes_late_completes_the_picture():
    items = items_of(1, entries=((1, ()),))
    assembler, _ = assembled(frame.data for frame in Sender(512).frames(items, whole=False))
    assert not assembler.is_complete(ONE)
    changes = [assembler.push(frame)[1] for frame in frames_of(*items, max_frame_bytes=512)]
    assert (ONE,) in changes and assembler.is_complete(ONE)


# Limits: the oldest goes, the newest stays, and what went can come again.


def test_over_the_limit_of_pictures_the_oldest_goes_and_is_handed_out():
    evicted = []
    assembler, _ = assembled(
        [*frames_of(*items_of(1))[:-1], *frames_of(*items_of(2)), *frames_of(*items_of(3))],
        max_pictures=2,
        on_evicted=evicted.append,
    )
    assert assembler.scopes() == [TWO, Scope(1, 5, 3)] and assembler.pictures.counts["evicted_pictures"] == 1
    (picture,) = evicted
    assert picture.scope == ONE and not picture.complete and len(picture.payloads) == 2
    assert [str(name) for name in picture.missing.frames] == ["1/5/1/2#3"]
    for frame in frames_of(*items_of(1)):  # nothing of it is taken for a duplicate
        assert assembler.push(frame)[0].status == "new"
    assert len(assembler.picture(ONE).payloads) == 3 and assembler.scopes() == [Scope(1, 5, 3), ONE]


def test_what_is_heard_of_again_stays():
    own = [frames_of(*items_of(number)) for number in (1, 2, 3)]
    assembler, _ = assembled([own[0][0], own[1][0], own[0][1], own[2][0]], max_pictures=2)
    assert assembler.scopes() == [ONE, Scope(1, 5, 3)]


def test_over_the_limit_of_bytes_the_oldest_goes():
    big = MAX_ITEM_BYTES // 3
    pictures = {number: items_of(number, ((1, ()),), size=big) for number in (1, 2, 3)}
    assembler, _ = assembled(
        [frame for items in pictures.values() for frame in frames_of(*items, max_frame_bytes=8192)],
        max_bytes=MAX_ITEM_BYTES + 4096,
    )
    assert assembler.scopes() == [ONE, TWO, Scope(1, 5, 3)]
    for frame in frames_of(*items_of(4, ((1, ()),), size=big), max_frame_bytes=8192):
        assembler.push(frame)
    assert assembler.scopes() == [TWO, Scope(1, 5, 3), Scope(1, 5, 4)] and assembler.is_complete(Scope(1, 5, 4))
    assembler.release(TWO)
    for frame in frames_of(*items_of(5, ((1, ()),), size=big), max_frame_bytes=8192):
        assembler.push(frame)
    assert len(assembler.scopes()) == 3  # there was room


def test_a_picture_whose_frames_are_forgotten_is_given_up_as_well():
    evicted = []
    assembler, _ = assembled(
        [*frames_of(*items_of(1)), *frames_of(*items_of(2))], max_remembered=1, on_evicted=evicted.append
    )
    assert assembler.scopes() == assembler.receiver.scopes() == [TWO] and [picture.scope for picture in evicted] == [
        ONE
    ]
    assembler.evict(TWO)
    assert assembler.scopes() == assembler.receiver.scopes() == []
    assembler.evict(TWO)  # a second time is nothing
    assert assembler.pictures.counts["evicted_pictures"] == 2


def test_a_group_layer_that_gave_way_comes_again_with_the_next_repeat():
    assembler, _ = assembled([*frames_of(group_item()), *frames_of(*items_of(1))])
    assembler.pictures.groups.max_layers = 1
    for frame in frames_of(group_item(BASIS)):
        assembler.push(frame)
    assert assembler.missing(ONE).required == (KNOWLEDGE,)
    for frame in frames_of(group_item()):
        assembler.push(frame)
    assert assembler.is_complete(ONE) and assembler.pictures.counts["evicted_group_layers"] == 2


def test_hostile_frames_never_raise_and_make_no_picture_of_a_group():
    assembler, _ = assembled([b"", b"noise", Frame(Key(1, 5, 0, 1), 0, b"x", 0, 4096, 255, 7).to_bytes()])
    assert assembler.scopes() == [] and assembler.receiver.counts["refused"] == 2
    assert assembler.picture(ONE).payloads == {} and not assembler.is_complete(ONE)


# Order, repetition and loss.

_ENTRIES = ((1, ()), (2, (40,)), (3, (2, 41)))


def _set_frames(items):
    planner = SetPlanner(FLAT, "qpsk-1/2", {"qpsk-1/2": 1.0}, lambda mcs, number, size: number * size, 64)
    return [frame.data for plan in planner.plan(items) for frame in plan.frames()]


@settings(max_examples=60, deadline=None)
@given(st.booleans(), st.data())
def test_any_order_repetition_and_loss_gives_what_came_in_order(in_sets, data):
    items = [group_item(), group_item(BASIS, b"basis" * 30), *items_of(1, _ENTRIES), *items_of(2, ((1, ()),))]
    frames = _set_frames(items) if in_sets else frames_of(*items)
    kept = data.draw(st.lists(st.sampled_from(range(len(frames))), unique=True)) or [0]
    in_order, _ = assembled(frames[index] for index in sorted(kept))
    again = data.draw(st.lists(st.sampled_from(kept), max_size=10))
    mixed, _ = assembled(frames[index] for index in data.draw(st.permutations([*kept, *again])))
    for scope in (ONE, TWO):
        expected, came = in_order.picture(scope), mixed.picture(scope)
        assert came.payloads == expected.payloads and came.complete == expected.complete
        assert came.missing == expected.missing and came.damaged == expected.damaged
        of_group = {key for key in came.payloads if key.picture == 0}
        assert in_sets or came.carriers == expected.carriers
        assert came.complete == (in_order.receiver.is_complete(scope) and not expected.missing)
        assert came.payloads.items() <= {item.key: item.payload for item in items}.items()
        if scope == TWO and Key(*TWO, 0) in came.payloads:
            assert not of_group
    assert {*mixed.scopes()} == {*in_order.scopes()} and GROUP not in mixed.scopes()


def test_the_header_of_these_tests_reads_back():
    assert requires_of(Key(*ONE, 0), header(*_ENTRIES))[Key(*ONE, 3)] == (Key(*ONE, 2), BASIS)
