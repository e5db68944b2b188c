"""What services do alike when they start: log, keys, state folder, status; and a host's connection to its radio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semcom.apps.commands.console import out
from semcom.apps.services.service_log import LogFormat, LogLevel, start_log
from semcom.apps.services.steady_memory import keep_memory_steady

if TYPE_CHECKING:
    from semcom.apps.services.loop import Service
    from semcom.link.messages import Role
    from semcom.link.transports.client import Client
    from semcom.link.transports.key_files import KeyRing


@dataclass(frozen=True)
class Opening:
    """What a service has before its own work begins.

    Attributes
    ----------
    name : str
        ``host-tx``, ``host-rx``, ``radio`` or ``air``.
    ring : KeyRing
    state : Path
    metrics_port : int
    """

    name: str
    ring: KeyRing
    state: Path
    metrics_port: int

    def client(self, role: Role, radio: str, radio_key: str, frame_key: Path | None, window: int = 1) -> Client:
        """A host's connection to its radio; frames are sealed or opened where there is a file with a key for that."""
        from semcom.apps.services.sealed_frames import OpeningClient, SealingClient, read_frame_key
        from semcom.link.messages import Role
        from semcom.link.transports.client import Client

        name = self.name.replace("-", " ")
        to_radio = {
            "address": radio,
            "keys": self.ring,
            "server": radio_key,
            "role": role,
            "window": window,
            "name": name,
        }
        if frame_key is None:
            return Client(**to_radio)
        sealed = SealingClient if role is Role.TX else OpeningClient
        return sealed(read_frame_key(frame_key), self.state, **to_radio)

    def run(self, make: Callable[[], Service], ready: Callable[[Any], str]) -> None:
        """Make the service, once its state folder is its own, and run it; `ready` is what is said when it runs."""
        from semcom.apps.services.loop import run_service
        from semcom.apps.services.start import status_point

        point = status_point(self.state, self.metrics_port, self.name.removeprefix("host-"))
        try:
            service = make()
        except BaseException:
            point.close()
            raise
        run_service(service, point, lambda: out.print(ready(service)))


def open_service(
    name: str, keys: Path, state: Path | None, metrics_port: int, log_level: LogLevel, log_format: LogFormat
) -> Opening:
    """Bound what libraries keep, begin the log, find the state folder, read the keys; parameters are the options."""
    from semcom.apps.services.state_folder import state_folder
    from semcom.link.transports.key_files import KeyRing

    keep_memory_steady()
    start_log(log_level, log_format)
    return Opening(name, KeyRing.load(keys), state_folder(name, state), metrics_port)
