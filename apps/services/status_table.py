"""What several services tell, as rows of a table: one a service, the same columns for all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from semcom.apps.report.result_folder import OutputError
from semcom.apps.services.state_folder import state_folder
from semcom.apps.services.status import SOCKET_NAME, read_status

COLUMNS = ("service", "told", "radio", "pictures", "frames", "lost", "wait", "SNR dB", "trouble")
NOBODY = "nobody answers"
OF_SYSTEMD = Path("/var/lib/semcom")
RESULTS = Path("out/received")


def known_folders() -> list[Path]:
    """State folders where services are, of the places that they have unless told otherwise."""
    names = ("host-tx", "radio", "air")
    places = [*map(state_folder, names), *(OF_SYSTEMD / name for name in names)]
    places += [RESULTS / ".state", OF_SYSTEMD / "host-rx" / "received" / ".state"]
    return [place for place in dict.fromkeys(places) if _is_there(place / SOCKET_NAME)]


def rows_of(folders: Iterable[Path]) -> list[tuple[str, ...]]:
    """A row of `COLUMNS` for each folder; one that nobody answers from says so."""
    rows = []
    for folder in folders:
        try:
            rows.append(row_of(read_status(folder), time.time()))
        except OutputError:
            rows.append((str(folder), *[""] * (len(COLUMNS) - 2), NOBODY))
    return rows


def row_of(status: Mapping[str, Any], now_s: float) -> tuple[str, ...]:
    """The row of one service; what it does not have is empty."""
    radio, account, results = (_table(status, name) for name in ("radio", "account", "results"))
    frames = _table(status, "frames")
    pictures = account or results
    lost = account["lost"] if "lost" in account else sum(_table(status, "lost_by_cause").values())
    counted = account.get("sent", frames.get("taken", frames.get("new", "")))
    snr_db = _table(status, "quality").get("snr_db")
    return (
        str(status.get("service", "?")),
        f"{max(0.0, now_s - status['at']):.0f} s ago" if "at" in status else "",
        "" if "connected" not in radio else "yes" if radio["connected"] else "NO",
        f"{pictures['complete']} of {pictures['pictures']}" if "pictures" in pictures else "",
        str(counted),
        str(lost),
        str(sum(_table(status, "queues").values())),
        "" if snr_db is None else f"{snr_db:.1f}",
        _trouble(status),
    )


def _trouble(status: Mapping[str, Any]) -> str:
    """The first thing that somebody should look at; empty where all is well."""
    receiving_host, air = _table(status, "receiving_host"), _table(status, "air")
    said = (
        status.get("trouble"),
        _table(status, "radio").get("refused_by"),
        receiving_host.get("reason"),
        f"receiving host {state}" if (state := receiving_host.get("state", "ready")) != "ready" else "",
        f"radio {state}" if (state := air.get("state", "running")) != "running" else "",
    )
    return next((str(words) for words in said if words), "")


def _table(status: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = status.get(name)
    return value if isinstance(value, Mapping) else {}


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that we may not enter
        return False
