"""Several services in one table: whether each is well, and what somebody should look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.services import status_table
from semcom.apps.services.status import StatusPoint
from semcom.apps.services.status_table import COLUMNS, NOBODY, known_folders, row_of, rows_of

TX = {
    "service": "tx",
    "at": 100.0,
    "account": {"pictures": 5, "complete": 4, "sent": 60, "lost": 2},
    "lost_by_cause": {"a": 9},
    "queues": {"open_pictures": 1, "unsent_frames": 20},
    "receiving_host": {"state": "ready", "pictures": 64, "reason": ""},
    "radio": {"connected": True, "refused_by": ""},
}
RX = {
    "service": "rx",
    "at": 99.0,
    "frames": {"new": 7},
    "lost_by_cause": {"a": 1, "b": 2},
    "results": {"pictures": 3, "complete": 2, "bytes": 4096},
    "quality": {"snr_db": 11.26},
    "radio": {"connected": False, "refused_by": "role rx is of no use here"},
}


def row(status: dict) -> dict[str, str]:
    return dict(zip(COLUMNS, row_of(status, 103.4), strict=True))


def test_each_service_says_what_it_has() -> None:
    assert row(TX) == {
        "service": "tx", "told": "3 s ago", "radio": "yes", "pictures": "4 of 5", "frames": "60", "lost": "2",
        "wait": "21", "SNR dB": "", "trouble": "",
    }  # fmt: skip
    assert row(RX) == {
        "service": "rx", "told": "4 s ago", "radio": "NO", "pictures": "2 of 3", "frames": "7", "lost": "3",
        "wait": "0", "SNR dB": "11.3", "trouble": "role rx is of no use here",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"trouble": "results cannot be written: No space"}, "results cannot be written: No space"),
        ({"receiving_host": {"state": "away", "reason": ""}}, "receiving host away"),
        ({"receiving_host": {"state": "full", "reason": "disk full"}}, "disk full"),
        ({"air": {"state": "lost"}}, "radio lost"),
        ({"air": {"state": "running"}}, ""),
    ],
)
def test_what_somebody_should_look_at_is_named(more: dict, said: str) -> None:
    assert row({**TX, **more})["trouble"] == said


def test_a_status_of_another_form_is_shown_as_far_as_it_goes() -> None:
    assert row({}) == {name: {"service": "?", "lost": "0", "wait": "0"}.get(name, "") for name in COLUMNS}
    assert row({"radio": "words", "queues": [1], "results": {}})["service"] == "?"


def test_who_answers_and_who_does_not(tmp_path: Path) -> None:
    point = StatusPoint(tmp_path / "a", 0, "tx")
    try:
        point.publish({"account": TX["account"]})
        first, second = rows_of([tmp_path / "a", tmp_path / "b"])
        assert first[0] == "tx" and first[3] == "4 of 5"
        assert (second[0], second[-1]) == (str(tmp_path / "b"), NOBODY)
    finally:
        point.close()


def test_services_are_found_where_they_keep_their_state(tmp_path_factory, monkeypatch) -> None:
    tmp_path = tmp_path_factory.mktemp("s")  # the address of a socket has room for 107 bytes
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(status_table, "OF_SYSTEMD", tmp_path / "var")
    monkeypatch.chdir(tmp_path)
    assert known_folders() == []
    places = [tmp_path / "xdg" / "semcom" / "radio", tmp_path / "var" / "host-rx" / "received" / ".state"]
    points = [StatusPoint(place, 0, "radio") for place in places]
    try:
        assert known_folders() == places
    finally:
        for point in points:
            point.close()
