"""Header: systems by number or by name, and its bytes as format version 1 has them."""

from __future__ import annotations

import pytest

from semcom.semantic.layers.header import SYSTEM_NUMBERS, Header, decode, encode
from semcom.semantic.wire import ByteReader


def test_numbers_of_systems_are_what_the_page_says() -> None:
    numbers = {"es-isc": 1, "multi-sc": 2, "seb": 3, "avif": 4, "heic": 5, "jpeg2000": 6, "webp": 7}
    assert numbers == SYSTEM_NUMBERS


@pytest.mark.parametrize("system", [*SYSTEM_NUMBERS, "from-elsewhere"])
def test_the_system_comes_back(system: str) -> None:
    header = Header(768, 512, system, ())
    assert decode(ByteReader(encode(header), "header")) == header


def test_a_number_of_no_system_is_told_as_it_is() -> None:
    body = bytearray(encode(Header(768, 512, "es-isc", ())))
    assert body.count(1) == 1
    body[body.index(1)] = 99
    assert decode(ByteReader(bytes(body), "header")).system == "system-99"
