"""For sigmf_replay.grc: what a recording says of itself, so that nobody has to type it, and what came of it.

GNU Radio Companion imports this while a flowgraph is drawn, also in a Python that lacks what the modem needs: nothing
beyond the standard library is imported before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcom.flowgraphs.errors import RadioError

READ_HERE = "cf32_le"
DEFAULT_WAVEFORM = "ofdm64"


@dataclass(frozen=True)
class Replayed:
    """How to receive from a recording.

    Attributes
    ----------
    data_file : str
        complex64 samples.
    sample_rate_hz : float
        0 where nobody knows it.
    waveform : str
    max_cfo_subcarriers : float
        0: the waveform's own.
    problem : str
        Why it cannot be replayed; empty where it can.
    """

    data_file: str
    sample_rate_hz: float
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
        from semcom.flowgraphs.radios.sigmf_files import DATA, META, read_recording, stem_of, with_ending
    except ImportError as error:
        return Replayed(recording, sample_rate_hz, problem=f"recordings cannot be read in this Python: {error}")
    stem = stem_of(recording)
    data_path = with_ending(stem, DATA)
    if sample_rate_hz and not with_ending(stem, META).exists():
        return _samples_alone(data_path if data_path.exists() else Path(recording), sample_rate_hz)
    try:
        found = read_recording(recording, verify=False)
    except RadioError as error:
        advice = "; samples without metadata need a sample rate (-s)" if data_path.exists() else ""
        return Replayed(str(data_path), sample_rate_hz, problem=f"{error}{advice}")
    problem = ""
    if found.datatype != READ_HERE:
        problem = f"{recording}: core:datatype must be {READ_HERE} here, got {found.datatype!r}: use semcom replay"
    return Replayed(
        str(found.data_path),
        sample_rate_hz or found.sample_rate_hz,
        found.waveform or DEFAULT_WAVEFORM,
        found.max_cfo_subcarriers or 0.0,
        problem,
    )


def what_came(receiver: Any, folder: str) -> str:
    """The end of a replay in a line, from its `semantic_receiver`."""
    bursts, pictures = receiver.modem.receiver.counts["bursts"], receiver.decoder.counts["pictures"]
    line = f"bursts: {bursts}, pictures: {pictures}, in {folder}"
    return line if pictures else f"{line} (none came: are sample rate and waveform those of the recording?)"


def _samples_alone(path: Path, sample_rate_hz: float) -> Replayed:
    problem = "" if path.is_file() else f"recording {path}: must be a file, there is none"
    return Replayed(str(path), sample_rate_hz, problem=problem)
