"""Which results lie in the folder: by name, by the numbers of the picture, and by the photo's submission."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcom.apps.report.index import IndexEntry, entry_of
from semcom.apps.report.model import COMPLETE, LOST, PARTIAL, FrameCounts, PictureResult, utc_text
from semcom.apps.report.received_report import RESULT_JSON
from semcom.apps.services.receiving.result_names import is_result_name, name_of, scope_in
from semcom.link import Scope

MAX_RESULT_BYTES = 1 << 20


@dataclass(frozen=True)
class KnownResult:
    """A result that is there.

    Attributes
    ----------
    time : str
        When it was written, UTC.
    complete : bool
    entry : IndexEntry
    scope : Scope or None
        Under which its picture came last.
    submission : str or None
    first_burst, completed : str or None
        When it was first heard of, and complete.
    """

    time: str
    complete: bool
    entry: IndexEntry
    scope: Scope | None = None
    submission: str | None = None
    first_burst: str | None = None
    completed: str | None = None


class KnownResults:
    """Results by name, oldest first. A picture that was sent under several numbers is one result.

    One thread writes results while another asks what is there.

    Attributes
    ----------
    num_complete : int
    """

    def __init__(self) -> None:
        self.num_complete = 0
        self._results: dict[str, KnownResult] = {}
        self._by_scope: dict[Scope, str] = {}
        self._by_submission: dict[str, str] = {}
        self._scopes_of: dict[str, set[Scope]] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._results))

    def __contains__(self, name: str) -> bool:
        return name in self._results

    def get(self, name: str) -> KnownResult | None:
        return self._results.get(name)

    @property
    def oldest(self) -> str:
        with self._lock:
            return next(iter(self._results))

    def put(self, name: str, result: KnownResult) -> None:
        """A new result, or a newer one of that name."""
        with self._lock:
            scopes = self._scopes_of.get(name, set())
            self.remove(name)
            self._results[name], self._scopes_of[name] = result, set()
            self.num_complete += result.complete
            for scope in scopes | ({result.scope} if result.scope else set()):
                self.came_as(name, scope)
            if result.submission:
                self._by_submission[result.submission] = name

    def came_as(self, name: str, scope: Scope) -> None:
        """The picture of that result has come under these numbers, too."""
        with self._lock:
            self._by_scope[scope] = name
            self._scopes_of[name].add(scope)

    def remove(self, name: str) -> None:
        """It is no longer there."""
        with self._lock:
            result = self._results.pop(name, None)
            for scope in self._scopes_of.pop(name, ()):
                if self._by_scope.get(scope) == name:
                    del self._by_scope[scope]
            if result is None:
                return
            self.num_complete -= result.complete
            if result.submission and self._by_submission.get(result.submission) == name:
                del self._by_submission[result.submission]

    def of_scope(self, scope: Scope) -> str | None:
        return self._by_scope.get(scope)

    def scopes_of(self, name: str) -> list[Scope]:
        """The numbers under which the picture of a result came."""
        with self._lock:
            return list(self._scopes_of.get(name, ()))

    def complete_of_scope(self, scope: Scope) -> str | None:
        """The result of this picture where all of it came."""
        with self._lock:
            name = self._by_scope.get(scope)
            return name if name is not None and self._results[name].complete else None

    def of_submission(self, submission: str | None) -> str | None:
        return self._by_submission.get(submission) if submission else None


def find_result(folder: Path, words: str) -> tuple[Path, Scope] | None:
    """A result by the name of its folder or by the numbers of its picture; None where there is none."""
    wanted = scope_in(words)
    if wanted and (folder / name_of(wanted) / "packet.sem").is_file():  # of an earlier version
        return folder / name_of(wanted), wanted
    pattern = f"*{name_of(wanted)}" if wanted else words if is_result_name(words) else ""
    for glob in (pattern, "*-*-*") if wanted else (pattern,):  # those named by a photo are looked into
        for path in folder.glob(f"{glob}/{RESULT_JSON}") if glob else ():
            known = read_known(path)
            if known and known.scope and wanted in (None, known.scope):
                return path.parent, known.scope
    return None


def known_of(result: PictureResult, complete: bool) -> KnownResult:
    """What is to be known of a result that was just written, and whether all of its picture came."""
    identity, sender, times = result.identity, result.sender, result.times
    return KnownResult(
        result.time,
        complete,
        entry_of(result),
        Scope(identity.stream, identity.group, identity.picture) if identity else None,
        sender.submission if sender else None,
        times.first_burst if times else None,
        times.complete if times else None,
    )


def read_known(path: Path) -> KnownResult | None:
    """What a ``result.json`` tells; None where it is none of ours. Versions before schema 1 are read too."""
    name = path.parent.name
    try:
        with path.open("rb") as file:
            told: dict[str, Any] = json.loads(file.read(MAX_RESULT_BYTES))
        if "schema" not in told:
            told = _from_before_schema_1(told, name)
        texts = {name: told[name] for name in ("command", "time", "image", "outcome")}
        if told["schema"] != 1 or not all(isinstance(text, str) for text in texts.values()):
            return None
        caption, num_bytes = told["caption"], told["bytes_packet"]
        result = PictureResult(
            **texts,
            folder=name,
            caption=caption if isinstance(caption, str) else None,
            bytes_packet=num_bytes if isinstance(num_bytes, int) else None,
            provenance=dict(told["provenance"]),
            layers=[],
            frames=FrameCounts(None, None, None),
        )
        sender, times = (told.get(field) or {} for field in ("sender", "times"))
        first_burst, completed = (_text(times.get(field)) for field in ("first_burst", "complete"))
        scope, submission = scope_in(name) or _scope(told.get("identity")), _text(sender.get("submission"))
        return KnownResult(result.time, result.complete, entry_of(result), scope, submission, first_burst, completed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _scope(identity: Any) -> Scope | None:
    numbers = [identity[name] for name in ("stream", "group", "picture")] if identity else []
    return Scope(*numbers) if numbers and all(type(number) is int for number in numbers) else None


def _from_before_schema_1(told: dict[str, Any], name: str) -> dict[str, Any]:
    """The fields that are used here, of a result written by a version that had no schema."""
    outcome = LOST if not told["shown"] else COMPLETE if told["complete"] else PARTIAL
    fields = {"schema": 1, "command": "host rx", "image": name, "caption": told["caption"], "bytes_packet": None}
    return {**fields, "time": utc_text(told["at"]), "outcome": outcome, "provenance": {}}
