"""How the child of a `ChildAir` is started. Apart, so that it loads its libraries while the parent loads its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semcom.apps.services.radio_link import AirOptions

MODULE = "semcom.apps.services.radio_process.air_child"
StartedChild = tuple[socket.socket, "subprocess.Popen[bytes]"]
"""Our end of the socket, and the process; it ends when that end is closed."""


def child_options(name: str, options: AirOptions) -> str:
    """What the child is given: the radio's name and the options of its air, as JSON."""
    return json.dumps({"name": name, "options": asdict(options)})


def start_child(options: str) -> StartedChild:
    """A child with what `child_options` made."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", MODULE, str(theirs.fileno()), options]
        return ours, subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
