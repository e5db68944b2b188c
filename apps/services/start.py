"""What the services look at when they start, and what they say while they wait."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from semcom.apps.report.result_folder import OutputError
from semcom.apps.services.status import StatusPoint, read_status
from semcom.link.transports.client import Client

SAY_AFTER_S = 3.0
SAY_AGAIN_S = 60.0


def status_point(state: Path, metrics_port: int, service: str) -> StatusPoint:
    """The service's `StatusPoint`.

    Raises
    ------
    OutputError
        The state folder or the port is another service's: the first would no longer be asked, or say the second's.
    """
    try:
        there = read_status(state)
    except OutputError:
        there = None  # nobody answers, as it should be
    if there is not None:
        raise OutputError(
            f"{state}: must be used by one process at a time, another service ({there.get('service')}) runs with it; "
            "give each its own with --state"
        )
    try:
        return StatusPoint(state, metrics_port, service)
    except OutputError as error:
        hint = "; give another with --metrics-port, 0 takes any" if "metrics-port" in str(error) else ""
        raise OutputError(f"{error}{hint}") from None


def check_watched(folder: Path | None, log: logging.Logger) -> None:
    """A folder that is not there yet is said; pictures go out when it comes.

    Raises
    ------
    OutputError
        It is a file.
    """
    if folder is None or folder.is_dir():
        return
    if folder.exists():
        raise OutputError(f"{folder}: must be a folder to be watched, is a file")
    log.warning("%s: no such folder yet; pictures go out when it is there", folder)


class WaitingWords:
    """Says now and then that the radio is not there, where nobody answers.

    Parameters
    ----------
    client : Client
    log : logging.Logger
    """

    def __init__(self, client: Client, log: logging.Logger) -> None:
        self._client, self._log, self._was_there, self._refused = client, log, False, ""
        self._say_at_s = time.monotonic() + SAY_AFTER_S

    def refused(self, reason: str) -> None:
        """It does not want us: said when it begins, and when the reason changes; it is asked again twice a second."""
        if reason != self._refused:
            self._log.warning("radio refuses: %s", reason)
        self._refused = reason
        self._say_at_s = time.monotonic() + SAY_AGAIN_S

    def look(self) -> None:
        """To be called again and again."""
        now = time.monotonic()
        if self._client.connected:
            self._was_there, self._refused, self._say_at_s = True, "", now + SAY_AFTER_S
        elif now >= self._say_at_s:
            self._say_at_s = now + SAY_AGAIN_S
            since = "no longer a" if self._was_there else "no"
            reason = self._client.refused or self._client.unresolved
            why = f" ({reason})" if reason else ""
            self._log.warning("%s radio at %s: waiting for it%s", since, self._client.address, why)
