"""What a service tells about itself: JSON on a local socket, and Prometheus text on 127.0.0.1.

    STATE/status.sock           connect and read: one JSON object, then the end
    http://127.0.0.1:PORT/metrics

The service publishes a finished snapshot now and then; whoever asks gets the last one and cannot hold the service up.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from semcom.apps.report.output_folder import OutputError

SOCKET_NAME = "status.sock"
MAX_SOCKET_PATH_BYTES = 107
REQUEST_TIMEOUT_S = 2.0
MAX_STATUS_BYTES = 1 << 20
_UNFIT = re.compile(r"[^a-zA-Z0-9_]+")


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
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        self._socket.listen(8)
        threading.Thread(target=self._serve_socket, name="status socket", daemon=True).start()
        threading.Thread(target=self._http.serve_forever, name="status page", daemon=True).start()

    def publish(self, snapshot: Mapping[str, Any]) -> None:
        """What is told from now on."""
        head = {"service": self._service, "pid": os.getpid(), "at": time.time(), "metrics_port": self.metrics_port}
        self._snapshot = {**head, **snapshot}

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve_socket(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
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
                text = prometheus_text(point._service, point._snapshot).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                """Asking is no event."""

        return Handler


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


def prometheus_text(service: str, snapshot: Mapping[str, Any]) -> str:
    """Numbers of a snapshot in Prometheus' text format; names of nested entries are joined with ``_``.

    Entries below a name that ends in ``by_cause`` become one metric with the label ``cause``.
    """
    lines = []
    for name, labels, value in _numbers(f"semcom_{service}", snapshot):
        lines.append(f"{name}{labels} {value:.10g}")
    return "\n".join(lines) + "\n"


def _numbers(name: str, value: Any, labels: str = "") -> Iterator[tuple[str, str, float]]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if name.endswith("by_cause"):
                shown = str(key).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
                yield from _numbers(name, entry, f'{{cause="{shown}"}}')
            else:
                yield from _numbers(f"{name}_{_UNFIT.sub('_', str(key))}", entry)
    elif isinstance(value, bool | int | float):
        yield name, labels, float(value)
