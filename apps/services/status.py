"""What a service tells about itself: JSON on a local socket, and Prometheus text on 127.0.0.1.

    STATE/status.sock           connect and read: one JSON object, then the end
    http://127.0.0.1:PORT/metrics

The service publishes a finished snapshot now and then; whoever asks gets the last one and cannot hold the service up.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from semcom.apps.report.output_folder import OutputError
from semcom.apps.services.metrics import CONTENT_TYPE, metrics_text

SOCKET_NAME = "status.sock"
MAX_SOCKET_PATH_BYTES = 107
REQUEST_TIMEOUT_S = 2.0
MAX_STATUS_BYTES = 1 << 20


class StatusPoint:
    """Two small servers in threads of their own.

    Parameters
    ----------
    folder : Path
        Where the local socket is made.
    metrics_port : int
        Of the Prometheus page; 0 takes any free one.
    service : str
        ``tx``, ``radio`` or ``rx``: first part of the metrics' names.
    """

    def __init__(self, folder: Path, metrics_port: int, service: str) -> None:
        self._service, self._snapshot = service, {"service": service}
        self._path = folder / SOCKET_NAME
        if len(os.fsencode(self._path)) > MAX_SOCKET_PATH_BYTES:
            raise OutputError(f"{self._path}: must be at most {MAX_SOCKET_PATH_BYTES} bytes long to be a local socket")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._http = ThreadingHTTPServer(("127.0.0.1", metrics_port), self._handler())
        except OSError as error:
            raise OutputError(f"metrics-port {metrics_port}: cannot be used: {error.strerror}") from None
        self._http.daemon_threads = True
        self.metrics_port = self._http.server_port
        self._socket = self._listen()
        threading.Thread(target=self._http.serve_forever, name="status page", daemon=True).start()

    def publish(self, snapshot: Mapping[str, Any]) -> None:
        """What is told from now on; a socket whose folder was removed is made again."""
        if not self._path.exists():
            with contextlib.suppress(OSError):
                before, self._socket = self._socket, self._listen()
                _end(before)
        head = {"service": self._service, "pid": os.getpid(), "at": time.time(), "metrics_port": self.metrics_port}
        self._snapshot = {**head, **snapshot}

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._path.unlink(missing_ok=True)
        _end(self._socket)

    def _listen(self) -> socket.socket:
        """A socket that only we may read, with a thread that answers there until it is ended."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        try:
            listening.bind(str(self._path))
            self._path.chmod(0o600)
            listening.listen(8)
        except OSError:
            listening.close()
            raise
        threading.Thread(target=self._serve, args=(listening,), name="status socket", daemon=True).start()
        return listening

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(REQUEST_TIMEOUT_S)
                connection.sendall(json.dumps(self._snapshot).encode())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        point = self

        class Handler(BaseHTTPRequestHandler):
            timeout = REQUEST_TIMEOUT_S

            def do_GET(self) -> None:
                if self.path != "/metrics":
                    self.send_error(404)
                    return
                text = metrics_text(point._service, point._snapshot)
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                """Asking is no event."""

        return Handler


def _end(listening: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def read_status(folder: Path) -> dict[str, Any]:
    """What the service that has its state in this folder tells.

    Raises
    ------
    OutputError
        Nobody answers there.
    """
    path = folder / SOCKET_NAME if folder.is_dir() else folder
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(REQUEST_TIMEOUT_S)
            connection.connect(str(path))
            data = b""
            while (part := connection.recv(65536)) and len(data) <= MAX_STATUS_BYTES:
                data += part
        return json.loads(data)
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: no service answers there: {error}") from None
