"""Who is let in: what a browser of another page, another computer, or a stranger with a socket would send."""

import asyncio

import pytest

from semcom.apps.live.guard import LOGIN, MOST_BODY_BYTES, Guard, host_name

TOKEN = "the-word"
HOME, AWAY = ("127.0.0.1", 40000), ("192.0.2.7", 40000)


def answer(headers, method="GET", path="/api/state", client=HOME, kind="http", others_may_drive=False, body=b""):
    """(status, whether the application was asked, whether it was told that the viewer may drive)."""
    asked, sent = [], []

    async def app(scope, receive, send):
        if kind == "http":
            got = await receive()
            asked.append((scope["may_drive"], got["type"]))
            await send({"type": "http.response.start", "status": 200, "headers": []})
        else:
            asked.append((scope["may_drive"], kind))
            await send({"type": "websocket.accept"})

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "method": method, "path": path, "client": client}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    guard = Guard(app, frozenset({"studio.example"}), TOKEN, others_may_drive)
    asyncio.run(guard(scope, receive, send))
    status = sent[0].get("status", sent[0].get("code", "accepted"))
    return status, asked, sent


LOCAL = {"host": "127.0.0.1:8765"}


@pytest.mark.parametrize(
    ("headers", "kind", "status"),
    [
        (LOCAL, "http", 200),
        ({"host": "localhost:8765", "origin": "http://localhost:8765"}, "http", 200),
        ({"host": "[::1]:8765"}, "http", 200),
        ({"host": "studio.example"}, "http", 200),
        ({"host": "evil.example:8765"}, "http", 421),  # a name that somebody points at this computer
        ({}, "http", 421),
        ({**LOCAL, "origin": "http://evil.example"}, "http", 403),
        ({**LOCAL, "origin": "null"}, "http", 403),
        ({**LOCAL, "origin": "http://127.0.0.1:9999"}, "http", 403),  # another program of this computer
        ({**LOCAL, "origin": "http://127.0.0.1:8765"}, "websocket", "accepted"),
        (LOCAL, "websocket", 1008),
        ({**LOCAL, "origin": "http://evil.example"}, "websocket", 1008),
    ],
)
def test_no_other_page_reaches_it(headers, kind, status):
    got, asked, _ = answer(headers, kind=kind)
    assert got == status and bool(asked) == (status in (200, "accepted"))


@pytest.mark.parametrize(
    ("headers", "method", "path", "status"),
    [
        ({}, "GET", "/api/state", 401),
        ({"authorization": "Bearer wrong"}, "GET", "/api/state", 401),
        ({"cookie": "semcom_token=wrong"}, "GET", "/api/state", 401),
        ({"cookie": "\x01=;;;"}, "GET", "/api/state", 401),
        ({"authorization": f"Bearer {TOKEN}"}, "GET", "/api/state", 200),
        ({"cookie": f"semcom_token={TOKEN}"}, "GET", "/api/state", 200),
        ({"cookie": f"semcom_token={TOKEN}"}, "PATCH", "/api/settings", 403),
        ({"cookie": f"semcom_token={TOKEN}"}, "POST", "/api/pictures", 403),
        ({}, "GET", "/", 200),
        ({}, "POST", LOGIN, 200),
    ],
)
def test_another_computer_needs_the_token_and_then_may_look(headers, method, path, status):
    got, _, sent = answer({"host": "studio.example", **headers}, method, path, AWAY)
    assert got == status
    if status != 200:
        assert sent[-1]["body"].decode() in (
            "the token that the owner was told is needed",
            "from another computer this page can only be looked at",
        )


def test_the_token_in_the_address_is_not_looked_at():
    assert answer({"host": "studio.example"}, path=f"/api/state?token={TOKEN}", client=AWAY)[0] == 401


def test_whoever_may_drive_is_told_so():
    token = {"host": "studio.example", "authorization": f"Bearer {TOKEN}"}
    assert answer(LOCAL)[1] == [(True, "http.request")]
    assert answer(token, client=AWAY)[1] == [(False, "http.request")]
    assert answer(token, "POST", "/api/pictures", AWAY, others_may_drive=True)[1] == [(True, "http.request")]


def test_long_bodies_end_the_request_whatever_was_said():
    assert answer({**LOCAL, "content-length": str(MOST_BODY_BYTES + 1)})[0] == 413
    assert answer({**LOCAL, "content-length": "1e9"})[0] == 413
    assert answer(LOCAL, body=bytes(MOST_BODY_BYTES + 1))[1] == [(True, "http.disconnect")]


def test_answers_tell_the_browser_to_load_nothing_from_elsewhere():
    headers = dict(answer(LOCAL)[2][0]["headers"])
    assert headers[b"content-security-policy"].startswith(b"default-src 'self'")
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]


def test_names_in_host_headers():
    assert [host_name(host) for host in ("A.b:80", "a.b", "[::1]:9", "[::1]", "a:b")] == [
        "a.b",
        "a.b",
        "[::1]",
        "[::1]",
        "a:b",
    ]
