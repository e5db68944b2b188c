"""Every public writer beside its reader: what it is given, how it is read back. A pair more is one line in `PAIRS`.

A generator makes contents at and just beyond the limits. A writer may refuse them with the error it is known for;
what it accepts its reader must give back equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from semcom.experiments.robustness.random_frames import (
    _read_varint,
    batch,
    feedback,
    frame,
    item_set,
    message,
    read_set,
    received_items,
    refinement_frame,
    sent_items,
    set_frame,
    signal_field,
    write_set,
)
from semcom.experiments.robustness.random_meaning import (
    LAYERS,
    encode_request,
    label_map,
    packet,
    read_packet,
    read_payloads,
    refinement_request,
)
from semcom.experiments.robustness.random_values import Rng, near, within, words
from semcom.link import Feedback, RefinementFrame
from semcom.link.errors import LinkError
from semcom.link.messages import Message, join_batches, split_batch
from semcom.link.parity.set_frame import SetFrame, read_frame
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.errors import PhyError
from semcom.semantic import SemanticPacket
from semcom.semantic.coding.binary_map import decode_binary_map, encode_binary_map
from semcom.semantic.coding.label_map import decode_label_map, encode_label_map
from semcom.semantic.coding.text import decode_text, encode_text
from semcom.semantic.errors import SemanticError
from semcom.semantic.layers import (
    Layer,
    LayerKey,
    LayerKind,
    decode_layer,
    encode_layer,
)
from semcom.semantic.layers.objects import quantise
from semcom.semantic.refinement import RefinementRequest
from semcom.semantic.request import EncodeRequest
from semcom.semantic.wire import ByteWriter


@dataclass(frozen=True)
class Pair:
    """A writer and its reader.

    Attributes
    ----------
    make : callable
        Random generator → content; what even its class refuses raises one of `errors`.
    write, read : callable
        Content → written; written and content (for what both ends know) → content again.
    errors : type or tuple of types
        What making and writing may raise; reading may raise nothing.
    expected : callable
        The content as it is to come back: for writers that are known to round.
    """

    make: Callable[[Rng], Any]
    write: Callable[[Any], Any]
    read: Callable[[Any, Any], Any]
    errors: Any
    expected: Callable[[Any], Any] = lambda content: content


def layer_of(kind: LayerKind) -> Pair:
    """Content of a kind ⇄ payload."""
    key = LayerKey(0, 0, 1, 1)
    return Pair(
        LAYERS[kind],
        lambda content: encode_layer(key, kind, content).payload,
        lambda data, _: decode_layer(key, data).content,
        SemanticError,
        quantise if kind == LayerKind.OBJECTS else lambda content: content,
    )


PAIRS: dict[str, Pair] = {
    "varint": Pair(
        lambda rng: near(rng, 0, (1 << int(rng.integers(1, 30))) - 1),
        lambda value: ByteWriter().varint(value).to_bytes(),
        _read_varint,
        SemanticError,
    ),
    "text": Pair(lambda rng: words(rng, 4096), encode_text, lambda data, _: decode_text(data), SemanticError),
    "label map": Pair(
        lambda rng: label_map(rng, *(int(n) for n in rng.integers(1, 60, 2)), within(rng, 1, 255)),
        lambda labels: encode_label_map(labels, 255),
        lambda data, labels: decode_label_map(data, *labels.shape, 255),
        SemanticError,
    ),
    "binary map": Pair(
        lambda rng: rng.random(rng.integers(1, 90, 2)) < rng.choice([0.0, 0.02, 0.5, 1.0]),
        encode_binary_map,
        lambda data, mask: decode_binary_map(data, *mask.shape),
        SemanticError,
    ),
    **{f"layer {kind.label}": layer_of(kind) for kind in LAYERS},
    "packet": Pair(packet, SemanticPacket.to_bytes, read_packet, SemanticError),
    "payloads": Pair(
        packet,
        lambda made: made.to_bytes() and {layer.key: layer.payload for layer in made.layers},
        read_payloads,
        SemanticError,
    ),
    "refinement request": Pair(
        refinement_request,
        RefinementRequest.to_bytes,
        lambda data, _: RefinementRequest.from_bytes(data),
        SemanticError,
    ),
    "encode request": Pair(
        encode_request, EncodeRequest.to_json, lambda text, _: EncodeRequest.from_json(text), SemanticError
    ),
    "frame": Pair(
        frame,
        lambda made: made[0].to_bytes(made[1]),
        lambda data, _: read_frame(data),
        LinkError,
        lambda made: made[0],
    ),
    "set frame": Pair(set_frame, SetFrame.to_bytes, lambda data, _: read_frame(data), LinkError),
    "item set": Pair(item_set, write_set, read_set, LinkError, lambda made: made[:2]),
    "sender": Pair(
        sent_items, lambda made: made[1].frames(made[0]), received_items, LinkError, lambda made: {*made[0]}
    ),
    "feedback": Pair(feedback, Feedback.to_bytes, lambda data, _: Feedback.from_bytes(data), LinkError),
    "refinement frame": Pair(
        refinement_frame, RefinementFrame.to_bytes, lambda data, _: RefinementFrame.from_bytes(data), LinkError
    ),
    "message": Pair(message, Message.to_bytes, lambda data, _: Message.from_bytes(data), LinkError),
    "batch": Pair(
        batch,
        lambda made: list(join_batches(made)),
        lambda batches, _: [one for _, data in batches for one in split_batch(data)],
        LinkError,
    ),
    "signal field": Pair(signal_field, SignalField.to_bits, lambda bits, _: SignalField.from_bits(bits), PhyError),
}
"""Every public writer of bytes with its reader, by name."""


def same(written: Any, read: Any) -> bool:
    """Whether content came back equal: arrays by type, shape and values, floats bit for bit."""
    if isinstance(written, np.ndarray):
        return isinstance(read, np.ndarray) and written.dtype == read.dtype and np.array_equal(written, read)
    if isinstance(written, Layer):
        return written == read and same(written.content, read.content)
    if hasattr(written, "__dataclass_fields__") and type(written) is type(read) and written.__eq__ is not None:
        names = [name for name, entry in written.__dataclass_fields__.items() if entry.compare or name == "content"]
        return all(same(getattr(written, name), getattr(read, name)) for name in names)
    if isinstance(written, list | tuple) and type(written) is type(read):
        return len(written) == len(read) and all(same(a, b) for a, b in zip(written, read, strict=True))
    return type(written) is type(read) and written == read


def trouble(pair: Pair, rng: Rng) -> tuple[str, bool]:
    """What is wrong with one content (empty: nothing), and whether it was written."""
    import traceback

    try:
        content = pair.make(rng)
        written = pair.write(content)
    except pair.errors:
        return "", False
    except Exception:
        return f"the writer: {traceback.format_exc(limit=-2)}", False
    try:
        read = pair.read(written, content)
    except Exception:
        return f"the reader refuses what was written: {traceback.format_exc(limit=-2)}", True
    if not same(pair.expected(content), read):
        return f"written {str(pair.expected(content))[:300]}, read {str(read)[:300]}", True
    return "", True
