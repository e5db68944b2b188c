"""Results of the receiving computer: a folder for each picture, all or nothing, and pages that show them all.

OUT/0-7-3/           stream 0, group 7, picture 3: packet, caption, maps, drawing, report.html, result.json
OUT/index.html       the last pictures, latest first
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import shutil
import time
from pathlib import Path
from typing import Any

from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.report.index import Index, IndexEntry, entry_of
from semcom.apps.report.model import COMPLETE, LOST, PARTIAL, FrameCounts, Identity, PictureResult, utc_text
from semcom.apps.report.received_report import RESULT_JSON, fill_received, layer_results, received_result
from semcom.apps.report.result_folder import remove_remains, sync_file_system, write_folder
from semcom.apps.services.receiving.received_pictures import ReceivedPicture
from semcom.apps.services.receiving.retention import Keep, Retention
from semcom.link import Scope
from semcom.semantic import LayerKey, Reconstruction, SemanticError, SemanticPacket

MAX_RESULT_BYTES = 1 << 20
Rebuilt = tuple[SemanticPacket | None, Reconstruction | None, list[str]]
_NAME = re.compile(r"\d{1,5}-\d{1,5}-\d{1,5}")
log = logging.getLogger("semcom.rx")


class ResultFolders:
    """Writes results and knows which are there.

    Parameters
    ----------
    folder : Path
        Remains of a process that was killed are removed from it. Made again where it vanishes.
    keep : Keep
        Results kept; the oldest are removed.
    """

    def __init__(self, folder: Path, keep: Keep | None = None) -> None:
        self.folder, self._retention = folder, Retention(folder, keep or Keep())
        folder.mkdir(parents=True, exist_ok=True)
        remove_remains(folder)
        self._index = Index(folder, "Received pictures", latest_first=True)
        known = {path.parent.name: _read(path) for path in folder.glob(f"*-*-*/{RESULT_JSON}")}
        ours = {name: told for name, told in known.items() if told is not None and _NAME.fullmatch(name)}
        self._complete: dict[str, bool] = {}  # oldest first
        for name, (_, complete, entry) in sorted(ours.items(), key=lambda known: known[1][0]):
            self._keep(name, complete, entry)
        self._identity = _identity(folder)

    def is_finished(self, scope: Scope) -> bool:
        """Whether a complete result of this picture is there."""
        return self._complete.get(name_of(scope), False)

    def payloads(self, scope: Scope) -> dict[LayerKey, bytes] | None:
        """Payloads of a complete result, by the names they had on the way; None where there is none."""
        if not self.is_finished(scope):
            return None
        folder = self.folder / name_of(scope)
        try:
            packet = SemanticPacket.from_bytes((folder / "packet.sem").read_bytes())
            if not all(path.stat().st_size for path in folder.iterdir() if path.is_file()):
                return None  # a power cut came before its contents were on the disk
        except (OSError, SemanticError):
            return None
        return {
            LayerKey(*scope[:2], layer.key.picture and scope.picture, layer.key.layer): layer.payload
            for layer in packet.layers
        }

    def write(self, picture: ReceivedPicture) -> PictureResult:
        """Rebuild a picture from what came and write its folder; raises `OSError` with nothing changed."""
        self._look_after_folder()
        self._make_room()
        since = time.perf_counter()
        complete = picture.complete
        num_frames = None if picture.reopened else len(picture.frames)
        packet, reconstruction, notes = self._rebuilt(picture)
        result = received_result(
            "host rx",
            name_of(picture.scope),
            packet,
            reconstruction,
            identity=Identity(*picture.scope),
            outcome=LOST if packet is None else COMPLETE if complete else PARTIAL,
            frames=FrameCounts(None, num_frames, None),
            layers=layer_results(packet),
            snr_db_estimated=picture.quality.get("snr_db"),
            cfo_hz_estimated=picture.quality.get("cfo_hz"),
            evm_db=picture.quality.get("evm_db"),
            timings_s={"reconstruct": time.perf_counter() - since},
            notes=notes,
        )
        write_folder(
            self.folder / result.image, lambda aside: fill_received(aside, result, packet, reconstruction, True)
        )
        self._keep(result.image, complete, entry_of(result))
        self._make_room()
        self._index.write()
        self._identity = _identity(self.folder)
        return result

    def tidy(self) -> None:
        """Now and then while nothing comes: results grow old, and others fill the disk."""
        if self._make_room():
            with contextlib.suppress(OSError):  # the next result writes it
                self._index.write()

    def to_disk(self) -> None:
        """All results written so far survive a power cut from now on. Raises `OSError`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sync_file_system(self.folder)

    def counts(self) -> dict[str, int]:
        complete = sum(self._complete.values())
        return {"pictures": len(self._complete), "complete": complete, "bytes": self._retention.num_bytes}

    def close(self) -> None:
        """Nothing is to be ended here."""

    def _rebuilt(self, picture: ReceivedPicture) -> Rebuilt:
        """Packet, what is shown of it, and notes."""
        return rebuild(picture.payloads, picture.damaged, picture.required)

    def _keep(self, name: str, complete: bool, entry: IndexEntry) -> None:
        self._complete.pop(name, None)
        self._complete[name] = complete
        self._retention.put(name)
        self._index.put(name, entry)

    def _forget(self, name: str) -> None:
        del self._complete[name]
        self._retention.remove(name)
        self._index.remove(name)

    def _make_room(self) -> int:
        """Remove results that are beyond what is to be kept; how many."""
        count = 0
        while (oldest := self._retention.beyond()) is not None:
            shutil.rmtree(self.folder / oldest, ignore_errors=True)
            self._forget(oldest)
            count += 1
        return count

    def _look_after_folder(self) -> None:
        """A folder that was removed, or put in the place of ours, no longer has our results."""
        if _identity(self.folder) == self._identity:
            return
        gone = [name for name in self._complete if not (self.folder / name / RESULT_JSON).is_file()]
        for name in gone:
            self._forget(name)
        log.warning("%s was removed; it is made again, without its %d results", self.folder, len(gone))


