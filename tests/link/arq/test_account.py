import json

import pytest

from semcom.link import Account, AccountError, FrameName, Key

NAMES = [FrameName(Key(1, 1, 1, layer), piece) for layer in (0, 1) for piece in (0, 1, 2)]


def test_the_sums_match_frame_by_frame():
    account = Account()
    for name in NAMES:
        account.sent(name)
    account.received(NAMES[0])
    account.received(NAMES[0])
    account.failed(NAMES[1], "crc")
    account.sent(NAMES[1])
    account.received(NAMES[1])
    account.failed(NAMES[2], "header")
    account.close()
    account.check()
    totals = account.totals()
    assert (totals.sent, totals.delivered, totals.repaired, totals.lost) == (6, 1, 1, 4)
    assert (totals.transmissions, totals.duplicates, totals.received) == (7, 1, 2)
    assert account.totals(Key(1, 1, 1, 1)).lost == 3
    assert account.lost()[NAMES[2]] == "header" and account.lost()[NAMES[3]] == "missed"
    exported = json.loads(json.dumps(account.as_dict()))
    assert exported["lost_by_cause"] == {"header": 1, "missed": 3}
    assert exported["lost_frames"]["1/1/1/0#2"] == "header"
    assert exported["items"]["1/1/1/0"]["repaired"] == 1
    assert [str(key) for key in account.sent_keys()] == ["1/1/1/0", "1/1/1/1"]


def test_a_frame_on_its_way_does_not_balance():
    account = Account()
    for name in NAMES:
        account.sent(name)
    with pytest.raises(AccountError, match=r"1/1/1/0#0, .* and 1 more unaccounted for"):
        account.check()
    account.close("queue full")
    account.check()


@pytest.mark.parametrize(
    "tell", [lambda account: account.received(NAMES[0]), lambda account: account.failed(NAMES[0], "crc")]
)
def test_a_frame_that_was_never_sent_does_not_balance(tell):
    account = Account()
    tell(account)
    with pytest.raises(AccountError, match=r"received frames must have been sent, got 1/1/1/0#0"):
        account.check()
    assert account.as_dict()["never_sent"] == {"1/1/1/0#0": 1}


def test_no_name_is_said_to_be_left_out_where_all_are_shown():
    account = Account()
    for name in NAMES[:5]:
        account.sent(name)
    with pytest.raises(AccountError) as caught:
        account.check()
    assert "more" not in str(caught.value) and str(NAMES[4]) in str(caught.value)
