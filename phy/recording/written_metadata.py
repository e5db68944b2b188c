"""The metadata of a recording that is being written: bounded, whatever happens in it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from semcom.phy.recording.datatypes import DEFAULT

SPECIFICATION = "1.2.0"
EXTENSION = {"name": "semcom", "version": "0.2.0", "optional": True}
MAX_ANNOTATIONS = 20_000
MAX_CAPTURES = 20_000
"""Entries of either kind, which stay below 12 MB: what is beyond is counted, not listed."""


@dataclass(frozen=True)
class About:
    """What is known of a recording from its start.

    Attributes
    ----------
    sample_rate_hz : float
    center_freq_hz : float or None
        The radio's oscillator.
    facts : dict
        Further keys of ``global``.
    freq_edges_hz : (float, float) or None
        Of the signal, for annotations.
    """

    sample_rate_hz: float
    center_freq_hz: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    freq_edges_hz: tuple[float, float] | None = None


class WrittenMetadata:
    """Captures and annotations as they come. The first capture begins now.

    Parameters
    ----------
    about : About

    Attributes
    ----------
    is_stale : bool
        Whether a file written before says less than is known now of captures; kept by who writes the file.
    """

    def __init__(self, about: About) -> None:
        self.about, self.is_stale = about, True
        self._began_s = Fraction(time.time_ns(), 10**9)
        self._first_time_s: Fraction | None = None  # of sample 0, as the radio counts
        self._captures: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._not_listed = {"annotations": 0, "captures": 0}
        self.begin_capture(0, self._began_s)

    def begin_capture(
        self,
        num_samples: int,
        time_s: Fraction | None = None,
        radio_time_s: Fraction | None = None,
        center_freq_hz: float | None = None,
    ) -> None:
        """The next sample does not follow on the last one: samples are missing, or the radio is tuned elsewhere.

        Parameters
        ----------
        num_samples : int
            Written so far.
        time_s : Fraction, optional
            Of the next sample, seconds since 1970. The present time where it is not given.
        radio_time_s : Fraction, optional
            The same as the radio counts, from whatever start: says exactly how many samples are missing.
        center_freq_hz : float, optional
            From here on. Without a time, no sample is missing.
        """
        rate_hz = Fraction(self.about.sample_rate_hz)
        now_s = Fraction(time.time_ns(), 10**9) if time_s is None else time_s
        index = num_samples
        if self._captures:
            first_s, this_s = (
                (self._first_time_s, radio_time_s)
                if None not in (self._first_time_s, radio_time_s)
                else (self._began_s, now_s)
            )
            least = self._captures[-1]["core:global_index"] + index - self._captures[-1]["core:sample_start"]
            index = max(round((this_s - first_s) * rate_hz), least)
            if center_freq_hz is not None and time_s is None and radio_time_s is None:
                index, now_s = least, self._began_s + least / rate_hz
        elif radio_time_s is not None:
            self._first_time_s = radio_time_s
        entry: dict[str, Any] = {
            "core:sample_start": num_samples,
            "core:global_index": index,
            "core:datetime": _written(now_s),
        }
        freq_hz = center_freq_hz or self.about.center_freq_hz
        if freq_hz:
            entry["core:frequency"] = freq_hz
        if self._captures and self._captures[-1]["core:sample_start"] == num_samples:
            self._captures[-1] = entry | {"core:global_index": max(index, self._captures[-1]["core:global_index"])}
        elif len(self._captures) >= MAX_CAPTURES:
            self._not_listed["captures"] += 1
        else:
            self._captures.append(entry)
        self.is_stale = True

    def begin_now(self) -> None:
        """The first sample is here, and no radio has told its time."""
        if self._first_time_s is None:
            self._began_s = Fraction(time.time_ns(), 10**9)
            self._captures[0]["core:datetime"] = _written(self._began_s)

    def set_time(self, num_samples: int, time_s: Fraction | None, radio_time_s: Fraction) -> None:
        """The radio tells the time of the next sample, which follows on the last one."""
        self._first_time_s = radio_time_s - Fraction(num_samples) / Fraction(self.about.sample_rate_hz)
        if time_s is not None and len(self._captures) == 1:
            self._began_s = time_s - Fraction(num_samples) / Fraction(self.about.sample_rate_hz)
            self._captures[0]["core:datetime"] = _written(self._began_s)
            self.is_stale = True

    def annotate(self, start_sample: int, sample_count: int, label: str, comment: str = "") -> None:
        """A burst lies here; counted in the recording's own samples."""
        if len(self._annotations) >= MAX_ANNOTATIONS:
            self._not_listed["annotations"] += 1
            return
        entry = {
            "core:sample_start": max(0, start_sample),
            "core:sample_count": max(1, sample_count),
            "core:label": label,
        }
        if comment:
            entry["core:comment"] = comment
        if self.about.freq_edges_hz:
            low_hz, high_hz = self.about.freq_edges_hz
            entry |= {"core:freq_lower_edge": low_hz, "core:freq_upper_edge": high_hz}
        self._annotations.append(entry)

    def cut_to(self, num_samples: int) -> None:
        """The recording has become shorter."""
        self._captures = [entry for entry in self._captures if entry["core:sample_start"] <= num_samples]

    def text(self, sha512: str = "") -> bytes:
        """The file's content as things are; with a checksum the samples are complete."""
        about: dict[str, Any] = {
            "core:datatype": DEFAULT,
            "core:sample_rate": self.about.sample_rate_hz,
            "core:version": SPECIFICATION,
            "core:num_channels": 1,
            "core:extensions": [EXTENSION],
            **self.about.facts,
        }
        about |= {f"semcom:{kind}_not_listed": count for kind, count in self._not_listed.items() if count}
        if sha512:
            about["core:sha512"] = sha512
        annotations = sorted(self._annotations, key=lambda entry: entry["core:sample_start"])
        content = {"global": about, "captures": self._captures, "annotations": annotations}
        return (json.dumps(content, indent=2) + "\n").encode()


def _written(time_s: Fraction) -> str:
    """RFC 3339, to the nanosecond."""
    whole, nanoseconds = divmod(int(time_s * 10**9), 10**9)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
