"""Pushed pictures: `semcom push` sends one, the handler of `semcom host tx` keeps it and says so.

What is wanted of it travels with it as an `EncodeRequest` and lies beside it in the folder. It may add privacy to what
the host's own request withholds, and never remove any.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from semcom.apps.delivery.stored_request import write_request
from semcom.apps.report.result_folder import OutputError, write_file_whole
from semcom.apps.services.sending.picture_source import SUFFIXES, check_packet_privacy
from semcom.link.errors import TransportError
from semcom.link.messages import MAX_ENCODE_REQUEST_BYTES, MAX_PHOTO_BYTES, Kind, Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import KeyRing
from semcom.link.transports.server import Server
from semcom.semantic import EncodeRequest, SemanticError, check_request
from semcom.semantic.packet import body_of
from semcom.semantic.picture_file import probe_picture

MAX_WAITING = 256
MAX_REQUEST_BYTES = MAX_PHOTO_BYTES + MAX_ENCODE_REQUEST_BYTES + 1024
_MAX_QUEUED = 4
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME = 80
_MAX_REASON = 200
log = logging.getLogger("semcom.tx")


class PushHandler:
    """Takes pictures from peers and puts them into a folder; they are there before "accepted" is said.

    What cannot be a picture is refused, so that who asks hears of it.

    Parameters
    ----------
    address : str
    keys : KeyRing
    folder : Path
    request : EncodeRequest or None
        The host's own; None asks for nothing in particular.
    """

    def __init__(self, address: str, keys: KeyRing, folder: Path, request: EncodeRequest | None = None) -> None:
        self._folder, self._request = folder, EncodeRequest() if request is None else request
        folder.mkdir(parents=True, exist_ok=True)
        self.counts: Counter[str] = Counter()
        self.server = Server(
            address, keys, 1, "host tx", self._admit, max_message_bytes=MAX_REQUEST_BYTES, max_queued=_MAX_QUEUED
        )

    def waits_on(self) -> Sequence[Any]:
        return (self.server.socket,)

    def step(self) -> None:
        for peer, message in self.server.receive():
            if message.kind is Kind.REQUEST:
                reason = self._keep(message.body["name"], message.body["content"], message.body["request"])
                self.counts["refused" if reason else "accepted"] += 1
                log.info("request of %s: %s", peer.name, reason or "accepted")
                self.server.send(peer, Kind.ANSWER, accepted=not reason, text=reason or "accepted")

    def statistics(self) -> dict[str, Any]:
        return {"address": self.server.address, **self.counts, "messages": self.server.statistics()}

    def close(self) -> None:
        self.server.close()

    def _admit(self, role: Role, name: str) -> str | None:
        return None if role is Role.ASKING else f"role must be asking, got {role.name.lower()}"

    def _keep(self, name: str, content: bytes, request: bytes = b"") -> str:
        """Why the picture cannot be kept; empty if it is."""
        name = _UNFIT.sub("_", Path(name).name).lstrip(".")[-_MAX_NAME:]
        if Path(name).suffix.lower() not in SUFFIXES:
            return f"name must end in one of {', '.join(sorted(SUFFIXES))}"
        if reason := _not_a_picture(name, content):
            return reason
        try:
            pushed = EncodeRequest.from_json(request) if request else EncodeRequest()
            if name.lower().endswith(".sem"):
                if pushed != EncodeRequest():
                    return "a packet is sent as it is: no profile, budget or privacy can be asked of it"
                check_packet_privacy(self._request, None)
            elif request:
                check_request(self._request.adding(pushed))
        except SemanticError as error:
            return _one_line(error)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            waiting = sum(path.suffix.lower() in SUFFIXES for path in self._folder.iterdir())
            if waiting >= MAX_WAITING:
                return f"requests that wait must be at most {MAX_WAITING}"
            path = self._folder / f"{time.time_ns()}-{name}"
            if pushed != EncodeRequest():
                write_request(path, pushed)
            write_file_whole(path, content, durable=True)
        except OSError as error:
            self.counts["disk_errors"] += 1
            return f"request cannot be kept: {error.strerror}"
        return ""


def _not_a_picture(name: str, content: bytes) -> str:
    """Why the content cannot be what its name says; empty where it may be.

    Only a picture's beginning is read: who asks should know at once, and decoding all of it takes a while.
    """
    try:
        if name.lower().endswith(".sem"):
            body_of(content)
        else:
            probe_picture(content)
    except SemanticError as error:
        return _one_line(error)
    return ""


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:_MAX_REASON]


def push(
    photo: Path, address: str, keys: KeyRing, server: str, timeout_s: float, request: EncodeRequest | None = None
) -> str:
    """Ask a `PushHandler` to send a picture; what it answered.

    Raises
    ------
    TransportError
        It refused, or nobody answered in time.
    OutputError
        The file cannot be read or is too long.
    """
    try:
        content = photo.read_bytes() if photo.stat().st_size <= MAX_PHOTO_BYTES else None
    except OSError as error:
        raise OutputError(f"{photo}: cannot be read: {error.strerror}") from None
    if content is None:
        raise OutputError(f"{photo}: must be at most {MAX_PHOTO_BYTES} bytes")
    wanted = b"" if request is None or request == EncodeRequest() else request.to_json().encode()
    client = Client(address, keys, server, Role.ASKING, max_message_bytes=MAX_REQUEST_BYTES)
    deadline, asked = time.monotonic() + timeout_s, False
    try:
        while time.monotonic() < deadline:
            for message in client.receive():
                if message.kind is Kind.REFUSED:
                    raise TransportError(f"{address} refuses: {message.body['reason']}")
                if message.kind is Kind.ANSWER:
                    if not message.body["accepted"]:
                        raise TransportError(f"{address} refuses {photo.name}: {message.body['text']}")
                    return message.body["text"]
            if client.welcome is not None and not asked:
                asked = client.send(Kind.REQUEST, name=photo.name, content=content, request=wanted)
            client.socket.poll(50)
        raise TransportError(client.refused or f"{address} must answer within {timeout_s:g} s, did not")
    finally:
        client.close()
