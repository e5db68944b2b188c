"""The rows of a sweep on disk: Parquet files that appear whole, one after the other, in one folder.

A row is written once. Whoever starts again reads which trials are there; a file that was being written when the power
went has another name, and its trials are run again.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from semcom.apps.report.result_folder import OutputError

ROWS_OF_A_PART = 200
PART_S = 60.0
"""After which a part is written, too: what a power cut takes."""
_UNFINISHED = ".unfinished"

COLUMNS = {
    "trial": "string", "photo": "string", "system": "string", "link": "string", "channel": "string",
    "waveform": "string", "mcs": "string", "snr_db": "float64", "cbr_asked": "float64", "budget_bytes": "int64",
    "seed": "int64", "outcome": "string", "reason": "string", "esno_db": "float64", "bytes": "int64",
    "channel_uses": "int64", "cbr": "float64", "psnr_db": "float64", "ssim": "float64", "ms_ssim": "float64",
    "caption": "string", "seconds": "float64", "picture": "binary", "text": "string", "models": "string",
    "cosine": "float64", "features": "float64", "labels": "float64", "words": "float64", "lpips": "float64",
    "clip": "float64", "set_size": "int64", "layers": "string",
}  # fmt: skip
"""Name and type of each; what a trial does not say is null."""


class RowStore:
    """Rows in `folder`; not for several processes at once.

    Raises
    ------
    OutputError
        The folder cannot be written to or holds a file that is none of its own, in one sentence.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._waiting = folder, []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob(f"*{_UNFINISHED}"):
                left.unlink()
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written to: {error.strerror}") from None
        self._parts, self._written_s = sorted(folder.glob("part-*.parquet")), time.monotonic()

    def done(self, but: tuple[str, ...] = ()) -> set[str]:
        """Names of the trials whose rows are on disk, without those that came out as one of `but`."""
        outcome: dict[str, str] = {}
        for path in self._parts:
            columns = self._table(path, ["trial", "outcome"]).to_pydict()
            outcome.update(zip(columns["trial"], columns["outcome"], strict=True))
        return {trial for trial, became in outcome.items() if became not in but}

    def add(self, result: dict[str, Any]) -> None:
        """Keep a row; it is on disk after `flush`, or as soon as there are enough for a part or have waited long."""
        self._waiting.append(result)
        if len(self._waiting) >= ROWS_OF_A_PART or time.monotonic() - self._written_s >= PART_S:
            self.flush()

    def flush(self) -> None:
        """Write what waits as one part, whole or not at all.

        Raises
        ------
        OutputError
            The disk is full or away: nothing that is there is lost, and the same command goes on later.
        """
        self._written_s = time.monotonic()
        if not self._waiting:
            return
        import pyarrow
        import pyarrow.parquet

        schema = pyarrow.schema([(name, getattr(pyarrow, kind)()) for name, kind in COLUMNS.items()])
        columns = {name: [row.get(name) for row in self._waiting] for name in COLUMNS}
        last = int(self._parts[-1].stem.removeprefix("part-")) if self._parts else 0
        path = self._folder / f"part-{last + 1:07d}.parquet"
        unfinished = path.with_name(path.name + _UNFINISHED)
        try:
            pyarrow.parquet.write_table(pyarrow.table(columns, schema), unfinished)
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            words = error.strerror or str(error)
            raise OutputError(f"{path}: cannot be written: {words}. Rows until here are kept: start again") from None
        self._parts.append(path)
        self._waiting.clear()

    def rows(self) -> list[dict[str, Any]]:
        """All rows on disk; of a trial that was run again the later one. Columns of now that a part lacks are null."""
        found = (row for path in self._parts for row in self._table(path, None).to_pylist())
        return list({row["trial"]: {**dict.fromkeys(COLUMNS), **row} for row in found}.values())

    def _table(self, path: Path, columns: list[str] | None):
        import pyarrow
        import pyarrow.parquet

        try:
            return pyarrow.parquet.read_table(path, columns=columns)
        except (OSError, pyarrow.ArrowException) as error:
            reason = str(error).split("\n")[0][:200]
            raise OutputError(f"{path}: must be rows of a sweep: {reason}. Remove it: its trials run again") from None
