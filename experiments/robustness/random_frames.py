"""Frames, sets, reports, messages and signal fields at and just beyond their limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from semcom.experiments.robustness.random_values import Rng, near, some_bytes, within, words
from semcom.link import Feedback, FrameName, Item, Key, RefinementFrame, Scope, Sender
from semcom.link.arq.feedback import Part
from semcom.link.errors import LinkError
from semcom.link.frame import MAX_FRAME_BYTES, Frame
from semcom.link.item import checked_key
from semcom.link.message_fields import Appended, Blob, Flag, Names, Number, Outcomes, Real, Text
from semcom.link.messages import BODIES, Kind, Message
from semcom.link.parity.item_set import join, num_source_symbols, read_items, symbols, to_bytes
from semcom.link.parity.set_frame import SetFrame, SetKey
from semcom.link.receiver import Receiver
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.mcs import MCS_BY_NUMBER
from semcom.semantic.wire import ByteReader


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
    )
    return made, int(rng.choice([0, 64, near(rng, 0, MAX_FRAME_BYTES)]))


def set_frame(rng: Rng) -> SetFrame:
    name = SetKey.of(Scope(*key(rng)[:3]), near(rng, 0, 255))
    return SetFrame(name, near(rng, 0, 255), near(rng, 1, 0xFFFF), near(rng, 0, 0xFFFF), some_bytes(rng, 8175))


def items(rng: Rng) -> list[Item]:
    """Items of one picture, none of them as soft values (`fuzzed_parsers` has those)."""
    where = Scope(*key(rng)[:3])
    count = int(rng.choice([0, 1, 3, 20, 255, 256], p=[0.05, 0.3, 0.4, 0.15, 0.05, 0.05]))
    return [Item(Key(*where, number % 256), within(rng, 0, 7), some_bytes(rng, 0xFFFF)) for number in range(count)]


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
