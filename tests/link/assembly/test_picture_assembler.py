import pytest

from semcom.link import Item, ItemError, Key, PictureAssembler, Scope, SetKey
from semcom.link.item import MAX_ITEM_BYTES

from .pictures import BASIS, KNOWLEDGE, group_item, items_of, requires_of

ONE, TWO = Scope(1, 5, 1), Scope(1, 5, 2)


def taken(items, whole=True, **limits):
    """All items but the last one, then that with ``whole``."""
    assembler = PictureAssembler(requires_of, **limits)
    for item in items[:-1]:
        assembler.take(item)
    assembler.take(items[-1], whole=whole)
    return assembler


def test_a_picture_is_complete_when_it_is_whole_and_nothing_is_lacking():
    assembler = taken(items_of(1))
    assert not assembler.is_complete(ONE) and assembler.lacking(ONE) == (KNOWLEDGE,)
    assert assembler.take(group_item()) == (ONE,)
    assert assembler.is_complete(ONE) and assembler.picture(ONE).complete and assembler.lacking(ONE) == ()
    assembler = taken(items_of(1), whole=False)
    assembler.take(group_item())
    assert not assembler.is_complete(ONE) and not assembler.is_complete(TWO)


def test_to_become_whole_is_a_change_even_with_a_layer_that_was_known():
    items = items_of(1, ((1, ()),))
    assembler = taken(items, whole=False)
    assert assembler.take(items[0]) == () and assembler.take(items[0], whole=True) == (ONE,)
    assert assembler.take(items[0], whole=True) == () and assembler.is_complete(ONE)


def test_requirements_reach_through_layers_and_only_from_those_that_came():
    entries = ((1, ()), (2, (40,)), (40, (41,)))
    header, first, second = items_of(1, entries)
    assembler = taken([header, first])
    assert assembler.lacking(ONE) == ()  # layer 2 may never have been sent
    assembler.take(second)
    assert assembler.lacking(ONE) == (KNOWLEDGE, BASIS)
    assembler.take(group_item())
    assert assembler.lacking(ONE) == (BASIS,)
    assembler.take(group_item(BASIS))
    assert assembler.is_complete(ONE) and [*assembler.picture(ONE).payloads][-2:] == [KNOWLEDGE, BASIS]


def test_items_may_say_themselves_what_they_require():
    assembler = PictureAssembler()
    key = Key(*ONE, 3)
    assembler.take(Item(key, 5, b"x", requires=(KNOWLEDGE, Key(*ONE, 2))), whole=True)
    assert assembler.lacking(ONE) == (KNOWLEDGE, Key(*ONE, 2))
    assembler.take(group_item(requires=(BASIS,)))
    assert assembler.lacking(ONE) == (BASIS, Key(*ONE, 2))


def test_layers_that_require_each_other_are_no_trap():
    assembler = PictureAssembler()
    assembler.take(group_item(requires=(BASIS,)))
    assembler.take(group_item(BASIS, requires=(KNOWLEDGE,)))
    assembler.take(Item(Key(*ONE, 3), 5, b"x", requires=(KNOWLEDGE,)), whole=True)
    assert assembler.is_complete(ONE)


def test_where_the_header_is_lost_the_layers_of_the_group_are_at_hand_all_the_same():
    assembler = PictureAssembler(requires_of)
    _, first, second = items_of(1)
    for item in (group_item(), group_item(Key(1, 5, 0, 1)), first, second):
        assembler.take(item)
    picture = assembler.picture(ONE)
    assert KNOWLEDGE in picture.payloads and Key(1, 5, 0, 1) not in picture.payloads  # layer 1 it has itself
    assert not picture.complete and picture.missing.required == ()


def test_a_layer_of_the_group_that_is_listed_is_handed_over_though_none_requires_it():
    assembler = taken(items_of(1, ((1, ()), (40, ()))))
    assert assembler.is_complete(ONE)
    assert assembler.take(group_item()) == (ONE,) and KNOWLEDGE in assembler.picture(ONE).payloads
    assert assembler.take(group_item(BASIS)) == () and BASIS not in assembler.picture(ONE).payloads


def test_what_came_first_stays_and_another_content_is_refused():
    item = items_of(1)[1]
    assembler = taken([item, Item(item.key, 3, b"other"), item])
    assert assembler.picture(ONE).payloads == {item.key: item.payload}
    assert (assembler.counts["refused_items"], assembler.counts["repeated_items"]) == (1, 1)


