"""Every public writer beside its reader: what it is given, how it is read back. A pair more is one line in `PAIRS`.

A generator makes contents at and just beyond the limits. A writer may refuse them with the error it is known for;
what it accepts its reader must give back equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from semcom.link import Feedback, FrameName, Item, Key, RefinementFrame, Scope, Sender
from semcom.link.arq.feedback import Part
from semcom.link.errors import LinkError
from semcom.link.frame import MAX_FRAME_BYTES, Frame
from semcom.link.item import checked_key
from semcom.link.message_fields import Appended, Blob, Flag, Names, Number, Outcomes, Real, Text
from semcom.link.messages import BODIES, Kind, Message, join_batches, split_batch
from semcom.link.parity.item_set import join, num_source_symbols, read_items, symbols, to_bytes
from semcom.link.parity.set_frame import SetFrame, SetKey, read_frame
from semcom.link.receiver import Receiver
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.errors import PhyError
from semcom.phy.mcs import MCS_BY_NUMBER
from semcom.semantic import SemanticPacket
from semcom.semantic.coding.binary_map import decode_binary_map, encode_binary_map
from semcom.semantic.coding.label_map import decode_label_map, encode_label_map
from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.coding.text import decode_text, encode_text
from semcom.semantic.errors import SemanticError
from semcom.semantic.layers import (
    WHOLE_SCENE,
    Caption,
    ClassMap,
    DetailMap,
    Header,
    Layer,
    LayerEntry,
    LayerKey,
    LayerKind,
    Objects,
    SceneObject,
    SubImage,
    decode_layer,
    encode_layer,
)
from semcom.semantic.layers.caption import word_spans
from semcom.semantic.layers.objects import quantise
from semcom.semantic.refinement import RefinementRequest, Subject
from semcom.semantic.request import EncodeRequest, PartChoice
from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.wire import ByteReader, ByteWriter

Rng = np.random.Generator


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


# Numbers, bytes and words


def near(rng: Rng, low: int, high: int) -> int:
    """A number that tests a range: its ends, just beyond them, or somewhere between."""
    return int(rng.choice([low - 1, low, low + 1, high - 1, high, high + 1, *rng.integers(low, high + 1, 6)]))


def within(rng: Rng, low: int, high: int) -> int:
    """The same, never beyond."""
    return min(max(near(rng, low, high), low), high)


def some_bytes(rng: Rng, most: int) -> bytes:
    """Mostly short; now and then as long as may be, or a byte longer."""
    length = near(rng, 0, most) if rng.random() < 0.1 else int(rng.integers(0, min(most, 80) + 1))
    return rng.bytes(max(0, length))


_ALPHABETS = ("ab c", "aé漢🙂 .", " 'd-x’", "\0\x02\x1b\n a", "\ud800a", " \u200b\u202e", "A red boat on a lake. ")


def words(rng: Rng, most: int) -> str:
    letters = list(_ALPHABETS[rng.integers(len(_ALPHABETS))])
    length = near(rng, 0, most) if rng.random() < 0.02 else int(rng.integers(0, min(most, 60) + 1))
    return "".join(rng.choice(letters, max(0, length)))


def picture_size(rng: Rng) -> tuple[int, int]:
    """Width and height of a picture: small, ordinary, or at a limit."""
    sizes = [(near(rng, 16, 16384), near(rng, 16, 64)), (near(rng, 16, 64), near(rng, 16, 16384)), (8000, 8000)]
    usual = [tuple(int(side) for side in rng.integers(16, 300, 2)) for _ in range(6)]
    pick = [*sizes, *usual]
    return pick[rng.integers(len(pick))]


# Layers of meaning

VOCABULARY = Vocabulary.load("everyday-1")


def label_map(rng: Rng, rows: int, columns: int, num_labels: int) -> np.ndarray:
    """A map of one label, of stripes, or of noise."""
    kind = rng.integers(3)
    if kind == 0:
        return np.full((rows, columns), rng.choice([0, num_labels - 1, 255]), np.uint8)
    labels = rng.integers(0, num_labels, (rows, columns) if kind == 1 else (rows, 1)).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(labels, (rows, columns)))


def _map_shape(rng: Rng, width: int, height: int) -> tuple[int, tuple[int, int]]:
    """A divisor, and the shape that goes with it or one beside it; never so large that it takes long."""
    least = max(1, int(np.ceil(np.sqrt(width * height / 60_000))))
    divisor = max(least, near(rng, 1, 64)) if rng.random() < 0.9 else near(rng, 0, 2)
    divisor = divisor if width * height <= 60_000 or divisor >= least else least
    rows, columns = (-(-side // max(divisor, 1)) for side in (height, width))
    return divisor, (max(1, rows + int(rng.random() < 0.05)), max(1, columns))


def class_map(rng: Rng) -> ClassMap:
    width, height = picture_size(rng)
    divisor, (rows, columns) = _map_shape(rng, width, height)
    most = len(VOCABULARY.categories) + int(rng.random() < 0.1)
    return ClassMap(width, height, VOCABULARY, divisor, label_map(rng, rows, columns, most))


def detail_map(rng: Rng) -> DetailMap:
    width, height = picture_size(rng)
    divisor, (rows, columns) = _map_shape(rng, width, height)
    return DetailMap(width, height, divisor, rng.random((rows, columns)) < rng.choice([0.0, 0.1, 0.5, 1.0]))


def caption(rng: Rng) -> Caption:
    """A text, and entities that cover some of its words, or do not."""
    text = words(rng, 4096)
    spans = word_spans(text)
    entities, at = [], 0
    while at < len(spans) and len(entities) < 40:
        last = min(at + int(rng.integers(0, 6)), len(spans) - 1)
        if rng.random() < 0.6:
            entities.append((spans[at][0], spans[last][1] + int(rng.random() < 0.03)))
        at = last + 1
    return Caption(text, tuple(entities))


def box(rng: Rng, width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0 = near(rng, 0, width - 1), near(rng, 0, height - 1)
    return x0, y0, near(rng, min(x0 + 1, width), width), near(rng, min(y0 + 1, height), height)


def objects(rng: Rng) -> Objects:
    width, height = picture_size(rng)
    count = int(rng.choice([0, 1, 2, 5, 64, 65]))
    most = len(VOCABULARY.categories) - 1
    items = tuple(
        SceneObject(number, within(rng, 0, most), box(rng, width, height), float(rng.random()))
        for number in range(1, count + 1)
    )
    if rng.random() < 0.7:  # all of them legal, so that many are read back
        items = tuple(
            replace(item, box=(x0, y0, min(max(x1, x0 + 1), width), min(max(y1, y0 + 1), height)))
            for item in items
            for x0, y0 in [(max(0, min(item.box[0], width - 1)), max(0, min(item.box[1], height - 1)))]
            for x1, y1 in [item.box[2:]]
        )
    return Objects(width, height, VOCABULARY, items)


@cache
def coded_noise(rows: int, columns: int) -> bytes:
    """A coded picture of this size."""
    noise = np.random.default_rng([rows, columns]).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    return encode_picture(noise, 4096)


def sub_image(rng: Rng) -> SubImage:
    width, height = picture_size(rng)
    object_id = near(rng, 0, 64)
    where = (0, 0, width, height) if object_id == WHOLE_SCENE and rng.random() < 0.9 else box(rng, width, height)
    sides = (1, 2, 3, 8, 31)
    shape = (int(rng.choice([1, 1023, 1024, 1025])), 2) if rng.random() < 0.3 else tuple(rng.choice(sides, 2))
    rows, columns = (max(1, int(side)) for side in (shape if rng.random() < 0.5 else shape[::-1]))
    coded = coded_noise(min(rows, 1024), min(columns, 1024))
    pixels = decode_picture(coded, min(rows, 1024), min(columns, 1024))
    if (rows, columns) != pixels.shape[:2]:
        pixels = np.zeros((rows, columns, 3), np.uint8)
    return SubImage(width, height, object_id, where, pixels, coded)


def requires(rng: Rng) -> tuple[tuple[bool, int], ...]:
    count = int(rng.choice([0, 0, 0, 1, 2, 16, 17]))
    return tuple((bool(rng.integers(2)), near(rng, 0, 255)) for _ in range(count))


def header(rng: Rng) -> Header:
    system = str(rng.choice(["es-isc", "seb", "x" * 64, "x" * 65, "", "my-system", "système", "a\nb"]))
    numbers = sorted({near(rng, 1, 255) for _ in range(int(rng.choice([0, 1, 3, 300])))})
    kinds = [LayerKind(int(rng.integers(0, 16))) for _ in numbers]
    entries = tuple(
        LayerEntry(number, kind, near(rng, 0, 7) if rng.random() < 0.01 else within(rng, 0, 7), needs, False)
        for number, kind in zip(numbers, kinds, strict=True)
        for needs in [requires(rng) if rng.random() < 0.05 else ()]
    )
    return Header(*picture_size(rng), system, entries)


LAYERS: dict[LayerKind, Callable[[Rng], Any]] = {
    LayerKind.HEADER: header,
    LayerKind.CAPTION: caption,
    LayerKind.OBJECTS: objects,
    LayerKind.CLASS_MAP: class_map,
    LayerKind.DETAIL_MAP: detail_map,
    LayerKind.SUB_IMAGE: sub_image,
}


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


def packet(rng: Rng) -> SemanticPacket:
    """A packet of layers that may be too many, too large together, or not its own."""
    identity = tuple(near(rng, 0, 0xFFFF) if rng.random() < 0.05 else within(rng, 0, 0xFFFF) for _ in range(3))
    if rng.random() < 0.15:  # more than a reader decodes: maps without a line cost few bytes and many pixels
        sides = rng.integers(500, 1025, 2)
        large = [DetailMap(1024, int(side), 1, np.zeros((int(side), 1024), bool)) for side in sides]
        layers = [encode_layer(LayerKey(*identity, n), LayerKind.DETAIL_MAP, one) for n, one in enumerate(large, 1)]
        return SemanticPacket.build((1024, 1024), "es-isc", layers, identity)
    layers = []
    for number in sorted({int(number) for number in rng.integers(1, 256, int(rng.integers(0, 6)))}):
        kind = LayerKind(int(rng.integers(1, 6)))
        owner = identity if rng.random() < 0.95 else (*identity[:2], 0)
        key = LayerKey(*owner, number) if rng.random() < 0.97 else LayerKey(1, 2, 3, number)
        needs = tuple(key._replace(layer=n) for _, n in requires(rng)) if rng.random() < 0.2 else ()
        try:
            content = LAYERS[kind](rng)
            content = quantise(content) if isinstance(content, Objects) else content
            made = encode_layer(key, kind, content, within(rng, 0, 7), needs)
        except SemanticError:
            continue
        layers.append(replace(made, deliver_with_errors=bool(rng.integers(2))))
    return SemanticPacket.build(picture_size(rng), "es-isc", layers, identity)


def read_packet(data: bytes, _: Any) -> SemanticPacket:
    """The packet; one with damaged layers is none."""
    read = SemanticPacket.from_bytes(data)
    if read.damaged:
        raise AssertionError(f"damaged: {read.damaged[0][1]}")
    return read


def read_payloads(payloads: dict[LayerKey, bytes], sent: SemanticPacket) -> SemanticPacket:
    """The packet as the link hands it over; what travels outside of payloads is taken from the one sent."""
    read = SemanticPacket.from_payloads(payloads)
    if read.damaged:
        raise AssertionError(f"damaged: {read.damaged[0][1]}")
    loose = {layer.key.layer: layer.deliver_with_errors for layer in sent.layers}
    layers = [replace(layer, deliver_with_errors=loose[layer.key.layer]) for layer in read.layers]
    return replace(read, layers=tuple(layers))


def refinement_request(rng: Rng) -> RefinementRequest:
    subject = Subject(int(rng.integers(1, 6)))
    categories = tuple(near(rng, 0, 255) for _ in range(int(rng.choice([0, 1, 2, 16, 17]))))
    return RefinementRequest(
        subject,
        near(rng, 0, (1 << 28) - 1) if subject == Subject.OBJECT else 0,
        categories if subject == Subject.CATEGORIES else (),
        near(rng, 100, 100_000),
    )


def encode_request(rng: Rng) -> EncodeRequest:
    """A request with whatever may stand in one, of usual and of odd names."""

    def name() -> str:
        odd = ("x" * 64, "x" * 300, "", " a", "ü", "a\nb", "\0")
        return str(rng.choice(odd)) if rng.random() < 0.1 else str(rng.choice(["everyday", "es-isc", "my-part", "b.c"]))

    def config() -> dict[str, Any]:
        values = ("text", 0, -7, 1 << 60, 0.1, 1e-300, True, float("nan"), "ü" * 5, [1], None)
        count = int(rng.choice([0, 0, 1, 3]))
        return {name() + str(n): values[int(rng.integers(9 if rng.random() < 0.8 else 11))] for n in range(count)}

    parts = {kind: PartChoice(name(), config()) for kind in ("segmenter", "detailer") if rng.random() < 0.3}
    return EncodeRequest(
        name(), parts, config(), near(rng, 1, (1 << 31) - 1) if rng.integers(2) else None,
        name() if rng.random() < 0.3 else None, tuple(name() for _ in range(int(rng.choice([0, 0, 1, 5])))),
        near(rng, 0, (1 << 32) - 1),
    )  # fmt: skip


# The link


def key(rng: Rng) -> Key:
    return checked_key([*(within(rng, 0, 0xFFFF) for _ in range(3)), near(rng, 0, 255)])


def scope(rng: Rng) -> Scope:
    return Scope(*(near(rng, 0, 0xFFFF) if rng.random() < 0.1 else within(rng, 0, 0xFFFF) for _ in range(3)))


def frame(rng: Rng) -> tuple[Frame, int]:
    """A frame, and the length it is padded to."""
    num_pieces = int(rng.choice([1, 1, 2, near(rng, 1, 4096)]))
    made = Frame(
        key(rng),
        near(rng, 0, 7),
        some_bytes(rng, MAX_FRAME_BYTES - 14) + bytes([0x80]) * int(rng.integers(2)) + bytes(int(rng.integers(3))),
        within(rng, 0, max(0, num_pieces - 1)),
        num_pieces,
        near(rng, 0, 255),
        near(rng, 0, 0xFFFF) if num_pieces > 1 else None,
        bool(rng.integers(2)),
    )
    return made, int(rng.choice([0, 64, near(rng, 0, MAX_FRAME_BYTES)]))


def set_frame(rng: Rng) -> SetFrame:
    name = SetKey.of(Scope(*key(rng)[:3]), near(rng, 0, 255))
    return SetFrame(name, near(rng, 0, 255), near(rng, 1, 0xFFFF), near(rng, 0, 0xFFFF), some_bytes(rng, 8175))


def items(rng: Rng) -> list[Item]:
    """Items of one picture."""
    where = Scope(*key(rng)[:3])
    count = int(rng.choice([0, 1, 3, 20, 255, 256], p=[0.05, 0.3, 0.4, 0.15, 0.05, 0.05]))
    loose = rng.random() < 0.1
    return [
        Item(Key(*where, number % 256), within(rng, 0, 7), some_bytes(rng, 0xFFFF), (), loose and bool(rng.integers(2)))
        for number in range(count)
    ]


def item_set(rng: Rng) -> tuple[list[Item], int, int, list[int]]:
    """Items, what is said of their number, length of a symbol, and which symbols arrive first."""
    return items(rng), near(rng, 0, 255), near(rng, 1, 2000), rng.permutation(256).tolist()


def write_set(content: tuple) -> tuple:
    some, num_items, symbol_bytes, order = content
    whole = to_bytes(some, num_items)
    numbers = order[: num_source_symbols(len(whole), max(symbol_bytes, 1))]
    return len(whole), whole, dict(zip(numbers, symbols(whole, symbol_bytes, numbers), strict=True))


def read_set(written: tuple, content: tuple) -> tuple[list[Item], int]:
    from semcom.link.frame import item_check

    length, whole, received = written
    num_items, some = read_items(content[0][0].key.scope, join(received, length, item_check(whole)), True)
    return some, num_items


def sent_items(rng: Rng) -> tuple[list[Item], Sender]:
    return items(rng), Sender(near(rng, 32, 1024), int(rng.choice([1, 1, 7, 64])))


def received_items(frames: Sequence, _: Any) -> set[Item]:
    """Items as the link's receiver puts them together."""
    receiver = Receiver()
    return {item for sent in frames for item in receiver.push(sent.data).items}


