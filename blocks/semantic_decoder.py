"""Layers of meaning in, pictures out, better with each layer that comes."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from semcom.blocks.message_block import MessageBlock, log
from semcom.blocks.pdu import key_numbers, llr_bytes, read_pdu, required_keys
from semcom.link import Item, Key, Picture, PictureAssembler, Scope
from semcom.semantic import Reconstruction, SemanticPacket, decode
from semcom.semantic.plain_texts import caption_of
from semcom.semantic.repair import repair
from semcom.semantic.requirements import requirements_of

MAX_PICTURES = 64


class semantic_decoder(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Rebuilds pictures from their layers.

    A picture is rebuilt when it is complete: its own layers have come (``picture_complete``), and those of its group
    (picture 0) that they require; again when more of it comes; and at the end of the transmission from whatever came.
    A layer of a group is kept for all its pictures and is none itself.

    Parameters
    ----------
    folder : str
        Where each picture gets a folder with packet.sem, caption.txt, drawing.png and reconstruction.png. Empty:
        nothing is written. One that cannot be written to is logged at the start; pictures then leave all the same.
    every_layer : bool
        Rebuild after each layer, to watch the picture build up.

    Ports
    -----
    layers : in
        PDUs: payload of a layer; metadata stream, group, picture, layer; may have picture_complete, damaged, llr (of
        text that came as soft values: it is repaired), requires (four numbers for each layer required).
    reconstructions : out
        PDUs: RGB bytes, row by row from the top; metadata width, height, caption, stream, group, picture, num_layers,
        complete, missing and damaged: names of layers that others require and that have not come, and of those that
        came with wrong bytes.
    """

    def __init__(self, folder: str = "", every_layer: bool = False):
        MessageBlock.__init__(self, "semcom semantic decoder", "layers", ("reconstructions",))
        self.folder = Path(folder) if folder else None
        self._writes_to = self.folder
        self.every_layer = every_layer
        self._assembler = PictureAssembler(requirements_of, MAX_PICTURES, on_evicted=self._evicted)
        self._unfinished: set[Scope] = set()

    def start(self) -> bool:
        """Whether the folder can be written to is said now, not after the first picture."""
        self._writes_to = writable(self.folder, self.name()) if self.folder is not None else None
        return MessageBlock.start(self)

    def handle(self, message: Any) -> None:
        meta, payload = read_pdu(message)
        damaged, whole = (bool(meta.get(name, False)) for name in ("damaged", "picture_complete"))
        marks = {"damaged": damaged, "llr": llr_bytes(meta)}
        item = Item(Key(*key_numbers(meta)), 0, payload, required_keys(meta), **marks)
        for scope in self._assembler.take(item, whole=whole):
            self._unfinished.add(scope)
            if self.every_layer or self._assembler.is_complete(scope):
                self._rebuild(self._assembler.picture(scope))

    def finish(self) -> None:
        for scope in sorted(self._unfinished):
            self.guarded(self._rebuild, self._assembler.picture(scope))

    def _evicted(self, picture: Picture) -> None:
        self.counts["evicted_pictures"] += 1
        if picture.scope in self._unfinished:
            self._unfinished.discard(picture.scope)
            self.guarded(self._rebuild, picture)

    def _rebuild(self, picture: Picture) -> None:
        if picture.complete:
            self._unfinished.discard(picture.scope)
        packet = repair(SemanticPacket.from_payloads(picture.payloads), picture.damaged)
        caption = caption_of(packet)
        text = caption.text if caption is not None else ""
        folder = self._writes_to / "-".join(map(str, picture.scope)) if self._writes_to is not None else None
        if folder is not None:
            write_packet(folder, packet, text)
        result = decode(packet, "drawing")
        if folder is not None:
            write_pictures(folder, result)
        self.counts["pictures"] += picture.complete or not self.every_layer
        meta = {**picture.scope._asdict(), "num_layers": len(picture.payloads), "caption": text}
        meta |= {"complete": picture.complete, "missing": " ".join(map(str, picture.missing.required))}
        meta["damaged"] = " ".join(map(str, sorted(picture.damaged)))
        if result.picture is None:
            self.publish("reconstructions", meta)
        else:
            height, width = result.picture.shape[:2]
            self.publish("reconstructions", {**meta, "width": width, "height": height}, result.picture)


def writable(folder: Path, who: str) -> Path | None:
    """The folder; None, and a sentence in the log, where nothing can be written to it.

    It is made with the first picture: until then a file is tried in the nearest folder above it that there is.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return folder
    except OSError as error:
        log.error("%s: folder %s: must be writable: %s; pictures are not kept", who, folder, error.strerror or error)
        return None


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
