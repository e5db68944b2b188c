from __future__ import annotations

from semcom.apps.delivery.said_once import SaidOnce


def test_each_kind_is_said_once_whatever_its_numbers() -> None:
    said: list[str] = []
    say = SaidOnce(said.append)
    for words in ("94012 Hz off", "-94013.5 Hz off", "", "inverted", "inverted", "7 Hz on"):
        say(words)
    assert said == ["94012 Hz off", "inverted", "7 Hz on"]
