"""Messages come back as they went out; whatever else comes is refused by field, rule and value."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.link import FrameName, Key
from semcom.link.errors import MessageError
from semcom.link.messages import (
    BODIES,
    HEADER,
    MAX_BATCH_BYTES,
    MAX_ENTRIES,
    Kind,
    Message,
    Outcome,
    Role,
    join_batches,
    split_batch,
)
from semcom.link.transports.conversation import Conversation

NAME = FrameName(Key(1, 2, 3, 4), 5)
EXAMPLES = {
    Kind.HELLO: {"role": 1, "window": 64, "name": "host tx"},
    Kind.WELCOME: {"window": 512, "about": "loopback, 10 dB"},
    Kind.REFUSED: {"reason": "role tx is taken"},
    Kind.FRAME: {"number": 7, "mcs": "qpsk-1/2", "frame": b"\0\1\2", "repeat": b"\5\2"},
    Kind.OUTCOMES: {"outcomes": ((1, 0), (2, 5))},
    Kind.RECEIVED: {
        "number": 1, "crc_ok": True, "snr_db": 9.5, "cfo_hz": -20.0, "evm_db": -9.0, "mcs": "bpsk-1/2",
        "burst": 3, "block": 0, "start_sample": 1 << 40, "frame": b"abc", "combined": b"\3",
    },
    Kind.BURST: {
        "burst": 3, "start_sample": 9, "header_ok": False, "mcs": "", "snr_db": 1.0, "cfo_hz": 0.0, "evm_db": 0.0,
        "clock_offset_ppm": 2.5, "num_blocks": 8, "num_blocks_ok": 0, "channel_uses": 1234, "view": b"\1abc",
    },
    Kind.RECEIPT: {"up_to": 12, "names": (NAME, NAME)},
    Kind.FEEDBACK: {"feedback": bytes(range(256))},
    Kind.DROPPED: {"cause": "receiving host too slow", "names": (NAME,)},
    Kind.REQUEST: {"name": "a.png", "content": b"PNG", "request": b'{"system": "es-isc"}'},
    Kind.ANSWER: {"accepted": False, "text": "too long"},
    Kind.CREDIT: {"heard": True, "pictures": 60, "frame_bytes": 1 << 26, "reason": ""},
    Kind.SPECTRUM: {"sample_rate_hz": 1e6, "levels": bytes(range(200, 256))},
    Kind.SAMPLES: {"position": 5, "rate_hz": 1e6, "samples": bytes(64)},
}  # fmt: skip


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_comes_back_as_it_went(kind: Kind) -> None:
    message = Message(kind, EXAMPLES[kind], 11, 22, 33)
    assert Message.from_bytes(message.to_bytes()) == message


def test_the_header_is_as_documented() -> None:
    data = Message(Kind.FEEDBACK, {"feedback": b"xy"}, 0x1111, 0x2222, 3).to_bytes()
    assert data.hex() == "53454d43" + "01" + "09" + "0000" + f"{0x1111:016x}{0x2222:016x}{3:016x}" + "00000006" + (
        "00000002" + "7879"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "value", "field"),
    [(0, 0, "magic"), (4, 9, "version"), (5, 0, "kind"), (5, 99, "kind"), (6, 1, "reserved"), (35, 99, "length")],
)
def test_a_wrong_header_is_refused_by_field(at: int, value: int, field: str) -> None:
    data = bytearray(Message(Kind.HELLO, EXAMPLES[Kind.HELLO], 1, 2, 3).to_bytes())
    data[at] = value
    with pytest.raises(MessageError, match="must be") as caught:
        Message.from_bytes(bytes(data))
    assert caught.value.field == field


@pytest.mark.parametrize("zeroed", ["session", "sequence"])
def test_session_and_sequence_are_never_zero(zeroed: str) -> None:
    numbers = {"session": 1, "peer_session": 2, "sequence": 3, zeroed: 0}
    with pytest.raises(MessageError, match=f"{zeroed} must be 1 to"):
        Message.from_bytes(Message(Kind.FEEDBACK, {"feedback": b""}, **numbers).to_bytes())


@pytest.mark.parametrize("kind", Kind)
@given(body=st.binary(max_size=200))
def test_any_body_is_parsed_or_refused(kind: Kind, body: bytes) -> None:
    data = HEADER.pack(b"SEMC", 1, kind, 0, 1, 2, 3, len(body)) + body
    try:
        message = Message.from_bytes(data)
    except MessageError as error:
        assert error.field and "must" in str(error)
    else:
        assert message.body.keys() == BODIES[kind].keys()
        if not any(isinstance(value, float) and math.isnan(value) for value in message.body.values()):
            assert message.to_bytes() == data


@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_or_parsed(data: bytes) -> None:
    try:
        Message.from_bytes(data)
    except MessageError as error:
        assert error.field


@pytest.mark.parametrize("kind", Kind)
@given(at=st.integers(0, 400), bit=st.integers(0, 7))
def test_one_wrong_bit_never_crashes(kind: Kind, at: int, bit: int) -> None:
    data = bytearray(Message(kind, EXAMPLES[kind], 11, 22, 33).to_bytes())
    data[at % len(data)] ^= 1 << bit
    try:
        Message.from_bytes(bytes(data))
    except MessageError as error:
        assert "must" in str(error)


@pytest.mark.parametrize("kind", Kind)
def test_every_truncation_is_refused(kind: Kind) -> None:
    data = Message(kind, EXAMPLES[kind], 11, 22, 33).to_bytes()
    # Where a body without what was appended later ends:
    ends = {Kind.REQUEST: 4 + 5 + 4 + 3, Kind.FRAME: 8 + 4 + 8 + 4 + 3}
    ends |= {Kind.BURST: len(data) - HEADER.size - (4 + 4), Kind.RECEIVED: len(data) - HEADER.size - (4 + 1)}
    older = ends.get(kind)
    for length in range(len(data)):
        with pytest.raises(MessageError):
            Message.from_bytes(data[:length])
        if length - HEADER.size == older:
            continue
        shortened = (
            data[: HEADER.size - 4] + max(0, length - HEADER.size).to_bytes(4, "big") + data[HEADER.size : length]
        )
        with pytest.raises(MessageError):
            Message.from_bytes(shortened)


def test_a_push_of_an_older_sender_asks_for_nothing() -> None:
    older = b"".join(len(part).to_bytes(4, "big") + part for part in (b"a.png", b"PNG"))
    body = Message.from_bytes(HEADER.pack(b"SEMC", 1, Kind.REQUEST, 0, 1, 2, 3, len(older)) + older).body
    assert body == {"name": "a.png", "content": b"PNG", "request": b""}
    assert Message(Kind.REQUEST, body, 1, 2, 3).to_bytes()[HEADER.size :] == older
    empty = older + bytes(4)
    with pytest.raises(MessageError, match="request must have 1 byte or more where it is there, got 0"):
        Message.from_bytes(HEADER.pack(b"SEMC", 1, Kind.REQUEST, 0, 1, 2, 3, len(empty)) + empty)
    with pytest.raises(MessageError, match="request must be at most 4096 bytes, got 4097"):
        Message(Kind.REQUEST, body | {"request": bytes(4097)}, 1, 2, 3).to_bytes()


def test_a_claimed_length_makes_nothing_of_that_size() -> None:
    body = (0xFFFFFFFF).to_bytes(4, "big")
    data = HEADER.pack(b"SEMC", 1, Kind.FEEDBACK, 0, 1, 2, 3, len(body)) + body
    with pytest.raises(MessageError, match="feedback must be at most 65536 bytes, got 4294967295"):
        Message.from_bytes(data)


def test_limits_hold_for_the_sender_too() -> None:
    with pytest.raises(MessageError, match=f"names must be 0 to {MAX_ENTRIES}"):
        Message(Kind.RECEIPT, {"up_to": 0, "names": (NAME,) * (MAX_ENTRIES + 1)}, 1, 2, 3).to_bytes()
    with pytest.raises(MessageError, match="body of FRAME must have number, mcs, frame"):
        Message(Kind.FRAME, {"number": 1}, 1, 2, 3).to_bytes()


def test_text_is_printable_on_both_sides() -> None:
    data = Message(Kind.REFUSED, {"reason": "bell\a and line\n"}, 1, 2, 3).to_bytes()
    assert Message.from_bytes(data).body["reason"] == "bell? and line?"
    with pytest.raises(MessageError, match="reason must be printable UTF-8"):
        Message.from_bytes(data.replace(b"bell?", b"bell\a"))


def test_a_conversation_takes_each_message_once_and_in_order() -> None:
    ours, theirs = Conversation(1, 2), Conversation(2, 1)
    messages = [Message.from_bytes(ours.outgoing(Kind.FEEDBACK, feedback=b"")) for _ in range(4)]
    theirs.accept(messages[0])
    theirs.accept(messages[2])
    for old in (messages[0], messages[1], messages[2]):
        with pytest.raises(MessageError, match="sequence must be above 3"):
            theirs.accept(old)
    theirs.accept(messages[3])
    assert theirs.counts["skipped"] == 1 and theirs.counts["heard"] == 3


def test_messages_of_another_session_are_refused() -> None:
    message = Message.from_bytes(Conversation(1, 2).outgoing(Kind.FEEDBACK, feedback=b""))
    with pytest.raises(MessageError, match="session must be 0000000000000007"):
        Conversation(2, 7).accept(message)
    with pytest.raises(MessageError, match="peer_session must be 0000000000000009"):
        Conversation(9, 1).accept(message)


@given(sizes=st.lists(st.integers(0, 20_000), max_size=12))
def test_batches_hold_all_messages_in_order(sizes: list[int]) -> None:
    messages = [Message(Kind.FEEDBACK, {"feedback": bytes(size)}, 1, 2, 3).to_bytes() for size in sizes]
    batches = list(join_batches(messages))
    assert [message for _, data in batches for message in split_batch(data)] == messages
    assert sum(count for count, _ in batches) == len(messages)
    assert all(count == 1 or len(data) <= MAX_BATCH_BYTES for count, data in batches)


@given(data=st.binary(max_size=200), cut=st.integers(1, 39))
def test_a_broken_batch_gives_what_was_whole_and_is_refused(data: bytes, cut: int) -> None:
    whole = Message(Kind.FEEDBACK, {"feedback": data}, 1, 2, 3).to_bytes()
    messages = split_batch(whole + whole[:-cut])
    assert next(messages) == whole
    with pytest.raises(MessageError, match="must be"):
        next(messages)
    with pytest.raises(MessageError):
        next(split_batch(b""))


def test_numbers_of_kinds_roles_and_outcomes_are_those_of_the_document(repository) -> None:
    text = (repository / "docs/messages.md").read_text(encoding="utf-8")
    documented = {name: int(number) for number, name in re.findall(r"^\| (\d+) \| `([A-Z]+)` \|", text, re.MULTILINE)}
    assert {kind.name: kind.value for kind in Kind} == documented and len(documented) == 15
    assert {role.name: role.value for role in Role} == {"TX": 1, "RX": 2, "RADIO": 3, "ASKING": 4}
    assert [outcome.name for outcome in sorted(Outcome)] == ["ON_AIR", "RECEIVED", "MISSED", "HEADER", "CRC", "REFUSED"]
    assert [outcome.value for outcome in sorted(Outcome)] == list(range(6))


@pytest.mark.parametrize("kind", Kind)
def test_fields_are_as_wide_as_the_document_says(kind: Kind, repository) -> None:
    """u8 to u64 take 1 to 8 bytes, a float 8, a flag 1, text and blob 4 and their own; lists as written there."""
    text = (repository / "docs/messages.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| \d+ \| `{kind.name}` \| [^|]* \| (.*) \|$", text, re.MULTILINE)
    body, message = EXAMPLES[kind], Message(kind, EXAMPLES[kind], 1, 2, 3)
    expected = 0
    for name, kind_of_field in BODIES[kind].items():
        value = body[name]
        match type(kind_of_field).__name__:
            case "Number":
                ((bits,),) = [re.findall(rf"`{name}` u(\d+)", row)]
                expected += int(bits) // 8
            case "Real":
                expected += 8
            case "Flag":
                expected += 1
            case "Names":
                expected += 2 + 10 * len(value)
            case "Outcomes":
                expected += 2 + 9 * len(value)
            case _:
                expected += 4 + len(value.encode() if isinstance(value, str) else value)
    assert len(message.to_bytes()) == HEADER.size + expected


def test_lists_may_be_empty() -> None:
    for kind, body in ((Kind.OUTCOMES, {"outcomes": ()}), (Kind.RECEIPT, {"up_to": 0, "names": ()})):
        message = Message(kind, body, 1, 2, 3)
        assert Message.from_bytes(message.to_bytes()) == message
