"""A live session under uvicorn, until it is told to end."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import uvicorn

from semcom.apps.live.page_session import PageSession
from semcom.apps.live.server import make_app

MOST_MESSAGE_BYTES = 4096
"""Of a viewer; it has nothing to say."""
MOST_CONNECTIONS = 256
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
IDLE_S = 20


@dataclass(frozen=True)
class Serving:
    """Where and to whom.

    Attributes
    ----------
    host, port : address to listen at; port 0 takes a free one
    names : frozenset of str
        Names of this computer as other computers type them.
    token : str
    others_may_drive : bool
    certificate, key : paths of PEM files, or None
    """

    host: str
    port: int
    names: frozenset[str]
    token: str
    others_may_drive: bool = False
    certificate: str | None = None
    key: str | None = None


def serve(make_session: Callable[[], PageSession], serving: Serving, say: Callable[[str], None]) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; the port first, then the link. `say` is given the page's address."""
    with listening_socket(serving.host, serving.port) as listener:
        for number in _ENDING:
            signal.signal(number, _end)
        session = make_session()
        session.prepare()
        server = make_server(session, serving)
        scheme = "https" if serving.certificate else "http"
        shown = "127.0.0.1" if serving.host in ("0.0.0.0", "::") else serving.host
        name = f"[{shown}]" if ":" in shown else shown
        say(f"{scheme}://{name}:{listener.getsockname()[1]}/")
        try:
            server.run(sockets=[listener])  # gives the signal that ended it on to us, at its end
        finally:
            for number in _ENDING:
                signal.signal(number, signal.SIG_IGN)  # closing is quick, and done once
            session.close()


def _end(number: int, frame: Any) -> None:
    raise SystemExit(0)


def make_server(session: PageSession, serving: Serving) -> uvicorn.Server:
    """The server, bounded in connections, time and what a viewer may say."""
    names = serving.names | {serving.host.lower()}
    return uvicorn.Server(
        uvicorn.Config(
            make_app(session, serving.token, names, serving.others_may_drive),
            log_level="warning",
            access_log=False,
            ws_max_size=MOST_MESSAGE_BYTES,
            ws_max_queue=4,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=2,
            server_header=False,
            proxy_headers=False,
            ssl_certfile=serving.certificate,
            ssl_keyfile=serving.key,
        )
    )


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens; `OSError` names the address that could not be taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"{host} port {port}: {error.strerror}") from None
    return listener
