import pytest

from semcom.link import Item, ItemError, Key, Scope
from semcom.link.item import MAX_ITEM_BYTES


def test_any_four_numbers_make_a_key():
    item = Item((1, 2, 3, 4), 7, b"x", requires=((1, 2, 0, 0),))
    assert item.key == Key(1, 2, 3, 4) and item.key.scope == Scope(1, 2, 3)
    assert isinstance(item.requires[0], Key)
    assert (str(item.key), str(item.requires[0])) == ("1/2/3/4", "1/2/*/0")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1, 2, 3), 0, b""), "key must be .* got 3 numbers"),
        (((1, 2, 3, 256), 0, b""), "layer of key must be an integer from 0 to 255, got 256"),
        (((-1, 2, 3, 0), 0, b""), "stream of key must be an integer from 0 to 65535, got -1"),
        (((1, 2, 3, "0"), 0, b""), "layer of key must be an integer from 0 to 255, got '0'"),
        (((1, 2, 3, 0), 8, b""), "importance of item 1/2/3/0 must be 0 to 7, got 8"),
        (((1, 2, 3, 0), 0, "text"), "payload of item 1/2/3/0 must be bytes, got str"),
        (((1, 2, 3, 0), 0, bytes(MAX_ITEM_BYTES + 1)), "at most 4194304 bytes, got 4194305"),
    ],
)
def test_refusals_name_field_rule_and_value(arguments, message):
    with pytest.raises(ItemError, match=message):
        Item(*arguments)