def feedback(rng: Rng) -> Feedback:
    def numbers(most: int) -> frozenset[int]:
        return frozenset(within(rng, 0, most) for _ in range(int(rng.choice([0, 1, 5, 60])))) | (
            {near(rng, 0, most)} if rng.random() < 0.1 else set()
        )

    parts = tuple(
        Part(bool(rng.integers(2)), within(rng, 0, 255), numbers(4095)) for _ in range(int(rng.choice([0, 1, 3])))
    )
    snr = float(rng.choice([-63.5, 0.0, 63.5, 12.0]))
    return Feedback(
        scope(rng), near(rng, 0, 255), numbers(255), numbers(255), parts, numbers(63),
        snr if rng.integers(2) else None, bool(rng.integers(2)),
    )  # fmt: skip


def refinement_frame(rng: Rng) -> RefinementFrame:
    return RefinementFrame(scope(rng), near(rng, 0, 255), some_bytes(rng, 64))


def message(rng: Rng) -> Message:
    kind = Kind(int(rng.integers(1, len(Kind) + 1)))
    body = {name: _field(rng, part) for name, part in BODIES[kind].items()}
    most = (1 << 64) - 1
    ends = [int(rng.choice(np.array([1, 2, 77], np.uint64))) if rng.random() < 0.9 else most for _ in range(3)]
    if rng.random() < 0.05:
        ends[int(rng.integers(3))] = int(rng.choice([0, -1]))
    return Message(kind, body, *ends)


