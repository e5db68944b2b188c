"""Layers of meaning in, pictures out, better with each layer that comes."""

from __future__ import annotations

import io
from collections import OrderedDict
from pathlib import Path
from typing import Any

from PIL import Image

from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import key_numbers, read_pdu
from semcom.semantic import LayerKey, LayerKind, Reconstruction, SemanticPacket, decode

MAX_PICTURES = 64


class semantic_decoder(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Rebuilds pictures from their layers.

    A picture is rebuilt when its last layer comes (``picture_complete``), and at the end of the transmission from
    whatever came.

    Parameters
    ----------
    folder : str
        Where each picture gets a folder with packet.sem, caption.txt, drawing.png and reconstruction.png. Empty:
        nothing is written.
    every_layer : bool
        Rebuild after each layer, to watch the picture build up.

    Ports
    -----
    layers : in
        PDUs: payload of a layer; metadata stream, group, picture, layer; may have picture_complete, damaged.
    reconstructions : out
        PDUs: RGB bytes, row by row from the top; metadata width, height, caption, stream, group, picture, num_layers,
        complete.
    """

    def __init__(self, folder: str = "", every_layer: bool = False):
        MessageBlock.__init__(self, "semcom semantic decoder", "layers", ("reconstructions",))
        self.folder = Path(folder) if folder else None
        self.every_layer = every_layer
        self._payloads: OrderedDict[tuple[int, int, int], dict[LayerKey, bytes]] = OrderedDict()
        self._unfinished: set[tuple[int, int, int]] = set()

    def handle(self, message: Any) -> None:
        meta, payload = read_pdu(message)
        key = LayerKey(*key_numbers(meta))
        identity = key.stream, key.group, key.picture
        self._payloads.setdefault(identity, {})[key] = payload
        self._unfinished.add(identity)
        while len(self._payloads) > MAX_PICTURES:
            oldest = next(iter(self._payloads))
            self._rebuild(oldest)
            del self._payloads[oldest]
        complete = bool(meta.get("picture_complete", False))
        if complete or self.every_layer:
            self._rebuild(identity, complete)

    def finish(self) -> None:
        for identity in sorted(self._unfinished):
            self.guarded(self._rebuild, identity)

    def _rebuild(self, identity: tuple[int, int, int], complete: bool = False) -> None:
        if identity not in self._unfinished or identity[2] == 0:
            return
        if complete:
            self._unfinished.discard(identity)
        stream, group, _ = identity
        payloads = {**self._payloads.get((stream, group, 0), {}), **self._payloads[identity]}
        packet = SemanticPacket.from_payloads(payloads)
        caption = packet.content(LayerKind.CAPTION)
        text = caption.text if caption is not None else ""
        folder = self.folder / "-".join(map(str, identity)) if self.folder is not None else None
        if folder is not None:
            write_packet(folder, packet, text)
        result = decode(packet, "drawing")
        if folder is not None:
            write_pictures(folder, result)
        self.counts["pictures"] += complete or not self.every_layer
        meta = {"stream": stream, "group": group, "picture": identity[2], "num_layers": len(payloads)}
        meta |= {"caption": text, "complete": complete}
        if result.picture is None:
            self.publish("reconstructions", meta)
        else:
            height, width = result.picture.shape[:2]
            self.publish("reconstructions", {**meta, "width": width, "height": height}, result.picture)


def write_packet(folder: Path, packet: SemanticPacket, caption: str) -> None:
    """The layers that arrived, as one packet, and what can be read without drawing. Files are whole or not there."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "packet.sem", packet.to_bytes())
    _write(folder / "caption.txt", f"{caption}\n".encode())


def write_pictures(folder: Path, result: Reconstruction) -> None:
    """The drawing and the best picture, as PNG; neither where no layer tells the picture's size."""
    for name, picture in (("drawing.png", result.drawing), ("reconstruction.png", result.picture)):
        if picture is None:
            continue
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, format="PNG")
        _write(folder / name, buffer.getvalue())


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(data)
    partial.replace(path)
