from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic.layers import GROUP_SCOPE, LayerKey
from semcom.semantic.requirements import requirements_of

from ..group_layers import packet_of_group, shared_layer


def test_a_header_tells_which_layers_there_are_and_what_they_require() -> None:
    header, caption, shared = packet_of_group(3, stream=1, group=2).layers
    told = requirements_of(header.key, header.payload)
    assert told == {header.key: (), caption.key: (shared.key,), shared.key: ()}
    assert shared.key == LayerKey(1, 2, GROUP_SCOPE, 5)


def test_a_packet_sent_under_another_name_tells_of_keys_of_that_name() -> None:
    header, *_ = packet_of_group(3).layers
    told = requirements_of((9, 8, 7, 0), header.payload)
    assert told[LayerKey(9, 8, 7, 1)] == (LayerKey(9, 8, GROUP_SCOPE, 5),)


def test_other_layers_tell_nothing() -> None:
    header, caption, _ = packet_of_group(3).layers
    assert requirements_of(caption.key, caption.payload) is None and requirements_of(caption.key, b"") is None
    assert requirements_of(shared_layer().key, header.payload) is None  # a header of a group: of no picture
    assert requirements_of(header.key, header.payload[:-1]) is None


@given(st.binary(max_size=80))
def test_whatever_comes_from_outside_raises_nothing(data: bytes) -> None:
    told = requirements_of((0, 0, 1, 0), b"\x10" + data)
    assert told is None or all(key.picture in (0, 1) for keys in told.values() for key in keys)
