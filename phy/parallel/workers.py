"""The worker processes of a receive chain, and the memory that they share with it."""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import select
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator

from semcom.phy.burst_decoder import Header
from semcom.phy.candidate import Task
from semcom.phy.errors import ConfigurationError
from semcom.phy.parallel.messages import SlotFormat
from semcom.phy.parallel.worker import ANSWER, TASK, settings_of
from semcom.phy.waveform import Waveform

MAX_WORKERS = 64
"""Of a receiver."""

SLOTS_PER_WORKER = 8
"""Bursts that may wait for each worker: enough for it to have work while the chain takes in its next samples."""

_START_S = 300.0  # with nothing compiled yet, on a busy machine
_PATIENCE_S = 20.0  # with one burst; a worker that takes longer is taken for stuck
_END_S = 5.0
_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}

log = logging.getLogger("semcom.phy")


class BurstWorkers:
    """Starts worker processes, hands them bursts and collects what became of them.

    Whatever goes wrong with them costs speed and a line in the log, no burst: they end together then, tasks that are
    under way are done without a burst, and there are no free slots any more.

    Parameters
    ----------
    waveform : Waveform
    num_workers : int
    capacity : int
        Samples in the ring.
    full_scale : float, optional
    dc_cycles : float
        Both as of `ReceiveChain`.

    Attributes
    ----------
    samples : memoryview
        Of the ring.
    """

    def __init__(
        self,
        waveform: Waveform,
        num_workers: int,
        capacity: int,
        full_scale: float | None = None,
        dc_cycles: float = 0.0,
    ) -> None:
        if not hasattr(os, "memfd_create"):
            raise ConfigurationError(f"num_workers must be 0 on {sys.platform}, got {num_workers}: it needs Linux")
        self._format = SlotFormat(waveform)
        num_slots = SLOTS_PER_WORKER * num_workers
        # Memory without a name: it goes with the last process that has it, however that ends.
        file = os.memfd_create("semcom-bursts", os.MFD_CLOEXEC)
        os.ftruncate(file, 8 * capacity + num_slots * self._format.num_bytes)
        memory = memoryview(mmap.mmap(file, 0))
        self.samples, self._slots = memory[: 8 * capacity], memory[8 * capacity :]
        self._free = list(range(num_slots))
        self._tasks: dict[int, Task] = {}
        self._are_ready = False
        self._poll = select.poll()
        theirs, self._pipe = os.pipe()
        self._workers: list[tuple[subprocess.Popen[bytes], socket.socket]] = []
        self._end = weakref.finalize(self, _end, self._pipe, self._workers)
        with self._giving_up():
            for _ in range(num_workers):
                process, own = _start(theirs, file)
                self._workers.append((process, own))
                self._poll.register(own, select.POLLIN)
                own.sendall(settings_of(waveform, full_scale, dc_cycles, capacity))
        os.close(theirs)
        os.close(file)

    def get_ready(self) -> None:
        """Wait until all of them have compiled everything."""
        with self._giving_up():
            for _, own in self._workers:
                own.settimeout(_START_S)
                if not own.recv(ANSWER.size):
                    raise ConnectionError("a worker ended when it was started")
                own.setblocking(False)
            self._are_ready = bool(self._workers)

    @property
    def has_room(self) -> bool:
        """Whether a burst can be handed over."""
        return self._are_ready and bool(self._free)

    def hand_over(self, start_sample: int, header: Header) -> Task:
        """A burst whose samples are in the ring and stay there until its task is done; only while `has_room`."""
        task, number = Task(), self._free.pop()
        self._tasks[number] = task
        self._format.write_task(self._slot(number), start_sample, header)
        with self._giving_up():
            os.write(self._pipe, TASK.pack(number))
        return task

    def collect(self, timeout_s: float = 0.0) -> None:
        """Take in what is done; wait for the first answer at most so long."""
        with self._giving_up():
            ready = {number for number, _ in self._poll.poll(1000 * timeout_s)} if self._are_ready else ()
            if timeout_s and not ready:
                raise TimeoutError(f"no burst done within {timeout_s:g} s")
            for _, own in self._workers:
                if own.fileno() in ready:
                    self._take_from(own)

    def wait_for(self, task: Task) -> None:
        """Until it is done."""
        while not task.is_done:
            self.collect(_PATIENCE_S)

    def close(self) -> None:
        """End all workers. Tasks that are under way are done, without a burst."""
        self._are_ready = False
        self._end()
        for task in self._tasks.values():
            task.is_done = True
        self._tasks.clear()

    def _take_from(self, own: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while answer := own.recv(ANSWER.size):
                self._take(*ANSWER.unpack(answer))
            raise ConnectionError("a worker ended")

    def _take(self, number: int, holds_burst: bool) -> None:
        task = self._tasks.pop(number)
        task.is_done = True
        if holds_burst:
            task.burst = self._format.read_burst(self._slot(number))
        self._free.append(number)

    def _slot(self, number: int) -> memoryview:
        return self._slots[number * self._format.num_bytes : (number + 1) * self._format.num_bytes]

    @contextlib.contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Where the workers fail, go on without them."""
        try:
            yield
        except OSError as error:  # closed connections and timeouts too
            log.warning("burst workers given up, received in one process from here on: %s", error)
            self.close()


def _start(tasks: int, memory: int) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A worker process and the socket between it and us. Ctrl-C in a terminal is for the program, not for it."""
    ours, theirs = socket.socketpair()
    files = [tasks, theirs.fileno(), memory]
    command = [sys.executable, "-m", "semcom.phy.parallel.worker", *map(str, files)]
    with theirs:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=files,
                env={**os.environ, **_ONE_THREAD},
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
    return process, ours


def _end(tasks: int, workers: list[tuple[subprocess.Popen[bytes], socket.socket]]) -> None:
    """Close all connections: a worker ends with its burst. One that does not is killed."""
    os.close(tasks)
    for _, own in workers:
        own.close()
    for process, _ in workers:
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    workers.clear()
