"""The request survives JSON, refuses what it does not know by name, and a guest's only adds privacy."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic import EncodeRequest, PartChoice, RequestError
from semcom.semantic.request import MAX_JSON_BYTES
from semcom.semantic.request_fields import MAX_NAME_CHARACTERS

PARTS = {"segmenter": PartChoice("everyday", {"threads": 2, "mirror": False}), "detailer": PartChoice("boundaries")}
WIDE = EncodeRequest("es-isc", PARTS, {"compression": 200.0}, 600, "tasks", ("person", "vehicle"), 7)

names = st.text("abcxyz-ß", min_size=1, max_size=12)
scalars = st.one_of(st.booleans(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), names)
configs = st.dictionaries(st.sampled_from(["a", "b_c", "weights"]), scalars, max_size=3)
requests = st.builds(
    EncodeRequest,
    system=st.sampled_from(["es-isc", "avif", "own.system"]),
    parts=st.dictionaries(
        st.sampled_from(["segmenter", "detailer"]), st.builds(PartChoice, st.sampled_from(["a", "b-1"]), configs)
    ),
    config=configs,
    budget_bytes=st.one_of(st.none(), st.integers(1, 10**6)),
    profile=st.one_of(st.none(), names),
    without=st.lists(names, max_size=4).map(tuple),
    seed=st.integers(0, 2**32 - 1),
)


@given(requests)
def test_a_request_survives_json(request: EncodeRequest) -> None:
    again = EncodeRequest.from_json(request.to_json())
    assert again == request and hash(again) == hash(request)
    assert EncodeRequest.from_json(request.to_json().encode()) == request


def test_json_says_what_differs_from_the_defaults() -> None:
    assert json.loads(EncodeRequest().to_json()) == {"system": "es-isc"}
    assert json.loads(WIDE.to_json())["parts"]["segmenter"] == {
        "name": "everyday",
        "config": {"threads": 2, "mirror": False},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"sytem": "es-isc"}', "key 'sytem' is not known, only budget_bytes"),
        ('{"parts": {"segmenter": {"nam": "everyday"}}}', "part 'segmenter': key 'nam' is not known"),
        ('{"parts": {"segmenter": {"config": {}}}}', "part 'segmenter' must have a name"),
        ('{"parts": {"segmenter": "everyday"}}', "part 'segmenter' must be a JSON object, got 'everyday'"),
        ('{"parts": []}', "parts must map at most 32 kinds to choices"),
        ('{"seed": 1, "seed": 2}', "key 'seed' must come once"),
        ('{"config": {"compression": NaN}}', "numbers must be finite, got NaN"),
        ('{"config": {"compression": 1e999}}', "compression must be a short text, a finite number or a bool, got inf"),
        ('{"config": {"compression": [1]}}', "compression must be a short text"),
        ('{"budget_bytes": "600"}', "budget_bytes must be an integer of 1 to"),
        ('{"budget_bytes": true}', "budget_bytes must be an integer of 1 to"),
        ('{"budget_bytes": 0}', "budget_bytes must be an integer of 1 to"),
        ('{"seed": -1}', "seed must be an integer of 0 to"),
        ('{"without": [1]}', "without must be names of 1 to 64 characters, got 1"),
        ('{"without": 5}', "without must be names, got 5"),
        ('{"without": ["a\\u001b[2J"]}', "without must be names of 1 to 64 characters"),
        ('{"system": "../../etc"}', "system must be a name of letters"),
        ('{"profile": ""}', "profile must be names of 1 to 64 characters"),
        ("[]", "request must be a JSON object"),
        ("{", "request is no JSON"),
        ("[" * 4000, "request is no JSON"),
        ('{"seed": ' + "9" * 4000 + "}", "seed must be an integer"),
        (" " * (MAX_JSON_BYTES + 1), "must be at most 4096 bytes"),
    ],
)
def test_what_is_not_known_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(RequestError) as refused:
        EncodeRequest.from_json(text)
    assert said in str(refused.value) and len(str(refused.value)) < 400


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        request = EncodeRequest.from_json(data)
    except RequestError:
        return
    assert EncodeRequest.from_json(request.to_json()) == request


def test_a_request_cannot_be_changed_by_what_it_was_made_of() -> None:
    config = {"threads": 2}
    request = EncodeRequest(parts={"segmenter": PartChoice("everyday", config)})
    config["threads"] = 3
    assert request.parts["segmenter"].config["threads"] == 2
    with pytest.raises(TypeError):
        request.parts["segmenter"] = PartChoice("other")


def test_one_name_may_stand_alone_and_numbers_may_be_of_numpy() -> None:
    request = EncodeRequest(without="person", budget_bytes=np.int64(600))
    assert (
        request.without == ("person",)
        and request.to_json() == EncodeRequest(without=("person",), budget_bytes=600).to_json()
    )


def test_options_are_read_as_people_type_them() -> None:
    assert EncodeRequest.from_options() == EncodeRequest()
    assert EncodeRequest.from_options("es-isc", 0, "", " person, ,vehicle ") == EncodeRequest(
        without=("person", "vehicle")
    )
    assert EncodeRequest.from_options(budget_bytes=600, profile="tasks") == EncodeRequest(
        budget_bytes=600, profile="tasks"
    )


def test_parts_are_read_as_people_type_them() -> None:
    made = EncodeRequest.from_options(
        parts=["segmenter = mine", "detailer=edges,sigma=1.5,steps=3,thin=true,mode=fine"]
    )
    assert made.parts["segmenter"] == PartChoice("mine")
    assert made.parts["detailer"] == PartChoice("edges", {"sigma": 1.5, "steps": 3, "thin": True, "mode": "fine"})
    kinds = {key: type(value) for key, value in made.parts["detailer"].config.items()}
    assert kinds == {"sigma": float, "steps": int, "thin": bool, "mode": str}


@pytest.mark.parametrize(
    "parts",
    [["mine"], ["segmenter="], ["=mine"], ["segmenter=a", "segmenter=b"], ["segmenter=a,b"], ["segmenter=a,=2"]],
)
def test_parts_typed_otherwise_are_refused(parts: list[str]) -> None:
    with pytest.raises(RequestError, match="KIND=NAME"):
        EncodeRequest.from_options(parts=parts)


def test_a_guest_adds_privacy_and_takes_none_away() -> None:
    own = EncodeRequest(budget_bytes=900, profile="meaning", without=("person",), config={"speck_cells": 3})
    assert own.adding(EncodeRequest()) == own
    added = own.adding(EncodeRequest(budget_bytes=2000, profile="tasks", without=("vehicle", "person")))
    assert added.without == ("person", "vehicle") and added.profile == "tasks" and added.budget_bytes == 900
    assert added.config == own.config and own.adding(EncodeRequest(budget_bytes=400)).budget_bytes == 400
    assert EncodeRequest().adding(EncodeRequest(budget_bytes=400)).budget_bytes == 400


@pytest.mark.parametrize(
    ("guest", "said"),
    [
        (EncodeRequest(system="avif"), "system is decided by the sending host (es-isc), got 'avif'"),
        (EncodeRequest(parts=PARTS), "parts is decided by the sending host"),
        (EncodeRequest(config={"weights": "/etc/passwd"}), "config is decided by the sending host"),
        (EncodeRequest(seed=3), "seed is decided by the sending host, got 3"),
    ],
)
def test_what_the_host_decides_no_guest_does(guest: EncodeRequest, said: str) -> None:
    with pytest.raises(RequestError) as refused:
        EncodeRequest().adding(guest)
    assert said in str(refused.value)


def test_a_kind_of_part_may_be_as_long_as_names_are() -> None:
    kind = "k" * MAX_NAME_CHARACTERS
    assert kind in EncodeRequest(parts={kind: PartChoice("name")}).parts
    with pytest.raises(RequestError, match="kind of part"):
        EncodeRequest(parts={kind + "k": PartChoice("name")})
