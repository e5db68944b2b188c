"""The narrow interface of all radios: a block, and the settings as the device reads them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from semcom.flowgraphs.errors import RadioSettingError

MAX_RATE_ERROR_PPM = 20.0
"""A sample clock further off than this is another rate, and the modem would not follow it."""


@dataclass(frozen=True)
class Reading:
    """A setting as it was asked for and as the device reads it back."""

    name: str
    asked: float
    got: float
    step: float
    """The device's resolution: a difference up to this is no news."""

    @property
    def differs(self) -> bool:
        return abs(self.got - self.asked) > self.step

    def __str__(self) -> str:
        return f"{self.name}: asked for {self.asked:.10g}, the radio runs at {self.got:.10g}"


@dataclass
class RadioEndpoint:
    """One direction of an open radio.

    Attributes
    ----------
    block : gr.basic_block
        complex64, full scale 1.
    sample_rate_hz : float
        As the device runs.
    readings : list of Reading
    bursty : bool
        A sink that wants tagged bursts and nothing between; else it wants samples without pause.
    endless : bool
        A source that gives samples as long as the device lives: when none come, it is lost.
    buffer_samples : int
        A sink that takes whole buffers of so many samples only: what does not fill one stays behind.
    set_gain_db : callable or None
        Sets the gain while running and returns it as read back. Larger is always stronger.
    annotate : callable or None
        Takes (start_sample, sample_count, label) of each burst sent, at the radio's rate, before `close`.
    first_sample : int
        Number, in a recording, of the first sample that a source gives.
    notes : list of str
        What a person should know of a recording: parts that are left out.
    taken_by : str
        What to look at where a sink takes no samples.
    release : callable
        What `close` does for this driver.
    """

    block: Any
    sample_rate_hz: float
    readings: list[Reading] = field(default_factory=list)
    bursty: bool = False
    endless: bool = True
    buffer_samples: int = 0
    set_gain_db: Callable[[float], float] | None = None
    annotate: Callable[[int, int, str], None] | None = None
    first_sample: int = 0
    notes: list[str] = field(default_factory=list)
    taken_by: str = "is it still plugged in?"
    release: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Give the device back, after the flowgraph has stopped or where it never ran; more than once does no harm.

        The block is let go: some drivers hold the device, or poll it, until then.
        """
        release, self.release = self.release, lambda: None
        release()
        self.block = self.set_gain_db = self.annotate = None

    @property
    def differences(self) -> list[str]:
        """What the device does otherwise than asked, in words."""
        return [str(reading) for reading in self.readings if reading.differs]


def check_rate(asked_hz: float, got_hz: float) -> None:
    """Refuse a device that runs at another sample rate."""
    if abs(got_hz / asked_hz - 1) * 1e6 > MAX_RATE_ERROR_PPM:
        raise RadioSettingError(
            f"sample_rate_hz must be a rate that the device can run at, got {asked_hz:.10g}: it runs at {got_hz:.10g}"
        )


def check_range(name: str, value: float, ranges: list[tuple[float, float]]) -> None:
    """Refuse a value outside of what the device says it can do; a device that says nothing is believed."""
    if ranges and not any(low <= value <= high for low, high in ranges):
        told = ", ".join(f"{low:.10g} to {high:.10g}" for low, high in ranges[:4])
        raise RadioSettingError(f"{name} must be within what the device can do ({told}), got {value:.10g}")
