"""Where a service keeps its state unless it is told: the same place whatever folder it is started from.

1. ``$STATE_DIRECTORY``, which systemd sets (``StateDirectory=``);
2. ``out/NAME`` below the present folder, where an earlier version has left it: that holds what was confirmed;
3. ``$XDG_STATE_HOME/semcom/NAME``, else ``~/.local/state/semcom/NAME`` (XDG Base Directory Specification 0.8).
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from semcom.apps.report.result_folder import OutputError

log = logging.getLogger("semcom")


def state_folder(name: str, given: Path | None = None) -> Path:
    """The state folder of the service `name` (``host-tx``, ``radio``, ``air``), as given or else absolute.

    Raises
    ------
    OutputError
        None is given, and this user has no home.
    """
    if given is not None:
        return given
    if by_systemd := os.environ.get("STATE_DIRECTORY"):
        return Path(by_systemd.split(":")[0])
    earlier = Path("out", name).absolute()
    if earlier.is_dir():
        log.info("state in %s, where an earlier version has left it", earlier)
        return earlier
    home = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # noqa: PTH117 (the specification: a relative one is ignored)
        home = os.path.expanduser("~/.local/state")  # noqa: PTH111 (works without a home)
    if not os.path.isabs(home):  # noqa: PTH117
        raise OutputError("state must be given where the user has no home: --state FOLDER")
    return Path(home) / "semcom" / name
