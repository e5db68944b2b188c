"""Writes the samples of a stream into a file, from one moment to another, while the flowgraph runs: all of it C++."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gnuradio import blocks, gr


class SampleTap:
    """Hears what a block gives.

    Parameters
    ----------
    top_block : gr.top_block
    source : gr.basic_block

    Attributes
    ----------
    recording : str
        Path of the file that is being written; empty: none.
    """

    def __init__(self, top_block: Any, source: Any) -> None:
        self._file = blocks.file_sink(gr.sizeof_gr_complex, os.devnull)
        self._file.close()
        self._file.set_unbuffered(True)  # it closes a file with the next samples only, and they may never come
        self.recording = ""
        top_block.connect(source, self._file)

    def record(self, path: Path) -> None:
        """Begin: samples go to this file, complex64. Raises `OSError`."""
        if not self._file.open(str(path)):
            raise OSError(f"{path}: cannot be opened by the flowgraph")
        self.recording = str(path)

    def stop_recording(self) -> None:
        """End: the file holds what the flowgraph had written by now, its last sample perhaps in part."""
        self._file.close()
        self.recording = ""
