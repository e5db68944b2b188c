"""Layers of meaning, one file a kind.

In: content (`Caption`, `Objects`, `ClassMap`, `DetailMap`, `SubImage`, `Picture`, `Header` ...) with a key.
Out: `Layer`, whose `payload` bytes mean something alone; and back.

The first byte of every payload is the format version (high four bits) and the kind (low four bits).
"""

from __future__ import annotations

from typing import Any

from semcom.semantic import registry
from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.layers.caption import Caption
from semcom.semantic.layers.class_map import ClassMap
from semcom.semantic.layers.detail_map import DetailMap
from semcom.semantic.layers.header import Header, LayerEntry
from semcom.semantic.layers.kind import LayerType
from semcom.semantic.layers.layer import GROUP_SCOPE, MAX_IMPORTANCE, Layer, LayerKey, LayerKind
from semcom.semantic.layers.objects import Objects, SceneObject
from semcom.semantic.layers.picture import Picture
from semcom.semantic.layers.plain_text import PlainText
from semcom.semantic.layers.sub_image import NAMELESS, WHOLE_SCENE, SubImage
from semcom.semantic.layers.submission import Submission
from semcom.semantic.wire import ByteReader, PixelBudget

FORMAT_VERSION = 1
MAX_PAYLOAD_BYTES = 1 << 20


def encode_layer(
    key: LayerKey,
    kind: LayerKind,
    content: Any,
    importance: int | None = None,
    requires: tuple[LayerKey, ...] = (),
) -> Layer:
    """Code content as a layer.

    Raises
    ------
    LayerError
        A kind that is not known here, importance out of range, content that its kind cannot carry, or a payload above
        `MAX_PAYLOAD_BYTES`: what `decode_layer` would refuse is not written.
    """
    kind = LayerKind(kind)
    coder = kind.type
    if coder is None:
        raise LayerError(
            f"kind of layer must be one of {', '.join(known.label for known in LayerKind)}, got {kind.label}"
        )
    importance = coder.importance if importance is None else importance
    if not 0 <= importance <= MAX_IMPORTANCE:
        raise LayerError(f"importance must be in 0..{MAX_IMPORTANCE}, got {importance}")
    payload = bytes([FORMAT_VERSION << 4 | kind]) + coder.encode(content)
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise LayerError(f"layer {kind.label} must have at most {MAX_PAYLOAD_BYTES} bytes, got {len(payload)}")
    return Layer(key, kind, importance, content, payload, requires)


def decode_layer(
    key: LayerKey,
    payload: bytes,
    importance: int | None = None,
    requires: tuple[LayerKey, ...] = (),
    soft: bool = False,
    pixels: PixelBudget | None = None,
) -> Layer:
    """A layer from its bytes.

    A kind this version does not know gives a layer without content (`content is None`), to be reported. `pixels` is
    what the layers of one packet may still decode together.

    Raises
    ------
    PacketError
        The bytes break the format; the message names field, rule and value.
    """
    reader = ByteReader(payload, f"layer {key}", pixels)
    reader.bounded(len(payload), "length", 1, MAX_PAYLOAD_BYTES)
    first = reader.u8("version and kind")
    reader.bounded(first >> 4, "format version", FORMAT_VERSION, FORMAT_VERSION)
    kind = LayerKind(first & 15)
    coder = kind.type
    content = _content(coder, reader, key) if coder else None
    if importance is None:
        importance = coder.importance if coder else 0
    return Layer(key, kind, importance, content, bytes(payload), requires, soft)


def _content(coder: LayerType, reader: ByteReader, key: LayerKey) -> Any:
    """The content; whatever another package's kind does with hostile bytes, it is one layer that cannot be read."""
    try:
        return coder.decode(reader)
    except PacketError:
        raise
    except Exception as error:
        if coder.label in registry.own_names("layers"):
            raise
        raise PacketError(f"layer {key}: kind {coder.label} failed with {type(error).__name__}: {error}") from error


__all__ = [
    "FORMAT_VERSION", "GROUP_SCOPE", "MAX_IMPORTANCE", "MAX_PAYLOAD_BYTES", "NAMELESS",
    "WHOLE_SCENE", "Caption", "ClassMap", "DetailMap", "Header", "Layer", "LayerEntry", "LayerKey", "LayerKind",
    "Objects", "PacketError", "Picture", "PlainText", "SceneObject", "SubImage", "Submission", "decode_layer",
    "encode_layer",
]  # fmt: skip
