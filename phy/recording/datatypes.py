"""SigMF's sample formats ⇄ complex64, full scale 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from semcom.phy.errors import RecordingError

DEFAULT = "cf32_le"
"""What is written."""

ENDINGS = {
    ".cf32": "cf32_le",
    ".cfile": "cf32_le",
    ".fc32": "cf32_le",
    ".fc64": "cf64_le",
    ".cs16": "ci16_le",
    ".sc16": "ci16_le",
    ".ci16": "ci16_le",
    ".cs8": "ci8",
    ".sc8": "ci8",
    ".ci8": "ci8",
    ".cu8": "cu8",
}
"""Datatype of a file without metadata, by the ending that programs give it."""

_NAME = re.compile(r"([cr])([fiu])(64|32|16|8)(_le|_be)?")


@dataclass(frozen=True)
class Datatype:
    """A format of complex samples: I and Q in turn.

    Attributes
    ----------
    name : str
        As SigMF writes it: ``ci16_le``.
    component : np.dtype
        Of I and of Q.
    """

    name: str
    component: np.dtype

    @property
    def sample_bytes(self) -> int:
        return 2 * self.component.itemsize

    def to_complex(self, data: bytes | bytearray | memoryview) -> np.ndarray:
        """Whole samples as bytes -> complex64 [n].

        Integers of b bits are divided by 2^(b-1). Zero of unsigned ones lies between two codes, as in an RTL-SDR.
        """
        values = np.frombuffer(data, self.component)
        if self.component.kind == "u" and self.component.itemsize == 1:
            values = _UNSIGNED_BYTES[values]
        elif self.component.kind == "u":
            half = 2.0 ** (8 * self.component.itemsize - 1)
            values = ((values - (half - 0.5)) / half).astype(np.float32)
        elif self.component.kind == "i":
            values = values.astype(np.float32) * np.float32(2.0 ** (1 - 8 * self.component.itemsize))
        else:
            with np.errstate(over="ignore"):
                values = values.astype(np.float32)
        return values.view(np.complex64)


_UNSIGNED_BYTES = ((np.arange(256) - 127.5) / 128).astype(np.float32)


def datatype_of(name: object, where: str) -> Datatype:
    """The datatype of this name.

    Raises
    ------
    RecordingError
        None that can be read; `where` names file and key.
    """
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    if not found or (found[2] == "f" and found[3] in ("8", "16")) or (found[2] != "f" and found[3] == "64"):
        raise RecordingError(
            f"{where} must be one of cf32_le, cf64_le, ci32_le, ci16_le, ci8, cu32_le, cu16_le, cu8, or _be for _le, "
            f"got {name!r:.60}"
        )
    if found[1] == "r":
        raise RecordingError(f"{where} must be complex (I and Q), got {name!r}: real samples are not received")
    order = ">" if found[4] == "_be" else "<"
    return Datatype(str(name), np.dtype(f"{order}{found[2]}{int(found[3]) // 8}"))
