"""A small double of the hub on a port of this computer: one repository, its revisions, files that can be resumed."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlparse


class HubDouble:
    """What it serves, and what it was asked.

    Attributes
    ----------
    revisions : dict of str to dict of str to bytes
        Commit → files; the last is the newest.
    cut_after : int or None
        Bytes of a file's body after which the connection ends.
    asked : list of (str, str, str)
        Method, path and ``Range`` of each request.
    """

    def __init__(self, repository: str) -> None:
        self.repository = repository
        self.revisions: dict[str, dict[str, bytes]] = {}
        self.cut_after: int | None = None
        self.asked: list[tuple[str, str, str]] = []
        self.endpoint = ""

    def add(self, files: dict[str, bytes]) -> str:
        """A new revision; its commit."""
        commit = hashlib.sha1(json.dumps([len(self.revisions), sorted(files)]).encode()).hexdigest()
        self.revisions[commit] = dict(files)
        return commit

    def commit_of(self, revision: str) -> str | None:
        return list(self.revisions)[-1] if revision == "main" else revision if revision in self.revisions else None


@contextmanager
def hub_double(repository: str) -> Iterator[HubDouble]:
    """Serves until the block ends."""
    hub = HubDouble(repository)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(False)

        def do_GET(self) -> None:
            self.answer(True)

        def answer(self, with_body: bool) -> None:
            path = unquote(urlparse(self.path).path)
            hub.asked.append((self.command, path, self.headers.get("Range", "")))
            about, files = f"/api/models/{repository}", f"/{repository}/resolve/"
            if path == about or path.startswith(f"{about}/revision/"):
                self.info(hub.commit_of(path.removeprefix(about).removeprefix("/revision/") or "main"))
            elif path.startswith(files):
                revision, _, name = path.removeprefix(files).partition("/")
                self.file(hub.commit_of(revision), name, with_body)
            else:
                self.refuse("RepoNotFound")

        def info(self, commit: str | None) -> None:
            if commit is None:
                return self.refuse("RevisionNotFound")
            siblings = [{"rfilename": name} for name in hub.revisions[commit]]
            body = json.dumps({"id": repository, "modelId": repository, "sha": commit, "siblings": siblings}).encode()
            self.reply(200, {"Content-Type": "application/json"}, body, True)

        def file(self, commit: str | None, name: str, with_body: bool) -> None:
            if commit is None or name not in hub.revisions[commit]:
                return self.refuse("RevisionNotFound" if commit is None else "EntryNotFound")
            data = hub.revisions[commit][name]
            tag = hashlib.sha256(data).hexdigest()
            headers = {"ETag": f'"{tag}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
            wanted = self.headers.get("Range", "")
            status, first = 200, 0
            if wanted.startswith("bytes="):
                first = int(wanted[6:].split("-")[0])
                headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
                status = 206
            self.reply(status, headers, data[first:], with_body)

        def reply(self, status: int, headers: dict[str, str], body: bytes, with_body: bool) -> None:
            self.send_response(status)
            for key, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(key, value)
            self.end_headers()
            if with_body and hub.cut_after is not None and len(body) > hub.cut_after:
                self.wfile.write(body[: hub.cut_after])
                self.close_connection = True
            elif with_body:
                self.wfile.write(body)

        def refuse(self, code: str) -> None:
            self.reply(404, {"X-Error-Code": code, "X-Error-Message": code}, b"{}", True)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
