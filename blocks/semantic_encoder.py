"""Pictures in, layers of meaning out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pmt

from semcom.blocks.errors import PduError
from semcom.blocks.message_block import MessageBlock, log
from semcom.blocks.pdu import END, number, read_pdu
from semcom.semantic import EncodeRequest, check_request, encode, load_picture
from semcom.semantic.picture_file.picture_paths import picture_paths

MAX_SIDE = 20_000


class semantic_encoder(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Turns pictures into semantic packets and sends their layers, one PDU each.

    Parameters
    ----------
    system : str
        Semantic system, ``es-isc``.
    stream, group : int
        Who sends, and the set of pictures; pictures are counted from 1.
    budget_bytes : int
        Bytes aimed at for a packet; 0 leaves it to the system.
    picture_files : str
        Files, folders and patterns, between semicolons or on lines of their own (`picture_paths`), to send as soon as
        the flowgraph starts; the transmission ends after them. What is not there is logged at the start. Empty: wait
        for messages.
    profile : str
        What bytes are for, of a system that knows profiles; empty leaves it to the system.
    without : str
        Categories or groups that must not be sent, between commas; empty withholds nothing.
    parts : str
        Who does which step, ``segmenter=NAME`` or ``segmenter=NAME,key=value``, between semicolons; empty leaves it to
        the system.
    text : str
        ``coded``: whole or not at all; ``soft``: it comes with some characters wrong, and the decoder repairs it.
    cut_out : str
        Of Multi-SC, how the pixels of the main object go: ``coded``, or ``analog``, with noise, as symbols.

    Raises
    ------
    SemanticError
        The system, profile or a category is not known, or the system cannot honour what is asked for.

    Ports
    -----
    pictures : in
        PDUs: RGB bytes, row by row from the top; metadata width, height. Or a symbol: the path of a picture file.
    layers : out
        PDUs: payload of a layer; metadata stream, group, picture, layer, importance, num_layers, requires,
        exact_bytes (of what may come damaged), analog, name.
    """

    def __init__(
        self,
        system: str = "es-isc",
        stream: int = 0,
        group: int = 0,
        budget_bytes: int = 0,
        picture_files: str = "",
        profile: str = "",
        without: str = "",
        parts: str = "",
        text: str = "coded",
        cut_out: str = "coded",
    ):
        MessageBlock.__init__(self, "semcom semantic encoder", "pictures", ("layers",))
        if cut_out != "coded":
            system = f"{system},pixels={cut_out}"
        self.request = EncodeRequest.from_options(
            system, budget_bytes, profile, without, [part for part in parts.split(";") if part.strip()], text
        )
        check_request(self.request)
        self.stream, self.group = stream, group
        self._picture_files = picture_files

    def start(self) -> bool:
        MessageBlock.start(self)
        if self._picture_files.strip():
            paths, problems = picture_paths(self._picture_files)
            for problem in problems:
                self.counts["refused"] += 1
                log.error("%s: %s", self.name(), problem)
            for path in paths:
                self.gateway._post(pmt.intern("pictures"), pmt.intern(str(path)))
            self.gateway._post(pmt.intern("pictures"), END)
        return True

    def handle(self, message: Any) -> None:
        image = load_picture(Path(pmt.symbol_to_string(message))) if pmt.is_symbol(message) else read_image(message)
        picture = self.counts["pictures"] + 1
        packet = encode(image, request=self.request, stream=self.stream, group=self.group, picture=picture)
        self.counts["pictures"] += 1
        sizes: dict[tuple[int, ...], int] = {}
        for layer in packet.layers:
            sizes[tuple(layer.key[:3])] = sizes.get(tuple(layer.key[:3]), 0) + 1
        for layer in packet.layers:
            meta = {**layer.key._asdict(), "importance": layer.importance, "num_layers": sizes[tuple(layer.key[:3])]}
            meta |= {"exact_bytes": layer.exact_bytes, "analog": layer.analog, "name": layer.name}
            if layer.requires:
                meta["requires"] = [entry for key in layer.requires for entry in key]
            self.publish("layers", meta, layer.payload)


def read_image(message: Any) -> np.ndarray:
    """uint8 [height, width, 3] of a PDU with RGB bytes.

    Raises
    ------
    PduError
        Width, height and length do not agree.
    """
    meta, data = read_pdu(message)
    width, height = number(meta, "width"), number(meta, "height")
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise PduError(f"width and height of a picture must be 1 to {MAX_SIDE}, got {width} x {height}")
    if len(data) != width * height * 3:
        raise PduError(f"data of a picture must be width·height·3 = {width * height * 3} bytes, got {len(data)}")
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)
