"""The page's own files: few, small, all local."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def assets() -> dict[str, tuple[bytes, str]]:
    """Contents and media type by path of the address; ``/`` is the page."""
    found = {}
    for file in sorted(STATIC.iterdir()):
        if file.suffix in MEDIA_TYPES:
            path = "/" if file.name == "index.html" else f"/{file.name}"
            found[path] = file.read_bytes(), f"{MEDIA_TYPES[file.suffix]}; charset=utf-8"
    return found
