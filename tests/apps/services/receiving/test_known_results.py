"""Results that are known: by numbers and by submission, also those of earlier versions; what a person asks for."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pytest

from semcom.apps.report.index import IndexEntry
from semcom.apps.report.model import FrameCounts, Identity, PictureResult, PictureTimes, SentBy
from semcom.apps.services.receiving.known_results import (
    KnownResult,
    KnownResults,
    find_result,
    known_of,
    read_known,
)
from semcom.link import Scope

ENTRY = IndexEntry("", "", None, "complete", "", "")
A, B, C = Scope(0, 1, 1), Scope(9, 1, 1), Scope(9, 1, 2)


def result(photo: str | None = "street.jpg") -> PictureResult:
    return PictureResult(
        command="host rx",
        image="street.jpg",
        folder="2026-11-29_03-15-07_street",
        identity=Identity(*A),
        sender=SentBy(0, "ab" * 8, photo),
        times=PictureTimes(None, "first", "last"),
        outcome="complete",
        layers=[],
        frames=FrameCounts(None, 1, None),
    )


def write(folder: Path, told: dict) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(told))
    return folder / "result.json"


def test_a_picture_is_known_under_all_its_numbers_until_its_result_goes() -> None:
    known = KnownResults()
    known.put("one", KnownResult("t", False, ENTRY, A, "id"))
    known.came_as("one", B)
    known.put("one", KnownResult("t", True, ENTRY, C, "id"))
    assert {known.of_scope(scope) for scope in (A, B, C)} == {"one"} == {known.of_submission("id")}
    assert len(known) == known.num_complete == 1 and known.oldest == "one" and known.of_submission(None) is None
    known.put("two", KnownResult("t", True, ENTRY, B, "id"))
    known.remove("one")
    assert known.of_scope(A) is None and known.of_scope(B) == "two" == known.of_submission("id")


def test_one_thread_writes_results_while_another_asks() -> None:
    known, ends, failures = KnownResults(), threading.Event(), []
    for number in range(2000):
        known.put(f"old {number}", KnownResult("t", number % 2 == 0, ENTRY, Scope(1, 1, number), None))

    def write() -> None:
        try:
            for turn in range(3000):
                known.put("one", KnownResult("t", True, ENTRY, A, "id"))
                known.put(f"new {turn}", KnownResult("t", False, ENTRY, B, None))
                known.remove(f"new {turn - 5}")
        except Exception as error:
            failures.append(error)
        finally:
            ends.set()

    known.put("one", KnownResult("t", True, ENTRY, A, "id"))
    between_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    writer = threading.Thread(target=write)
    try:
        writer.start()
        while not ends.is_set():
            assert known.num_complete in (1000, 1001) and known.complete_of_scope(A) == "one" and len(list(known))
    finally:
        sys.setswitchinterval(between_s)
        writer.join(120)
    assert not failures and known.num_complete == 1001 == sum(known.get(name).complete for name in known)
    assert known.complete_of_scope(Scope(1, 1, 1)) is None and known.complete_of_scope(Scope(1, 1, 2)) == "old 2"


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    made = result()
    path = write(tmp_path / "2026-11-29_03-15-07_street", made.as_dict())
    assert read_known(path) == known_of(made, True)
    assert read_known(path).scope == A and read_known(path).submission == "ab" * 8
    assert (read_known(path).first_burst, read_known(path).completed) == ("first", "last")


@pytest.mark.parametrize("wrong", [{"identity": 5}, {"identity": {"stream": "x"}}, {"sender": [1]}, {"times": "now"}])
def test_a_file_that_is_wrong_in_parts_raises_nothing(tmp_path: Path, wrong: dict) -> None:
    known = read_known(write(tmp_path / "a", {**result().as_dict(), **wrong}))
    assert known is None or not (known.scope and known.submission and known.first_burst)


def test_a_person_names_a_result_by_its_folder_or_by_numbers(tmp_path: Path) -> None:
    folder = write(tmp_path / "2026-11-29_03-15-07_street", result().as_dict()).parent
    for words in ("0-1-1", "0/1/1", folder.name):
        assert find_result(tmp_path, words) == (folder, A)
    (tmp_path / "9-1-1").mkdir()
    (tmp_path / "9-1-1" / "packet.sem").write_bytes(b"")
    assert find_result(tmp_path, "9-1-1") == (tmp_path / "9-1-1", B)  # as an earlier version named it
    for words in ("9-1-2", "../" + folder.name, "*", "", "2026-11-29_03-15-07_other"):
        assert find_result(tmp_path, words) is None
