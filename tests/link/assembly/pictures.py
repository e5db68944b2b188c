"""Pictures of a packet that only these tests can read: a header that says which layers require which."""

from __future__ import annotations

from semcom.link import Item, Key, Scope, Sender

GROUP = Scope(1, 5, 0)
KNOWLEDGE, BASIS = Key(*GROUP, 40), Key(*GROUP, 41)
"""Layers of the group."""


def header(*entries: tuple[int, tuple[int, ...]]) -> bytes:
    """Of each entry the layer, and the layers it requires; numbers from 40 on are the group's."""
    return b"H" + b"".join(bytes([layer, len(requires), *requires]) for layer, requires in entries)


def requires_of(key: Key, payload: bytes):
    """The table of such a header."""
    if payload[:1] != b"H":
        return None
    table, at = {}, 1
    while at < len(payload):
        layer, count = payload[at : at + 2]
        table[_key(key, layer)] = tuple(_key(key, number) for number in payload[at + 2 : at + 2 + count])
        at += 2 + count
    return table


def _key(owner: Key, layer: int) -> Key:
    return Key(owner.stream, owner.group, 0 if layer >= 40 else owner.picture, layer)


def items_of(picture: int, entries=((1, ()), (2, (40,))), size: int = 150) -> list[Item]:
    """A picture's own layers: a header, and one for each entry that is its own."""
    scope = Scope(GROUP.stream, GROUP.group, picture)
    own = [layer for layer, _ in entries if layer < 40]
    return [Item(Key(*scope, 0), 7, header(*entries))] + [
        Item(Key(*scope, layer), 3, bytes([layer, picture]) * (size // 2)) for layer in own
    ]


def group_item(key: Key = KNOWLEDGE, content: bytes = b"knowledge" * 20, **more) -> Item:
    return Item(key, 6, content, **more)


def frames_of(*items: Item, max_frame_bytes: int = 64) -> list[bytes]:
    """In the order given, not in that of importance."""
    by_name = {frame.name: frame.data for frame in Sender(max_frame_bytes).frames(items)}
    return [data for item in items for name, data in by_name.items() if name.key == item.key]
