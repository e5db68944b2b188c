"""Submission: which taking-in of a photo a packet comes from and, where the sender tells it, its name and the time.

```
1 byte    form: bits 7-4 one, bits 3-1 zero, bit 0 name and time follow
8         identifier: the same whenever this photo of this name and time is sent, another for any other
4         seconds since 1970 at which the sender took it in, by its clock
rest      name of the photo's file, UTF-8, 1 to 80 bytes
```

It is a form of the plain text kind (15), for which earlier versions skip it. It says nothing of the picture itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from semcom.semantic.layers.context import printable
from semcom.semantic.wire import ByteReader, ByteWriter

FORM = 1
"""High four bits of the first byte of the body."""
IDENTIFIER_BYTES = 8
MAX_NAME_BYTES = 80
_NAMED = 1


@dataclass(frozen=True)
class Submission:
    """Where a packet comes from.

    Attributes
    ----------
    identifier : bytes
        `IDENTIFIER_BYTES` of them.
    name : str
        Of the photo's file, without folders; empty where the sender does not tell it.
    taken_in_at_s : int or None
        Seconds since 1970, by the sender's clock; told with the name.
    """

    identifier: bytes
    name: str = ""
    taken_in_at_s: int | None = None


def shortened(name: str) -> str:
    """A file's name as it can be told: printable, cut after `MAX_NAME_BYTES`."""
    return printable(name).encode("utf-8", "replace")[:MAX_NAME_BYTES].decode("utf-8", "ignore")


def encode(content: Submission) -> bytes:
    """The body; `LayerError` for what `decode` would refuse or read as another."""
    writer = ByteWriter("submission").u8(FORM << 4 | bool(content.name))
    writer.bounded(len(content.identifier), "bytes of the identifier", IDENTIFIER_BYTES, IDENTIFIER_BYTES)
    writer.raw(content.identifier)
    if content.name:
        at_s = writer.bounded(content.taken_in_at_s or 0, "time", 0, 0xFFFFFFFF)
        if shortened(content.name) != content.name:
            raise writer.fail("name", f"must be printable, up to {MAX_NAME_BYTES} bytes", repr(content.name))
        writer.raw(at_s.to_bytes(4, "big")).raw(content.name.encode())
    return writer.to_bytes()


def decode(reader: ByteReader, form: int) -> Submission:
    """Inverse of `encode`, after the form."""
    reader.bounded(form & 15, "form of a submission", 0, _NAMED)
    identifier = bytes(reader.raw(IDENTIFIER_BYTES, "identifier"))
    if not form & _NAMED:
        reader.end()
        return Submission(identifier)
    at_s = int.from_bytes(reader.raw(4, "time"), "big")
    name = bytes(reader.rest())
    reader.bounded(len(name), "bytes of the name", 1, MAX_NAME_BYTES)
    return Submission(identifier, printable(name.decode("utf-8", "replace")), at_s)


def describe(content: Submission) -> str:
    named = f", photo “{content.name}”" if content.name else ""
    return f"submission {content.identifier.hex()}{named}"
