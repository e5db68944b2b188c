"""One trial of a set of pictures, coded together: bytes of capacity in, means over the pictures out.

A channel of ideal capacity: a picture has CBR · 3 · width · height · log2(1 + SNR) / 8 bytes, headers and its share of
what the set has in common included (equations 11 and 12 of Zheng et al.).
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from semcom.apps.sweeps.measures import quality
from semcom.apps.sweeps.rows import SEQUENCE, Row
from semcom.phy.channel.ideal import bits_in, channel_uses
from semcom.semantic import EncodeRequest, SemanticPacket, decode, encode_set, load_picture
from semcom.semantic.errors import RequestError

AV1_SPEED = 6


def measured_set(row: Row, request: EncodeRequest) -> tuple[dict[str, float | int | str], np.ndarray]:
    """Values by column, and the first picture as it is shown.

    Raises
    ------
    SemanticError
        A picture that cannot be read, bytes in which the system cannot code it, a system of analog symbols.
    """
    images = [load_picture(Path(path)) for path in row.pictures]
    values = sum(image.size for image in images)
    budget = row.budget_bytes
    if budget is None:
        budget = max(bits_in(round(row.cbr * values / len(images)), row.snr_db) // 8, 1)
    layers: dict[str, int] = {}
    if request.system == SEQUENCE:
        num_bytes, shown = av1_sequence(images, budget * len(images))
    else:
        packets = encode_set(images, request.with_budget(budget))
        if any(layer.analog for packet in packets for layer in packet.layers):
            raise RequestError(f"systems of sets must send no analog symbols, got {request.system}")
        num_bytes, shown = sum(len(packet.to_bytes()) for packet in packets), rebuilt(packets)
        layers = bytes_by_layer(packets)
    uses = channel_uses(8 * num_bytes, row.snr_db)
    found = [quality(row.metrics, image, picture) for image, picture in zip(images, shown, strict=True)]
    means = {name: float(np.mean([each[name] for each in found])) for name in found[0]}
    told = {"bytes": num_bytes, "channel_uses": uses, "cbr": uses / values, "layers": json.dumps(layers)}
    return {**told, **means}, shown[0]


def bytes_by_layer(packets: Iterable[SemanticPacket]) -> dict[str, int]:
    """Payload bytes by label of the layer."""
    found: Counter[str] = Counter()
    for packet in packets:
        for layer in packet.layers:
            found[layer.label] += len(layer.payload)
    return dict(found)


def rebuilt(packets: Sequence[SemanticPacket]) -> list[np.ndarray]:
    """Pictures of a set as a receiver shows them that keeps the layers of their group."""
    shared = {layer.key: layer for packet in packets for layer in packet.layers if layer.key.picture == 0}
    whole = [replace(packet, layers=(*packet.layers, *(shared[k] for k in packet.missing()))) for packet in packets]
    return [decode(SemanticPacket.from_bytes(packet.to_bytes())).picture for packet in whole]


def av1_sequence(images: Sequence[np.ndarray], max_bytes: int) -> tuple[int, list[np.ndarray]]:
    """The whole file of the best quality that fits, in bytes, and its pictures, through Pillow; one file a size.

    Raises
    ------
    RequestError
        None fits.
    """
    shown: list[np.ndarray | None] = [None] * len(images)
    num_bytes = 0
    for size in dict.fromkeys(image.shape for image in images):
        numbers = [number for number, image in enumerate(images) if image.shape == size]
        frames = [Image.fromarray(images[number]) for number in numbers]
        low, high, best = -1, 101, b""
        while high - low > 1:
            file, tried = io.BytesIO(), (low + high) // 2
            frames[0].save(file, "AVIF", save_all=True, append_images=frames[1:], quality=tried, speed=AV1_SPEED)
            if file.tell() <= max_bytes * len(numbers) / len(images):
                low, best = tried, file.getvalue()
            else:
                high = tried
        if not best:
            raise RequestError(f"an AV1 sequence of {len(numbers)} pictures must fit {max_bytes} bytes, got none")
        num_bytes += len(best)
        with Image.open(io.BytesIO(best)) as sequence:
            for number, frame in zip(numbers, ImageSequence.Iterator(sequence), strict=True):
                shown[number] = np.asarray(frame.convert("RGB"))
    return num_bytes, shown