@pytest.mark.parametrize("key", [Key(*ONE, 1), KNOWLEDGE])
def test_a_whole_copy_takes_the_place_of_a_damaged_one_and_not_the_other_way_round(key):
    assembler = PictureAssembler()
    assembler.take(Item(Key(*ONE, 9), 1, b"words", requires=(KNOWLEDGE,)), whole=True)
    damaged, again = (Item(key, 3, content, damaged=True, llr=bytes(40)) for content in (b"wOrds", b"worDs"))
    assert assembler.take(damaged) == (ONE,) and assembler.picture(ONE).damaged == {key: bytes(40)}
    assert assembler.take(again) == () and assembler.picture(ONE).payloads[key] == b"wOrds"
    assert assembler.take(Item(key, 3, b"words")) == (ONE,)
    picture = assembler.picture(ONE)
    assert picture.payloads[key] == b"words" and not picture.damaged
    assert assembler.take(damaged) == () and assembler.picture(ONE).payloads[key] == b"words"
    assert not assembler.counts["refused_items"] + assembler.counts["refused_group_layers"]


def test_a_damaged_header_is_not_believed():
    header, *others = items_of(1)
    assembler = taken([Item(header.key, 7, header.payload, damaged=True), *others])
    assert assembler.lacking(ONE) == ()
    assembler.take(header)
    assert assembler.lacking(ONE) == (KNOWLEDGE,)


def test_a_picture_that_was_given_out_does_not_change():
    items = items_of(1, ((1, ()),))
    assembler = taken(items[:1], whole=False)
    before = assembler.picture(ONE)
    assembler.take(items[1], carrier=SetKey.of(ONE, 3), whole=True)
    after = assembler.picture(ONE)
    assert (len(before.payloads), before.complete, len(after.payloads), after.complete) == (1, False, 2, True)
    assert after.carriers == {items[0].key: items[0].key, items[1].key: SetKey.of(ONE, 3)}


def test_memory_is_given_back():
    assembler = taken(
        [*items_of(1), *items_of(2), Item(Key(*TWO, 9), 1, b"w", damaged=True), Item(Key(*TWO, 9), 1, b"ww")]
    )
    assembler.restore(ONE, {Key(*ONE, 7): bytes(5000)})
    for scope in assembler.scopes():
        assembler.release(scope)
    assert assembler._num_bytes == 0 and assembler.scopes() == []
    assembler.release(ONE)


def test_tables_of_requirements_count_as_memory():
    entries = tuple((layer, tuple(range(1, 17))) for layer in range(1, 40))
    evicted = []
    assembler = PictureAssembler(requires_of, max_bytes=MAX_ITEM_BYTES + 256, on_evicted=evicted.append)
    for number in range(1, 201):
        assembler.take(items_of(number, entries)[0])
    assert 60 < len(assembler.scopes()) < 140 and evicted[0].scope == ONE


def test_a_picture_larger_than_the_limit_gives_way_to_itself():
    assembler = PictureAssembler(max_bytes=MAX_ITEM_BYTES + 1024)
    for layer in (1, 2):
        assembler.take(Item(Key(*ONE, layer), 1, bytes(MAX_ITEM_BYTES)))
    assert assembler.scopes() == [] and assembler.counts["evicted_pictures"] == 1
    assembler.take(Item(Key(*TWO, 1), 1, bytes(MAX_ITEM_BYTES)))
    assert assembler.scopes() == [TWO]


@pytest.mark.parametrize(
    ("limits", "message"),
    [({"max_pictures": 0}, "max_pictures must be 1 or more, got 0"), ({"max_bytes": 9}, "max_bytes must be at least")],
)
def test_limits_that_cannot_work_are_refused(limits, message):
    with pytest.raises(ItemError, match=message):
        PictureAssembler(**limits)


def test_only_a_picture_known_from_before_is_restored():
    assembler = taken(items_of(1))
    assert not assembler.is_restored(ONE) and not assembler.is_restored(TWO)
    assembler.restore(TWO, {item.key: item.payload for item in items_of(2)})
    assert assembler.is_restored(TWO) and not assembler.is_restored(ONE)
