"""A worker process: demodulates and decodes bursts of the shared samples until the receive chain is gone.

    python -m semcom.phy.parallel.worker TASKS OWN MEMORY        (numbers of inherited files)

All workers read the pipe TASKS, each the next task as soon as it is free; a task is the number of a slot. (Linux writes
and reads so few bytes of a pipe as one.) OWN, a socket, first brings the settings, a line of JSON, and carries back the
number of each slot that is done and whether it holds a burst.
"""

from __future__ import annotations

import contextlib
import json
import logging
import mmap
import os
import socket
import struct
import sys
from dataclasses import fields
from typing import Any

import numpy as np

from semcom.phy.burst_decoder import BurstDecoder
from semcom.phy.frontend.sample_buffer import stretch_of
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.parallel.first_decoding import first_decoding
from semcom.phy.parallel.messages import SlotFormat
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

TASK = struct.Struct("i")
"""Number of a slot."""
ANSWER = struct.Struct("i?")
"""Number of a slot, and whether it holds a burst; number -1 once, when the worker is ready."""

log = logging.getLogger("semcom.phy")


def settings_of(waveform: Waveform, full_scale: float | None, dc_cycles: float, capacity: int) -> bytes:
    """Settings of a worker as its socket carries them."""
    sheet = {field.name: getattr(waveform, field.name) for field in fields(waveform)}
    settings = {"waveform": sheet, "full_scale": full_scale, "dc_cycles": dc_cycles, "capacity": capacity}
    return json.dumps(settings).encode() + b"\n"


def main(arguments: list[str]) -> None:
    """Work until the other side closes."""
    tasks, own_number, memory = (int(argument) for argument in arguments)
    own = socket.socket(fileno=own_number)
    settings = json.loads(own.makefile("rb").readline())
    worker = _Worker(memoryview(mmap.mmap(memory, 0)), **settings)
    own.sendall(ANSWER.pack(-1, True))
    while task := os.read(tasks, TASK.size):
        (number,) = TASK.unpack(task)
        own.sendall(ANSWER.pack(number, worker.work_on(number)))


class _Worker:
    """Parameters are those of `settings_of`."""

    def __init__(
        self,
        memory: memoryview,
        waveform: dict[str, Any],
        full_scale: float | None,
        dc_cycles: float,
        capacity: int,
    ) -> None:
        lists = {name: tuple(value) for name, value in waveform.items() if isinstance(value, list)}
        self._waveform = Waveform(**{**waveform, **lists})
        self._receiving = (full_scale, dc_cycles)
        self._samples = np.frombuffer(memory, np.complex64, capacity)
        self._slots = memory[8 * capacity :]
        self._format = SlotFormat(self._waveform)
        self._decoder = BurstDecoder(self._waveform)
        self._warm_up()

    def _warm_up(self) -> None:
        """Decode a generated burst, so that no kernel is compiled and no table built once tasks come."""
        samples = Transmitter(self._waveform).modulate([TransportBlock(bytes(64))], MCS_TABLE["16qam-1/2"])
        header = self._decoder.read_header(samples, 0.0)
        first_decoding(self._waveform, self._decoder, 0, samples, header, *self._receiving)

    def work_on(self, number: int) -> bool:
        """Put the burst that the slot describes in its place; False where the receive chain has to see to it."""
        slot = self._slots[number * self._format.num_bytes : (number + 1) * self._format.num_bytes]
        try:
            start, header = self._format.read_task(slot)
            samples = stretch_of(self._samples, start, start + header.layout.num_samples)
            burst = first_decoding(self._waveform, self._decoder, start, samples, header, *self._receiving)
        except Exception:  # the receive chain meets it as well, and deals with it as without workers
            log.exception("burst left to the receive chain")
            return False
        if burst is not None:
            self._format.write_burst(slot, burst)
        return burst is not None


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError):  # the receive chain has ended
        main(sys.argv[1:])
