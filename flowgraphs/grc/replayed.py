"""For sigmf_replay.grc: what a recording says of itself, so that nobody has to type it, and what came of it.

GNU Radio Companion imports this while a flowgraph is drawn, also in a Python that lacks what the modem needs: nothing
beyond the standard library is imported before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_WAVEFORM = "ofdm64"
DEFAULT_DATATYPE = "cf32_le"
"""Of samples without metadata whose name does not end in one."""


@dataclass(frozen=True)
class Replayed:
    """How to receive from a recording.

    Attributes
    ----------
    recording : str
        For a `recording_source`; empty where there is nothing to play.
    datatype : str
        The same; empty where the metadata say it.
    sample_rate_hz : float
        0 where nobody knows it.
    waveform : str
    max_cfo_subcarriers : float
        0: the waveform's own.
    problem : str
        Why it cannot be replayed; empty where it can.
    """

    recording: str
    sample_rate_hz: float
    datatype: str = ""
    waveform: str = DEFAULT_WAVEFORM
    max_cfo_subcarriers: float = 0.0
    problem: str = ""

    def require(self) -> None:
        """End the program with a sentence where there is nothing to replay."""
        if self.problem:
            raise SystemExit(self.problem)


def what_to_replay(recording: str, sample_rate_hz: float = 0.0) -> Replayed:
    """Rate, waveform and search range out of the ``.sigmf-meta`` beside the samples.

    Never raises: GNU Radio Companion evaluates it while a flowgraph is drawn.

    Parameters
    ----------
    recording : str
        Either file of it, or the name before.
    sample_rate_hz : float
        Counts instead of the recorded one; then the samples may be alone. 0: as recorded.
    """
    try:
        from semcom.phy.errors import PhyError
        from semcom.phy.recording.datatypes import ENDINGS
        from semcom.phy.recording.files import ARCHIVE, DATA, META, stem_of, with_ending
        from semcom.phy.recording.metadata import read_recording
    except ImportError as error:
        return Replayed("", sample_rate_hz, problem=f"recordings cannot be read in this Python: {error}")
    stem = stem_of(recording)
    data_path = with_ending(stem, DATA)
    datatype = ""
    if sample_rate_hz and not with_ending(stem, META).exists() and Path(recording).suffix != ARCHIVE:
        path = data_path if data_path.exists() else Path(recording)
        if not path.is_file():
            return Replayed("", sample_rate_hz, problem=f"recording {path}: must be a file, there is none")
        recording, datatype = str(path), "" if path.suffix in ENDINGS else DEFAULT_DATATYPE
    try:
        found = read_recording(recording, False, sample_rate_hz, datatype)
    except PhyError as error:
        problem = str(error)
        if data_path.exists() and not sample_rate_hz and not with_ending(stem, META).exists():
            problem = f"{problem.partition(';')[0]}; samples without metadata need a sample rate (-s)"
        return Replayed("", sample_rate_hz, problem=problem)
    return Replayed(
        str(recording),
        found.sample_rate_hz,
        datatype,
        found.waveform or DEFAULT_WAVEFORM,
        found.max_cfo_subcarriers or 0.0,
    )


def what_came(receiver: Any, folder: str) -> str:
    """The end of a replay in a line, from its `semantic_receiver`."""
    bursts, pictures = receiver.modem.receiver.counts["bursts"], receiver.decoder.counts["pictures"]
    line = f"bursts: {bursts}, pictures: {pictures}, in {folder}"
    return line if pictures else f"{line} (none came: are sample rate and waveform those of the recording?)"
