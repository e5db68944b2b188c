"""Boxes: lengths that nest, and an item that lies where the file says."""

import struct

from semcom.semantic.coding.still_image_file import box, full_box, one_item_file


def test_a_box_tells_its_length_and_kind():
    assert box(b"mdat", b"ab", b"c") == b"\0\0\0\x0bmdatabc"
    assert full_box(b"pitm", b"\0\1") == b"\0\0\0\x0epitm" + bytes(4) + b"\0\1"


def test_the_item_lies_where_the_file_says():
    file = one_item_file(box(b"ftyp", b"test"), b"av01", box(b"ispe", bytes(8)), full_box(b"ipma"), b"PAYLOAD")
    place = file.index(b"iloc") + 4 + 4  # behind its version and flags
    *_, offset, length = struct.unpack(">BBHHHHII", file[place : place + 18])
    assert file[offset : offset + length] == b"PAYLOAD" and file.endswith(b"PAYLOAD")
