"""What the sending host concludes from what the receiving one tells of itself, and from its silence."""

from __future__ import annotations

import pytest

from semcom.apps.services import receiver_credit
from semcom.apps.services.receiver_credit import CreditTeller, ReceiverCredit, Reception


def told(pictures: int, frame_bytes: int = 1000, reason: str = "", heard: bool = True) -> dict:
    return {"heard": heard, "pictures": pictures, "frame_bytes": frame_bytes, "reason": reason}


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(receiver_credit.time, "monotonic", lambda: now[0])
    return now


def test_without_a_feedback_channel_nothing_is_held_back() -> None:
    credit = ReceiverCredit()
    assert credit.reception is Reception.UNKNOWN and credit.may_begin(99, True) and not credit.on_hold


def test_with_one_no_more_is_begun_than_can_be_sent_again_until_somebody_is_heard() -> None:
    credit = ReceiverCredit()
    credit.take(told(0, heard=False))
    assert credit.reception is Reception.NOT_HEARD and credit.may_begin(5, False) and not credit.may_begin(5, True)
    assert not credit.on_hold
    credit.radio_is_new()
    assert credit.reception is Reception.UNKNOWN


def test_pictures_that_may_not_have_been_seen_count_against_the_credit() -> None:
    credit = ReceiverCredit()
    credit.take(told(3))
    assert credit.may_begin(2, True) and not credit.may_begin(3, True)


@pytest.mark.parametrize("body", [told(0), told(5, frame_bytes=0)])
def test_no_room_holds_everything_and_its_reason_is_said(body: dict) -> None:
    credit = ReceiverCredit()
    credit.take(body | {"reason": "disk full"})
    assert credit.on_hold and not credit.may_begin(0, False)
    assert credit.in_words() == "receiving host has no room: disk full"
    credit.take(told(1))
    assert not credit.on_hold and credit.may_begin(0, False)


def test_silence_after_having_been_heard_is_absence(clock: list[float]) -> None:
    credit = ReceiverCredit()
    credit.take(told(5))
    clock[0] += receiver_credit.AWAY_S
    assert credit.reception is Reception.READY
    clock[0] += 0.1
    assert credit.reception is Reception.AWAY and credit.on_hold and not credit.may_begin(0, False)


def test_credit_is_told_when_it_changes_and_now_and_then(clock: list[float]) -> None:
    teller = CreditTeller()
    assert teller.is_due(5, "")
    teller.told(5, "")
    clock[0] += 0.1
    assert not teller.is_due(5, "") and teller.is_due(4, "") and teller.is_due(5, "full")
    clock[0] += receiver_credit.TELL_EVERY_S
    assert teller.is_due(5, "")
