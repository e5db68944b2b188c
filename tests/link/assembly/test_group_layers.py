from collections import Counter

import pytest

from semcom.link import Item, ItemError, Key
from semcom.link.assembly.group_layers import ITEM_OVERHEAD_BYTES, MAX_REFUSED_NAMES, GroupLayers
from semcom.link.item import MAX_ITEM_BYTES


def layer(number, size=100, group=1, **more):
    return Item(Key(0, group, 0, number), 5, bytes([number]) * size, **more)


def filled(*items, **limits):
    evicted = []
    groups = GroupLayers(Counter(), on_evicted=evicted.append, **limits)
    for item in items:
        groups.put(item)
    return groups, evicted


def test_layers_are_kept_by_group():
    groups, _ = filled(layer(1), layer(2), layer(1, group=2))
    assert [*groups.of(0, 1)] == [Key(0, 1, 0, 1), Key(0, 1, 0, 2)] and [*groups.of(0, 2)] == [Key(0, 2, 0, 1)]
    assert groups.of(1, 1) == {} and len(groups) == 3


def test_over_the_limit_of_layers_the_oldest_goes():
    groups, evicted = filled(layer(1), layer(2), layer(3), max_layers=2)
    assert evicted == [Key(0, 1, 0, 1)] and [*groups.of(0, 1)] == [Key(0, 1, 0, 2), Key(0, 1, 0, 3)]
    assert groups.counts["evicted_group_layers"] == 1


def test_over_the_limit_of_bytes_the_oldest_goes_until_there_is_room():
    limit = MAX_ITEM_BYTES + ITEM_OVERHEAD_BYTES
    small = limit // 2 - ITEM_OVERHEAD_BYTES
    groups, evicted = filled(layer(1, small), layer(2, small), max_bytes=limit)
    assert evicted == [] and groups.num_bytes <= limit
    groups.put(layer(3, 1000))
    assert evicted == [Key(0, 1, 0, 1)]
    groups.put(layer(4, MAX_ITEM_BYTES))
    assert evicted == [Key(0, 1, 0, number) for number in (1, 2, 3)] and [*groups.of(0, 1)] == [Key(0, 1, 0, 4)]
    assert groups.num_bytes == limit


def test_what_a_picture_used_stays_longer():
    groups, evicted = filled(layer(1), layer(2), max_layers=2)
    groups.used(Key(0, 1, 0, 1))
    groups.put(layer(3))
    assert evicted == [Key(0, 1, 0, 2)]


def test_what_came_first_stays():
    groups, _ = filled(layer(1), layer(1), layer(1, size=5))
    assert groups.of(0, 1)[Key(0, 1, 0, 1)] == layer(1) and list(groups.refused) == [Key(0, 1, 0, 1)]
    assert (groups.counts["repeated_group_layers"], groups.counts["refused_group_layers"]) == (1, 1)
    for _ in range(2 * MAX_REFUSED_NAMES):
        groups.put(layer(1, size=5))
    assert len(groups.refused) == MAX_REFUSED_NAMES


def test_memory_is_given_back_where_a_whole_copy_replaces_a_damaged_one():
    groups, _ = filled(layer(1, 300, damaged=True))
    assert groups.put(layer(1, 100)) and groups.num_bytes == 100 + ITEM_OVERHEAD_BYTES and len(groups) == 1


@pytest.mark.parametrize("limits", [{"max_layers": 0}, {"max_bytes": MAX_ITEM_BYTES}])
def test_limits_that_cannot_work_are_refused(limits):
    with pytest.raises(ItemError, match=f"{next(iter(limits))} must be"):
        GroupLayers(Counter(), **limits)
