"""Who may speak to the page: checks before anything of a request is read.

A page of another origin in the same browser must neither drive nor read this one: Host and Origin are checked on HTTP
and WebSocket [RFC 6454; Fetch standard]. From this computer no token is needed; from others one is, as a header or
cookie, never in the address, and then the page may be looked at but not driven unless the owner said so.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from semcom.apps.live.assets import assets

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

COOKIE = "semcom_token"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
MOST_BODY_BYTES = 64 << 20
LOGIN = "/api/login"
_OPEN_PATHS = frozenset({*assets(), LOGIN})
"""For those without a token: the page that asks for one."""
_POLICY = "default-src 'self'; img-src 'self' blob: data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Guard:
    """ASGI middleware.

    Parameters
    ----------
    app : ASGI application
    names : frozenset of str
        Host names under which the page is reached, beside `LOCAL_NAMES`.
    token : str
        Of viewers on other computers.
    others_may_drive : bool
        Whether they may do more than look.
    """

    def __init__(self, app: Any, names: frozenset[str], token: str, others_may_drive: bool = False) -> None:
        self._app, self._names, self._token = app, LOCAL_NAMES | names, token
        self._others_may_drive = others_may_drive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, _bounded(receive), _with_headers(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Status and sentence; None where the request may go on."""
        host = headers.get("host", "")
        if host_name(host) not in self._names:
            return 421, f"this page is not known as {host[:80]!r}: start it with --name"
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return 403, "a page of another origin may not speak to this one"
        if origin is None and scope["type"] == "websocket":
            return 403, "a WebSocket needs an Origin"
        if int_of(headers.get("content-length", "0")) > MOST_BODY_BYTES:
            return 413, f"a request may have at most {MOST_BODY_BYTES >> 20} MiB"
        scope["may_drive"] = True
        if is_local(scope):
            return None
        scope["may_drive"] = self._others_may_drive
        if not self.knows(headers):
            return None if scope.get("path") in _OPEN_PATHS else (401, "the token that the owner was told is needed")
        if not self._others_may_drive and scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            return (
                None if scope.get("path") == LOGIN else (403, "from another computer this page can only be looked at")
            )
        return None

    def knows(self, headers: dict[str, str]) -> bool:
        """Whether a header or cookie holds the token."""
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not given:
            try:
                cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
            except CookieError:
                return False
            given = cookie.value if cookie else ""
        return hmac.compare_digest(given.encode(), self._token.encode())


def host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def is_local(scope: Scope) -> bool:
    """Whether the request comes from this computer."""
    client = scope.get("client")
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def int_of(text: str) -> int:
    """A length as headers give it; what is none counts as too long."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else MOST_BODY_BYTES + 1


def _bounded(receive: Receive) -> Receive:
    """A body that is longer than it may be ends the request, whatever its length was said to be."""
    taken = 0

    async def receive_bounded() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BODY_BYTES:
            return {"type": "http.disconnect"}
        return message

    return receive_bounded


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return send_with_headers


async def _refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": sentence})
        return
    body = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
