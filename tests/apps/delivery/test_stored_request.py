"""The request beside a packet: there whenever something is withheld, refused where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.delivery.stored_request import request_path, store_request, stored_request, write_request
from semcom.semantic import EncodeRequest, PartChoice, RequestError
from semcom.semantic.request import MAX_JSON_BYTES

PRIVATE = EncodeRequest(without=("person",), profile="tasks")


def test_it_lies_beside_its_packet(tmp_path: Path) -> None:
    packet = tmp_path / "a.b.sem"
    assert stored_request(packet) is None
    store_request(packet, PRIVATE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.b.request.json"] and stored_request(packet) == PRIVATE
    store_request(packet, EncodeRequest(profile="tasks"))
    assert stored_request(packet) is None
    by_parts = EncodeRequest(parts={"segmenter": PartChoice("mine", {"size": 2})})
    store_request(packet, by_parts)
    assert stored_request(packet) == by_parts
    write_request(tmp_path / "a.png", EncodeRequest(profile="tasks"))
    assert request_path(tmp_path / "a.png").name == "a.png.request.json"
    assert stored_request(tmp_path / "a.png") == EncodeRequest(profile="tasks")


@pytest.mark.parametrize("text", ["", "{", '{"without": 3}', " " * (MAX_JSON_BYTES + 1)])
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    request_path(tmp_path / "p.sem").write_text(text)
    with pytest.raises(RequestError, match=r"p\.request\.json: (request|without) "):
        stored_request(tmp_path / "p.sem")


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    request_path(tmp_path / "p.sem").mkdir()
    with pytest.raises(RequestError, match="cannot be read"):
        stored_request(tmp_path / "p.sem")
