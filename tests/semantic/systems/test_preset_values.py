"""What a request may change of a preset: types, ends of ranges, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from semcom.semantic.errors import RequestError, SemanticError
from semcom.semantic.systems.preset_values import changed_values, check_keys

RANGES = {"count": (int, 1, 8), "share": (float, 0.0, 1.0), "cut_out": (bool, 0, 1)}


def test_values_have_the_type_of_the_preset() -> None:
    values = changed_values({"count": 8.0, "share": 1, "cut_out": False}, RANGES, "seb")
    assert values == {"count": 8, "share": 1.0, "cut_out": False}
    assert [type(value) for value in values.values()] == [int, float, bool]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"size": 2}, "config of seb must be among count, share, cut_out, pixels, got 'size'"),
        ({"pixels": "coded"}, "must be among count, share, cut_out, pixels, got 'pixels'"),
        ({"count": 0}, "config of seb: count must be int 1 to 8, got 0"),
        ({"count": 9}, "count must be int 1 to 8, got 9"),
        ({"count": 1.5}, "count must be int 1 to 8, got 1.5"),
        ({"count": True}, "count must be int 1 to 8, got True"),
        ({"share": -0.01}, "share must be float 0.0 to 1.0, got -0.01"),
        ({"share": float("nan")}, "share must be float 0.0 to 1.0, got nan"),
        ({"share": "1"}, "share must be float 0.0 to 1.0, got '1'"),
        ({"cut_out": 1}, "cut_out must be true or false, got 1"),
    ],
)
def test_other_values_are_refused(config: dict, message: str) -> None:
    with pytest.raises(RequestError) as raised:
        changed_values(config, RANGES, "seb", ("pixels",))
    assert message in str(raised.value)


def test_a_file_has_the_keys_of_its_schema() -> None:
    @dataclass
    class Schema:
        name: str
        count: int

    check_keys("seb.yml", {"name": "seb", "count": 1}, Schema)
    for values in ({"name": "seb"}, {"name": "seb", "count": 1, "colour": 2}):
        with pytest.raises(SemanticError, match=r"seb\.yml: keys missing or unknown: \['co"):
            check_keys("seb.yml", values, Schema)