def _field(rng: Rng, part: Any) -> Any:
    """A value for one field of a message."""
    match part:
        case Number():
            high = (1 << 8 * part.num_bytes) - 1 if part.high is None else part.high
            return int(rng.choice([part.low, part.low + 1, min(high, 1 << 40)])) if rng.random() < 0.97 else high + 1
        case Flag():
            return bool(rng.integers(2))
        case Real():
            return float(rng.choice([0.0, -1e308, 12.5, 5e-324]))
        case Appended() | Blob():
            return some_bytes(rng, min(part.most_bytes, 1 << 16) if part.most_bytes > 1 << 17 else part.most_bytes)
        case Text():
            return "".join(letter for letter in words(rng, part.most_bytes // 4) if letter.isprintable())
        case Names():
            return tuple(
                FrameName(key(rng) if rng.integers(2) else SetKey.of(Scope(*key(rng)[:3]), 3), near(rng, 0, 4095))
                for _ in range(int(rng.choice([0, 1, 4])))
            )
        case Outcomes():
            return tuple((near(rng, 0, 99), near(rng, 0, part.highest_code)) for _ in range(int(rng.integers(3))))
    raise TypeError(f"no values for {type(part).__name__}")


def batch(rng: Rng) -> list[bytes]:
    made = []
    for _ in range(int(rng.integers(1, 8))):
        try:
            made.append(message(rng).to_bytes())
        except LinkError:
            continue
    return made


# The modem


def signal_field(rng: Rng) -> SignalField:
    mcs = MCS_BY_NUMBER[int(rng.integers(len(MCS_BY_NUMBER)))]
    return SignalField(
        mcs, near(rng, 1, 64), near(rng, 1, 8192), near(rng, 0, 255), near(rng, 0, 63), near(rng, 0, 3),
        bool(rng.integers(2)),
    )  # fmt: skip


def _read_varint(data: bytes, _: Any) -> int:
    reader = ByteReader(data, "varint")
    value = reader.varint("varint")
    reader.end()
    return value


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
