"""What a service tells about itself: JSON on a local socket, and Prometheus text on 127.0.0.1.

    STATE/status.sock           connect and read: one JSON object, then the end
    http://127.0.0.1:PORT/metrics
    http://127.0.0.1:PORT/healthz   200 while the service goes round, 503 when it hangs

The service publishes a finished snapshot now and then; whoever asks gets the last one and cannot hold the service up.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from semcom.apps.report.result_folder import OutputError
from semcom.apps.services.metrics import CONTENT_TYPE, metrics_text

SOCKET_NAME = "status.sock"
MAX_SOCKET_PATH_BYTES = 107
REQUEST_TIMEOUT_S = 2.0
MAX_STATUS_BYTES = 1 << 20
MAX_REQUESTS = 8
"""Of the page at a time; more are closed unread, so that who floods it costs neither threads nor descriptors."""

ANSWER_WITHIN_S = 5.0
HANGS_AFTER_S = 10.0
"""A service that has published nothing for so long hangs."""


class _BoundedServer(ThreadingHTTPServer):
    """A thread for each request, `MAX_REQUESTS` at most, each for `ANSWER_WITHIN_S` at most."""

    daemon_threads, request_queue_size = True, 32

    def __init__(self, *options: Any) -> None:
        self._free = threading.BoundedSemaphore(MAX_REQUESTS)
        self.turned_away = 0
        super().__init__(*options)

    def get_request(self) -> tuple[socket.socket, Any]:
        try:
            return super().get_request()
        except OSError:  # no descriptors: the connection waits, and so do we
            time.sleep(0.05)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.turned_away += 1
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        deadline = threading.Timer(ANSWER_WITHIN_S, _shut, (request,))
        deadline.daemon = True
        deadline.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            deadline.cancel()
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who goes away before the answer is no event."""


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
    clock : callable
        Seconds, only ever forward.
    """

    def __init__(
        self, folder: Path, metrics_port: int, service: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._service, self._snapshot = service, {"service": service}
        self._clock, self._published_at_s = clock, clock()
        self._path = folder / SOCKET_NAME
        if len(os.fsencode(self._path)) > MAX_SOCKET_PATH_BYTES:
            raise OutputError(f"{self._path}: must be at most {MAX_SOCKET_PATH_BYTES} bytes long to be a local socket")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._http = _BoundedServer(("127.0.0.1", metrics_port), self._handler())
        except OSError as error:
            raise OutputError(f"metrics-port {metrics_port}: cannot be used: {error.strerror}") from None
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
        self._snapshot, self._published_at_s = {**head, **snapshot}, self._clock()

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
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
                    return  # it was ended
                time.sleep(0.05)
                continue
            with connection, contextlib.suppress(OSError):
                connection.settimeout(REQUEST_TIMEOUT_S)
                connection.sendall(json.dumps(self._snapshot).encode())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        point = self

        class Handler(BaseHTTPRequestHandler):
            timeout = REQUEST_TIMEOUT_S

            def do_GET(self) -> None:
                if self.path == "/metrics":
                    self._answer(200, CONTENT_TYPE, metrics_text(point._service, point._snapshot))
                elif self.path == "/healthz":
                    silent_s = point._clock() - point._published_at_s
                    hangs = silent_s > HANGS_AFTER_S
                    told = f"{'hangs' if hangs else 'goes on'}: last round {silent_s:.1f} s ago\n"
                    self._answer(503 if hangs else 200, "text/plain; charset=utf-8", told.encode())
                else:
                    self.send_error(404)

            def _answer(self, code: int, kind: str, text: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                """Asking is no event."""

        return Handler


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


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
