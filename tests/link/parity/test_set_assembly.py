"""Symbols of a set in any order: items come out of the run from its start, then all of them."""

import pytest

from semcom.link import Item, Key, Scope
from semcom.link.frame import item_check
from semcom.link.parity.item_set import symbols, to_bytes
from semcom.link.parity.set_assembly import SYMBOL_OVERHEAD_BYTES, SetAssembly
from semcom.link.parity.set_frame import SetFrame, SetKey

SCOPE, SYMBOL_BYTES = Scope(3, 7, 9), 20


@pytest.fixture
def frames():
    """Six symbols of a set of four: items of 10, 30 and 20 bytes, three bytes more each, one of the set itself."""
    items = [Item(Key(*SCOPE, layer), 5, bytes([layer]) * size) for layer, size in enumerate((10, 30, 20))]
    data = to_bytes(items, 3)
    assert len(data) == 1 + 60 + 9
    numbers = range(6)
    return [
        SetFrame(SetKey.of(SCOPE, 0), number, len(data), item_check(data), symbol)
        for number, symbol in zip(numbers, symbols(data, SYMBOL_BYTES, numbers), strict=True)
    ]


def layers(items):
    return [item.key.layer for item in items]


def test_items_come_out_as_soon_as_the_run_from_the_start_holds_them(frames):
    assembly = SetAssembly(frames[0])
    assert layers(assembly.add(frames[1])) == []  # no run: the first symbol is not there
    assert layers(assembly.add(frames[0])) == [0]  # symbols 0 and 1 hold bytes 0 to 39: item 0 ends at 14, 1 at 47
    assert (assembly.num_items, assembly.num_missing, assembly.received()) == (3, 2, [0, 1])
    assert layers(assembly.add(frames[5])) == []  # beyond the run: nothing new can be read
    assert [name.piece for name in assembly.missing()] == [2]
    assert layers(assembly.add(frames[3])) == [0, 1, 2] and assembly.done  # any four give all


def test_a_run_that_grows_gives_the_items_of_the_whole_run(frames):
    assembly = SetAssembly(frames[0])
    assert layers(assembly.add(frames[0])) == [0]
    assert layers(assembly.add(frames[2])) == []
    assert layers(assembly.add(frames[1])) == [0, 1]
    assert [name.piece for name in assembly.missing()] == [3]


def test_memory_in_use_is_that_of_the_symbols_and_none_once_the_set_is_whole(frames):
    assembly = SetAssembly(frames[0])
    for count, frame in enumerate(frames[1:4], start=1):
        assembly.add(frame)
        assert assembly.num_bytes == count * (SYMBOL_BYTES + SYMBOL_OVERHEAD_BYTES)
    assembly.add(frames[4])
    assert assembly.done and assembly.num_bytes == 0 and assembly.num_missing == 0
    assert assembly.received() == [] and assembly.missing() == []


def test_symbols_of_another_set_do_not_fit(frames):
    assembly = SetAssembly(frames[0])
    assert assembly.fits(frames[1]) and not assembly.has(frames[1])
    assembly.add(frames[1])
    assert assembly.has(frames[1])
    other = frames[1]
    for changed in (
        (other.set_bytes - 1, other.check, other.payload),
        (other.set_bytes, other.check ^ 1, other.payload),
    ):
        assert not assembly.fits(SetFrame(other.key, 1, *changed))
    assert not assembly.fits(SetFrame(other.key, 1, other.set_bytes, other.check, other.payload + b"x"))
