"""Sealed frames: forged, cut and replayed ones are refused, each by its name; the frame inside is as it was."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.link.errors import FrameError
from semcom.link.frame import Frame
from semcom.link.frame_seal import SEAL_BYTES, WINDOW, FrameOpener, FrameSealer
from semcom.link.item import Key

KEY = bytes(range(32))


def frame(number: int = 1) -> bytes:
    return Frame(Key(1, 2, number % 65536, 0), 7, number.to_bytes(4, "big")).to_bytes()


def refusal(opener: FrameOpener, data: bytes) -> str:
    with pytest.raises(FrameError) as caught:
        opener.open(data)
    return caught.value.field


def test_the_layout_is_that_of_the_documentation() -> None:
    sealed = FrameSealer(KEY, 0x010203040506).seal(frame())
    number = bytes.fromhex("010203040506")
    tag = hashlib.blake2s(frame() + number, digest_size=8, key=KEY, person=b"semcomfr").digest()
    assert sealed == frame() + number + tag and len(sealed) == len(frame()) + SEAL_BYTES
    assert tag.hex() == "4794c9e2a313b124"


def test_frames_come_out_as_they_went_in_and_numbers_count_up() -> None:
    sealer, opener = FrameSealer(KEY, 5), FrameOpener(KEY)
    for number in range(10):
        assert opener.open(sealer.seal(frame(number))) == frame(number) and opener.newest == 5 + number
    assert sealer.seal(frame(9)) == sealer.seal(frame(9))  # soft values of the two can be combined


@given(at=st.integers(0, 8 * (len(frame()) + SEAL_BYTES) - 1))
def test_a_changed_bit_anywhere_is_a_forgery(at: int) -> None:
    sealed = bytearray(FrameSealer(KEY, 5).seal(frame()))
    sealed[at // 8] ^= 1 << at % 8
    opener = FrameOpener(KEY)
    assert refusal(opener, bytes(sealed)) == "forged" and opener.newest == 0


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert refusal(FrameOpener(KEY), data) == ("cut" if len(data) <= SEAL_BYTES else "forged")


def test_another_key_no_seal_and_a_cut_frame_are_refused() -> None:
    opener, sealed = FrameOpener(KEY), FrameSealer(KEY, 1).seal(frame())
    assert refusal(opener, FrameSealer(bytes(32), 1).seal(frame())) == refusal(opener, frame()) == "forged"
    assert refusal(opener, sealed[:-1]) == "forged" and refusal(opener, sealed[:SEAL_BYTES]) == "cut"


def test_what_was_recorded_before_the_window_is_refused_and_twice_within_it_is_not() -> None:
    sealer, opener = FrameSealer(KEY, 1), FrameOpener(KEY)
    recorded = [sealer.seal(frame(number)) for number in range(WINDOW + 1)]
    for sealed in reversed(recorded[1:]):
        opener.open(sealed)
        opener.open(sealed)
    assert refusal(opener, recorded[0]) == "replayed"
    assert refusal(FrameOpener(KEY, newest=1 + WINDOW), recorded[0]) == "replayed"  # after a restart, too


def test_a_frame_that_is_sent_again_much_later_gets_a_new_number() -> None:
    sealer, opener = FrameSealer(KEY, 1), FrameOpener(KEY)
    first = sealer.seal(frame(0))
    for number in range(1, 2 * WINDOW):
        opener.open(sealer.seal(frame(number)))
    assert refusal(opener, first) == "replayed" and opener.open(sealer.seal(frame(0))) == frame(0)