def name_of(scope: Scope) -> str:
    """Name of a picture's folder."""
    return f"{scope.stream}-{scope.group}-{scope.picture}"


def _from_before_schema_1(told: dict[str, Any], name: str) -> dict[str, Any]:
    """The fields that are used here, of a result written by a version that had no schema."""
    outcome = LOST if not told["shown"] else COMPLETE if told["complete"] else PARTIAL
    fields = {"schema": 1, "command": "host rx", "image": name, "caption": told["caption"], "bytes_packet": None}
    return {**fields, "time": utc_text(told["at"]), "outcome": outcome, "provenance": {}}


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder stands under a name; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _read(path: Path) -> tuple[str, bool, IndexEntry] | None:
    """When a result was written, whether it is complete, how the index shows it; None where it is none of ours."""
    try:
        with path.open("rb") as file:
            told: dict[str, Any] = json.loads(file.read(MAX_RESULT_BYTES))
        if "schema" not in told:
            told = _from_before_schema_1(told, path.parent.name)
        texts = {name: told[name] for name in ("command", "time", "image", "outcome")}
        if told["schema"] != 1 or not all(isinstance(text, str) for text in texts.values()):
            return None
        caption, num_bytes = told["caption"], told["bytes_packet"]
        result = PictureResult(
            **texts,
            folder=path.parent.name,
            caption=caption if isinstance(caption, str) else None,
            bytes_packet=num_bytes if isinstance(num_bytes, int) else None,
            provenance=dict(told["provenance"]),
            layers=[],
            frames=FrameCounts(None, None, None),
        )
        return result.time, result.complete, entry_of(result)
    except (OSError, ValueError, KeyError, TypeError):
        return None
