"""A service that is started from another folder finds the state it had."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from semcom.apps.report.result_folder import OutputError
from semcom.apps.services.state_folder import state_folder


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch) -> Path:
    for name in ("STATE_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def test_it_does_not_depend_on_where_the_service_is_started(place: Path, monkeypatch) -> None:
    here = state_folder("host-tx")
    monkeypatch.chdir(place / "there")
    assert state_folder("host-tx") == here == place / "home" / ".local" / "state" / "semcom" / "host-tx"
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "xdg"))
    assert state_folder("radio") == place / "xdg" / "semcom" / "radio"
    monkeypatch.setenv("XDG_STATE_HOME", "xdg")  # to be ignored: it would depend on the folder
    assert state_folder("host-tx") == here


def test_the_folder_of_an_earlier_version_is_used_and_said(place: Path, caplog) -> None:
    (place / "here" / "out" / "radio").mkdir(parents=True)
    with caplog.at_level(logging.INFO, "semcom"):
        assert state_folder("radio") == place / "here" / "out" / "radio"
    assert "where an earlier version has left it" in caplog.text
    assert state_folder("air") != place / "here" / "out" / "air"


def test_systemd_and_the_option_count_more(place: Path, monkeypatch) -> None:
    (place / "here" / "out" / "radio").mkdir(parents=True)
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/semcom/radio:/var/lib/other")
    assert state_folder("radio") == Path("/var/lib/semcom/radio")
    assert state_folder("radio", Path("mine")) == Path("mine")


def test_a_user_without_a_home_is_told_what_to_give(monkeypatch) -> None:
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for a user that is in no list
    with pytest.raises(OutputError, match="--state FOLDER"):
        state_folder("radio")
