"""Reports of a receiver: bytes and back, what does not fit, what is refused."""

from zlib import crc32

import pytest

from semcom.link import Feedback, FrameError, Scope
from semcom.link.arq.feedback import MAX_LAYERS, MAX_MAP_BYTES, MAX_PARTS, Part, is_feedback
from semcom.link.frame import MAX_FRAME_BYTES

SCOPE = Scope(1, 2, 3)


def test_every_field_comes_back():
    parts = (Part(False, 4, frozenset({0, 9})), Part(True, 2, frozenset()))
    failed = frozenset({5, 63})
    report = Feedback(SCOPE, 9, frozenset({0, 3, 255}), frozenset({1}), parts, failed, -3.5, True)
    assert Feedback.from_bytes(report.to_bytes()) == report
    assert is_feedback(report.to_bytes()) and not is_feedback(b"") and not is_feedback(b"\x10")


@pytest.mark.parametrize(
    ("snr_db", "shown"), [(None, None), (float("nan"), None), (7.26, 7.5), (200.0, 63.5), (-63.5, -63.5), (-90.0, None)]
)
def test_snr_comes_in_half_decibels_within_its_range(snr_db, shown):
    assert Feedback.from_bytes(Feedback(SCOPE, snr_db=snr_db).to_bytes()).snr_db == shown


@pytest.mark.parametrize("pieces", [8 * 100, 8 * 254, 8 * 300])
def test_parts_that_do_not_fit_a_frame_are_left_out_and_the_others_stay(pieces):
    """Bit maps so long that a few parts fill a frame: as many come as fit, and no byte more than a frame."""
    part_bytes = 2 + pieces // 8 + (1 if pieces // 8 < 255 else 3)
    parts = tuple(Part(False, number, frozenset({pieces - 1})) for number in range(MAX_PARTS))
    report = Feedback(SCOPE, parts=parts)
    data = report.to_bytes()
    empty = len(Feedback(SCOPE).to_bytes())
    fitting = min(MAX_PARTS, (MAX_FRAME_BYTES - empty) // part_bytes)
    assert len(data) == empty + fitting * part_bytes <= MAX_FRAME_BYTES
    assert Feedback.from_bytes(data).parts == parts[:fitting]


def test_pieces_and_parts_have_numbers_that_the_bytes_can_hold():
    last = 8 * MAX_MAP_BYTES - 1
    assert Feedback(SCOPE, parts=(Part(True, MAX_LAYERS - 1, frozenset({last})),)).parts
    for part in (Part(True, 0, frozenset({last + 1})), Part(True, MAX_LAYERS, frozenset({0}))):
        with pytest.raises(FrameError, match="of a feedback must be 0 to"):
            Feedback(SCOPE, parts=(part,))


def test_no_more_than_so_many_parts_are_named():
    parts = tuple(Part(True, number % 256, frozenset({0})) for number in range(MAX_PARTS + 5))
    assert Feedback.from_bytes(Feedback(SCOPE, parts=parts).to_bytes()).parts == parts[:MAX_PARTS]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda body: body[:-1], "parts"),
        (lambda body: body + b"\0", "parts"),
        (lambda body: b"\0" + body[1:], "feedback"),
        (lambda body: body[:2] + b"\2" + body[3:], "feedback"),
        (lambda body: body[:-1] + b"\1", "parts"),
    ],
)
def test_reports_that_are_none_are_refused_by_field(change, field):
    body = change(Feedback(SCOPE).to_bytes()[:-4])
    with pytest.raises(FrameError) as caught:
        Feedback.from_bytes(body + crc32(body).to_bytes(4, "big"))
    assert caught.value.field in (field, "feedback")


def test_a_wrong_checksum_is_refused():
    data = bytearray(Feedback(SCOPE, 1).to_bytes())
    data[-1] ^= 1
    with pytest.raises(FrameError, match="CRC-32"):
        Feedback.from_bytes(bytes(data))
