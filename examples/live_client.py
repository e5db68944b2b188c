"""A program beside the live page: sends a photo over its API and prints what the receiver makes of it while it comes.

Run: ``semcom live`` in one terminal, ``python examples/live_client.py photo.jpg --out received.webp`` in another.
"""

from __future__ import annotations

import argparse
import json
import urllib.parse
import urllib.request
from pathlib import Path

from websockets.sync.client import connect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photo", type=Path)
    parser.add_argument("--page", default="http://127.0.0.1:8765", help="address that semcom live has printed")
    parser.add_argument("--out", type=Path, default=Path("received.webp"))
    parser.add_argument("--timeout-s", type=float, default=120.0)
    options = parser.parse_args()

    # A WebSocket needs the page's own address as its origin: no other page in a browser may listen.
    events = options.page.replace("http", "ws", 1) + "/api/events"
    with connect(events, origin=options.page, open_timeout=options.timeout_s) as told:
        name = urllib.parse.quote(options.photo.name)
        sent = call(f"{options.page}/api/pictures?name={name}", options.photo.read_bytes())
        picture = {}
        while not picture.get("complete") and picture.get("stage") != "failed":
            event = json.loads(told.recv(timeout=options.timeout_s))
            if event["type"] == "words" and event["number"] == sent["number"]:
                print(f"words: {event['caption']}")
            elif event["type"] == "burst":
                print(f"burst: {event['mcs']}, {event['blocks_ok']} of {event['blocks']} frames, {event['snr_db']} dB")
            elif event["type"] == "picture" and event["picture"]["number"] == sent["number"]:
                picture = event["picture"]
    if picture.get("stage") == "failed":
        raise SystemExit(picture["error"])
    for word in picture["backing_received"]:
        print(f"{word['word']}: {word['by']}")
    view = urllib.request.urlopen(f"{options.page}/api/pictures/{sent['number']}/views/received")
    options.out.write_bytes(view.read())
    print(f"{picture['packet_bytes']} bytes on the air, shown in {options.out}")


def call(address: str, data: bytes) -> dict:
    """What the page answers, read as JSON."""
    with urllib.request.urlopen(address, data=data) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
