"""The page and its API: JSON over HTTP, described by /api/openapi.json, and events over a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from semcom.apps.commands.demo_photo import demo_photo
from semcom.apps.live.assets import assets
from semcom.apps.live.guard import COOKIE, Guard
from semcom.apps.live.hub import TooManyViewersError, Viewer
from semcom.apps.live.page_session import PageSession
from semcom.apps.live.settings import LiveSettings
from semcom.apps.live.stage import BusyError
from semcom.semantic import SemanticError
from semcom.semantic.picture_file.reading import decode_picture_file, load_picture

_MOST_DECODING = 2
"""Pictures decoded at the same time."""
_MOST_JUNK = 16
"""Messages of a viewer that are read and ignored before it has to go: a page sends none."""


class Ask(BaseModel):
    """What is wanted more of: words such as `object 2`, `finer class map`, or a box of the picture."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field("", max_length=80)
    box: tuple[float, float, float, float] | None = Field(None, description="left, top, right, bottom: shares, 0..1")


class Switch(BaseModel):
    """Whether something is to be on."""

    model_config = ConfigDict(extra="forbid")

    on: bool


class Token(BaseModel):
    """The word that the owner was told."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=128)


def make_app(
    session: PageSession, token: str, names: frozenset[str] = frozenset(), others_may_drive: bool = False
) -> Guard:
    """The ASGI application.

    Parameters
    ----------
    session : PageSession
    token : str
        Of viewers on other computers.
    names : frozenset of str
        Host names of this computer under which the page is reached.
    others_may_drive : bool
    """
    app = FastAPI(title="gr-semcom live", version="1", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    decoding = asyncio.Semaphore(_MOST_DECODING)
    guard = Guard(app, names, token, others_may_drive)

    for path, (contents, media_type) in assets().items():
        app.add_api_route(path, _asset(contents, media_type), include_in_schema=False, methods=["GET"])

    @app.post("/api/login", summary="Exchange the token for a cookie")
    async def login(given: Token) -> Response:
        if not guard.knows({"authorization": given.token}):
            raise HTTPException(401, "this is not the token that the owner was told")
        response = Response(status_code=204)
        response.set_cookie(COOKIE, given.token, httponly=True, samesite="strict")
        return response

    @app.get("/api/state", summary="All that the page shows")
    def state(request: Request) -> dict[str, Any]:
        return {**session.state(), "may_drive": request.scope["may_drive"]}

    @app.get("/api/pictures", summary="Pictures, newest first; with words, those whose caption or name holds them")
    def pictures(words: Annotated[str, Query(max_length=80)] = "") -> list[dict[str, Any]]:
        return session.gallery.as_list(words)

    @app.post(
        "/api/pictures",
        status_code=201,
        summary="Send a photo: the body is the file, of any usual format",
        openapi_extra=_body_of("application/octet-stream", {"type": "string", "format": "binary"}),
    )
    async def submit(
        request: Request, name: Annotated[str, Query(max_length=120)] = "photo", quick: bool = False
    ) -> dict[str, Any]:
        data = await request.body()
        async with decoding:
            pixels = await run_in_threadpool(_plain, decode_picture_file, data, name)
        return (await run_in_threadpool(_plain, session.submit, name, pixels, quick)).as_dict()

    @app.get(
        "/api/pictures/{number}/views/{view}",
        summary="A view of a picture, as an image file",
        response_class=Response,
        responses={200: {"content": {"image/webp": {}}}},
    )
    def view(number: int, view: str) -> Response:
        picture = session.gallery.get(number)
        contents = picture.views.get(view) if picture is not None else None
        if contents is None:
            raise HTTPException(404, f"picture {number} has no view {view[:40]!r} here")
        return Response(contents[0], media_type=contents[1], headers={"cache-control": "private, max-age=3600"})

    @app.post("/api/pictures/{number}/ask", summary="Ask the sender for more of a picture")
    def ask(number: int, wanted: Ask) -> dict[str, str]:
        return {"asked": _plain(session.ask, number, wanted.words, wanted.box)}

    @app.patch(
        "/api/settings",
        summary="Change settings: the channel at once, the rest from the next picture on",
        openapi_extra=_body_of("application/json", LiveSettings.model_json_schema()),
    )
    def change(changes: dict[str, Any]) -> dict[str, Any]:
        _plain(session.change, changes)
        return session.told_settings()

    @app.put("/api/recording", summary="Begin or end a SigMF recording of what the receiver hears")
    def record(wanted: Switch) -> dict[str, Any]:
        return _plain(session.record, wanted.on)

    @app.put("/api/camera", summary="Switch the camera of this computer on or off")
    def camera(wanted: Switch) -> dict[str, Any]:
        if session.camera is None:
            raise HTTPException(422, "no camera of this computer was given: semcom live --camera /dev/video0")
        return session.camera.switch(wanted.on)

    @app.post("/api/demo", status_code=201, summary="Send the photo that comes with the program")
    def demo() -> dict[str, Any]:
        return _plain(lambda: session.submit("demo photo", load_picture(demo_photo()))).as_dict()

    @app.websocket("/api/events")
    async def events(socket: WebSocket) -> None:
        try:
            viewer = session.hub.join()
        except TooManyViewersError as error:
            await socket.close(1013, str(error))
            return
        try:
            await socket.accept()
            await _serve(socket, viewer)
        finally:
            session.hub.leave(viewer)

    return guard


async def _serve(socket: WebSocket, viewer: Viewer) -> None:
    """Events out until the viewer goes; what it says is not needed, and little of it is borne."""

    async def tell() -> None:
        async for event in viewer.events():
            await socket.send_json(event)

    async def hear() -> None:
        for _ in range(_MOST_JUNK):
            await socket.receive()
        await socket.close(1008, "this page listens only")

    tasks = [asyncio.create_task(tell()), asyncio.create_task(hear())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                task.result()
    finally:
        for task in tasks:
            task.cancel()


def _plain(action: Any, *arguments: Any) -> Any:
    """Do it; what a viewer did wrong becomes a status and a sentence."""
    try:
        return action(*arguments)
    except BusyError as error:
        raise HTTPException(429, str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise HTTPException(422, f"{field} {first['msg'][:200]}, got {str(first.get('input'))[:60]!r}") from None
    except SemanticError as error:
        raise HTTPException(422, str(error)[:500]) from None


def _body_of(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """What the API's document says of a body that is read here, not by FastAPI."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def _asset(contents: bytes, media_type: str) -> Any:
    def asset() -> Response:
        return Response(contents, media_type=media_type, headers={"cache-control": "no-cache"})

    return asset
