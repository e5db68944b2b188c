"""Who may come in: answers libzmq's question about each connection (ZAP, ZeroMQ RFC 27) from a list of public keys."""

from __future__ import annotations

import logging
import threading
from collections import Counter

import zmq
from zmq.utils import z85

from semcom.link.refusals import Refusals
from semcom.link.transports.key_files import KeyRing

ADDRESS = "inproc://zeromq.zap.01"
_POLL_MS = 200
_NUM_FRAMES = 7  # with a CURVE credential; other mechanisms have another number

log = logging.getLogger("semcom.link")


class Authenticator:
    """Answers for all servers of one context, in a thread of its own.

    A peer that passes is known by its public key (the message's ``User-Id``). Everything else is refused and counted.

    Parameters
    ----------
    context : zmq.Context
    keys : KeyRing
        Its peers may come in.

    Attributes
    ----------
    counts : Counter
        ``admitted``, ``refused_key``, ``refused_mechanism``.
    """

    def __init__(self, context: zmq.Context, keys: KeyRing) -> None:
        self.counts: Counter[str] = Counter()
        self._refusals = Refusals(log, self.counts)
        self._keys = keys
        self._socket = context.socket(zmq.REP)
        self._socket.linger = 0
        self._socket.bind(ADDRESS)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="semcom authenticator", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            if self._socket.poll(_POLL_MS):
                self._socket.send_multipart(self._answer(self._socket.recv_multipart()))
        self._socket.close()

    def _answer(self, request: list[bytes]) -> list[bytes]:
        version, request_id = [*request, b"", b""][:2]
        if len(request) == _NUM_FRAMES and request[5] == b"CURVE" and len(request[6]) == 32:
            public = z85.encode(request[6])
            if self._keys.name_of(public) is not None:
                self.counts["admitted"] += 1
                return [version, request_id, b"200", b"OK", public, b""]
            self._refusals.note("key", f"key of a peer must be in peers/, got {public.decode()}")
        else:
            mechanism = _shown(request[5]) if len(request) > 5 else "none"
            self._refusals.note("mechanism", f"mechanism must be CURVE, got {mechanism}")
        return [version, request_id, b"400", b"not known here", b"", b""]


def _shown(text: bytes) -> str:
    return repr(text[:60])[1:]
