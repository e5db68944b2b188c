"""Over- and underruns, counted: drivers only print letters for them, between everything else they print.

UHD prints O, U, D, L and S; gr-soapy sO, sU, tP and tG; gr-iio O and U. While radios are open, standard output and
standard error go through a pipe each: the letters are counted, the rest passes on. Python's own `sys.stdout` and
`sys.stderr` are not touched by it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import ClassVar

ADVICE = {
    "O": "overflow: samples were lost because we read too slowly; lower sample_rate_hz, close other programs",
    "U": "underflow: the transmitter ran dry; raise tx_buffer_ms, use a faster USB port",
    "D": "dropped packets on the way from the device; raise the network's buffers (sysctl net.core.rmem_max)",
    "L": "samples came too late for their time stamp; raise tx_buffer_ms",
    "S": "packets out of order on the way from the device; connect it without a switch between",
    "gaps": "samples are missing, by their time stamps; reception began anew behind the gap",
    "tP": "a burst began before the last one ended",
    "tG": "samples between bursts were thrown away",
}
_RUN = re.compile(r"(?:sO|sU|tP|tG|[OUDLS])+(?![A-Za-z_:=])")
_LETTER = re.compile(r"tP|tG|s?[OUDLS]")


class StreamEvents:
    """A context in which the letters are counted; several may be open, all count all of them.

    Attributes
    ----------
    counts : Counter
        By letter, gr-soapy's without its ``s``.
    """

    _lock = threading.Lock()
    _open: ClassVar[list[StreamEvents]] = []
    _taps: ClassVar[list[_Tap]] = []

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> StreamEvents:
        with self._lock:
            self._open.append(self)
            if not self._taps:
                self._taps_on()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._taps_off()  # also waits for what is still in the pipes
            self._open.remove(self)
            if self._open:
                self._taps_on()

    @classmethod
    def _taps_on(cls) -> None:
        cls._taps[:] = [_Tap(1, "stdout", cls._count), _Tap(2, "stderr", cls._count)]

    @classmethod
    def _taps_off(cls) -> None:
        for tap in cls._taps:
            tap.close()
        cls._taps.clear()

    @classmethod
    def _count(cls, letter: str) -> None:
        for events in tuple(cls._open):
            events.counts[letter] += 1

    @property
    def advice(self) -> list[str]:
        return advice_on(self.counts)


def advice_on(counts: Mapping[str, int]) -> list[str]:
    """One plain line for each kind of event."""
    return [f"{count} × {ADVICE[letter]}" for letter, count in sorted(counts.items()) if count]


def take_events(line: str, tell: Callable[[str], None]) -> str:
    """Tell of each letter a line starts with; returns the rest of it."""
    found = _RUN.match(line)
    if not found:
        return line
    for letter in _LETTER.findall(found.group()):
        tell(letter.removeprefix("s"))
    return line[found.end() :]


class _Tap:
    """One file descriptor, led through a pipe."""

    def __init__(self, descriptor: int, name: str, tell: Callable[[str], None]):
        _flush_c()
        self._descriptor, self._tell = descriptor, tell
        stream = getattr(sys, name)
        stream.flush()
        self._original = os.dup(descriptor)
        self._python: tuple[str, object] | None = None
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if stream.fileno() == descriptor:  # else it is led elsewhere anyway
                self._python = (name, stream)
                direct = os.fdopen(os.dup(descriptor), "w", encoding=stream.encoding, errors=stream.errors, buffering=1)
                setattr(sys, name, direct)
        reading, writing = os.pipe()
        os.dup2(writing, descriptor)
        os.close(writing)
        self._thread = threading.Thread(target=self._pass_on, args=(reading,), name=f"{name} events", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Everything back as it was."""
        _flush_c()
        os.dup2(self._original, self._descriptor)  # the pipe's last writer is gone: the thread ends
        self._thread.join(timeout=5.0)
        os.close(self._original)
        if self._python is not None:
            name, stream = self._python
            getattr(sys, name).close()
            setattr(sys, name, stream)

    def _pass_on(self, reading: int) -> None:
        with os.fdopen(reading, "rb", buffering=0) as pipe:
            while data := pipe.read(65536):
                lines = data.decode("utf-8", "replace").splitlines(keepends=True)
                rest = "".join(take_events(line, self._tell) for line in lines)
                with contextlib.suppress(OSError):
                    os.write(self._original, rest.encode("utf-8"))


def _flush_c() -> None:
    """What C code has printed and not yet written."""
    ctypes.CDLL(None).fflush(None)
