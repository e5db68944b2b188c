"""Results of the receiving computer: a folder for each picture, all or nothing, and a page that shows them all.

OUT/0-7-3/           stream 0, group 7, picture 3: packet, caption, maps, drawing, report.html, result.json
OUT/index.html       the last pictures, newest first
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from semcom.apps.delivery.packet_items import rebuild
from semcom.apps.report.output_folder import PARTIAL_PREFIX, write_file_whole, write_reconstruction
from semcom.apps.report.packet_page import render
from semcom.apps.report.page_parts import page
from semcom.apps.services.received_pictures import ReceivedPicture
from semcom.link import Scope
from semcom.semantic import LayerKey, SemanticError, SemanticPacket

RESULT_JSON = "result.json"
MAX_SHOWN = 200
MAX_RESULT_BYTES = 1 << 20
_KEPT = ("complete", "shown", "caption", "at")
_NAME = re.compile(r"\d{1,5}-\d{1,5}-\d{1,5}")


class ResultFolders:
    """Writes results and knows which are there.

    Parameters
    ----------
    folder : Path
        Remains of a process that was killed are removed from it.
    keep : int
        Results kept; the oldest are removed.
    """

    def __init__(self, folder: Path, keep: int = 10_000) -> None:
        self.folder, self.keep = folder, keep
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{PARTIAL_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        known = {path.parent.name: _read(path) for path in folder.glob(f"*-*-*/{RESULT_JSON}")}
        ours = {name: result for name, result in known.items() if result is not None and _NAME.fullmatch(name)}
        self._results = dict(sorted(ours.items(), key=lambda entry: entry[1]["at"]))  # oldest first

    def is_finished(self, scope: Scope) -> bool:
        """Whether a complete result of this picture is there."""
        return bool(self._results.get(name_of(scope), {}).get("complete"))

    def payloads(self, scope: Scope) -> dict[LayerKey, bytes] | None:
        """Payloads of a complete result, by the names they had on the way; None where there is none."""
        if not self.is_finished(scope):
            return None
        try:
            packet = SemanticPacket.from_bytes((self.folder / name_of(scope) / "packet.sem").read_bytes())
        except (OSError, SemanticError):
            return None
        return {
            LayerKey(*scope[:2], layer.key.picture and scope.picture, layer.key.layer): layer.payload
            for layer in packet.layers
        }

    def write(self, picture: ReceivedPicture) -> dict[str, Any]:
        """Rebuild a picture from what came and write its folder; raises `OSError` with nothing changed."""
        name, since = name_of(picture.scope), time.perf_counter()
        num_layers, complete = picture.version, picture.complete
        packet, reconstruction, notes = rebuild(picture.payloads, picture.damaged, picture.required)
        result = {
            "name": name,
            "complete": complete,
            "shown": packet is not None,
            "layers": num_layers,
            "caption": reconstruction.caption.text if reconstruction and reconstruction.caption else None,
            "quality": picture.quality,
            "notes": notes,
            "at": time.time(),
        }

        def fill(aside: Path) -> None:
            if packet is not None and reconstruction is not None:
                write_reconstruction(aside, packet, reconstruction)
                (aside / "report.html").write_text(render(name, packet, reconstruction), encoding="utf-8")
            (aside / RESULT_JSON).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")

        replace_folder(self.folder / name, fill)
        self._results.pop(name, None)
        self._results[name] = {key: result[key] for key in _KEPT}
        while len(self._results) > self.keep:
            oldest = next(iter(self._results))
            shutil.rmtree(self.folder / oldest, ignore_errors=True)
            del self._results[oldest]
        self._write_index()
        return {**result, "seconds": time.perf_counter() - since}

    def counts(self) -> dict[str, int]:
        results = list(self._results.values())
        return {"pictures": len(results), "complete": sum(bool(result["complete"]) for result in results)}

    def _write_index(self) -> None:
        newest = islice(reversed(self._results.items()), MAX_SHOWN)
        parts = [f"<h1>Received pictures</h1><p>{len(self._results)} in all, newest first</p>"]
        for name, result in newest:
            state = "complete" if result["complete"] else "partial"
            caption = escape(result["caption"] or "no caption")
            image = f"<img src='{name}/reconstruction.png' alt='' style='max-width:20em'><br>"
            page_of = f"{name}/report.html" if result["shown"] else f"{name}/{RESULT_JSON}"
            parts.append(f"<p><a href='{page_of}'>{image * result['shown']}{name}</a> ({state}): {caption}</p>")
        write_file_whole(self.folder / "index.html", page("Received pictures", parts).encode())


def name_of(scope: Scope) -> str:
    """Name of a picture's folder."""
    return f"{scope.stream}-{scope.group}-{scope.picture}"


def replace_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder aside and put it in the place of ``target``; nobody sees a mixture of old and new."""
    aside = Path(tempfile.mkdtemp(prefix=PARTIAL_PREFIX, dir=target.parent))
    try:
        fill(aside)
        aside.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=PARTIAL_PREFIX, dir=target.parent))
            target.rename(old / target.name)
            aside.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _read(path: Path) -> dict[str, Any] | None:
    """A result as it was written; None where it is none of ours."""
    try:
        with path.open("rb") as file:
            result = json.loads(file.read(MAX_RESULT_BYTES))
        return {name: result[name] for name in _KEPT} if isinstance(result["at"], float) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
