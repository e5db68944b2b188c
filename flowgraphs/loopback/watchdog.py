"""Running a flowgraph to its end, but never longer than its time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gnuradio import gr

from semcom.flowgraphs.errors import FlowgraphTimeoutError

POLL_S = 0.02
STOP_PATIENCE_S = 10.0


def run_to_end(top_block: gr.top_block, timeout_s: float, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Start a flowgraph and wait until it ends by itself.

    Parameters
    ----------
    top_block : gr.top_block
    timeout_s : float
    meanwhile : callable
        Called every 20 ms, from this thread: feeds messages, reports progress.

    Raises
    ------
    FlowgraphTimeoutError
        It did not end in time and was stopped.
    """
    deadline = time.monotonic() + timeout_s
    top_block.start()
    ended = threading.Event()

    def wait() -> None:
        top_block.wait()
        ended.set()

    threading.Thread(target=wait, name="flowgraph", daemon=True).start()
    try:
        while not ended.is_set():
            meanwhile()
            if time.monotonic() > deadline:
                raise FlowgraphTimeoutError(f"flowgraph must end within timeout_s ({timeout_s:g} s), did not; stopped")
            ended.wait(POLL_S)
        meanwhile()
    finally:
        if not ended.is_set():
            top_block.stop()
            ended.wait(STOP_PATIENCE_S)
