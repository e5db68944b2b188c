"""Names of results: time and photo, safe whatever the photo is called, each once."""

from __future__ import annotations

import pytest

from semcom.apps.services.receiving.result_names import folder_name, is_result_name, name_of, scope_in
from semcom.link import Scope

AT_S = 1795922107.9  # date -u -d @1795922107 +%F_%H-%M-%S
SCOPE = Scope(0, 7, 3)


def named(photo: str, *taken: str) -> str:
    return folder_name(AT_S, photo, SCOPE, lambda name: name in taken)


def test_time_and_photo() -> None:
    assert named("street.jpg") == "2026-11-29_03-15-07_street"
    assert named("") == "2026-11-29_03-15-07_0-7-3" and named("Straße 5.PNG").endswith("_Straße_5")


def test_a_name_that_is_taken_gets_a_number() -> None:
    first = named("a.png")
    assert named("a.png", first) == f"{first}-2" and named("a.png", first, f"{first}-2") == f"{first}-3"


@pytest.mark.parametrize(
    ("photo", "end"),
    [
        ("../../etc/passwd", "_passwd"),
        ("..", "_0-7-3"),
        (".hidden.png", "_hidden"),
        ("a\0b\n<c>?*.png", "_a_b_c"),
        ("\N{PILE OF POO}.png", "_0-7-3"),
        ("x" * 200 + ".png", "_" + "x" * 40),
        ("cafe\u0301.png", "_caf\xe9"),
    ],
)
def test_whatever_the_photo_is_called(photo: str, end: str) -> None:
    name = named(photo)
    assert name == f"2026-11-29_03-15-07{end}" and is_result_name(name)


def test_numbers_as_people_write_them() -> None:
    assert scope_in("0-7-3") == scope_in("0/7/3") == SCOPE and scope_in(name_of(SCOPE)) == SCOPE
    assert scope_in("0-7") is scope_in("2026-11-29_03-15-07_0-7-3") is None
    assert is_result_name("0-7-3") and not is_result_name("my-own-folder") and not is_result_name(".semcom-ab-c")
