"""What the files of all radios say that are no loopback: rates, and for hardware frequency, back-off and buffers.

The waveform runs at its own rate (1 Msps); the radio at a whole multiple of it (2 Msps), with C++ filters between.
"""

from __future__ import annotations

from typing import Annotated

from semcom.sdr_configs.schema import Field, model_validator
from semcom.sdr_configs.settings import Settings

MAX_COMMAND_WORDS = 32


class RealRadio(Settings):
    """Samples leave this process: a device, a file, a socket."""

    description: str = Field("", max_length=200)
    waveform: str = Field("ofdm64", min_length=1, max_length=200, description="name in waveforms/ or a path")
    sample_rate_hz: float = Field(2.0e6, gt=0, le=200e6, description="of the radio: a multiple of the waveform's rate")
    max_cfo_subcarriers: float = Field(0.0, ge=0, le=16, description="carrier offset searched; 0: the waveform's own")
    rx_workers: int = Field(0, ge=0, le=64, description="processes that decode bursts beside the receiver")
    iq_swap: bool = Field(False, description="true: what is received has I and Q swapped; swap them back")
    tx_backoff_db: float = Field(12.0, ge=3, le=60, description="burst power below full scale: room for OFDM's peaks")
    gap_ms: float = Field(1.0, ge=0, le=1000, description="silence before each burst, milliseconds")
    confirm_transmit: bool = Field(False, description="true: transmit without --confirm-transmit")
    callsign: str = Field("", pattern=r"^[A-Za-z0-9/-]{0,32}$", description="`semcom modem` sends it; empty: none")
    identify_every_min: float = Field(10.0, ge=0.1, le=1440, description="minutes between two call signs")

    @property
    def tx_amplitude(self) -> float:
        """Root mean square of a burst, full scale 1."""
        return 10 ** (-self.tx_backoff_db / 20)


class HardwareRadio(RealRadio):
    """A device with an antenna. Subclasses narrow the ranges to what their device can do."""

    center_freq_hz: float = Field(gt=0, le=300e9, description="of the signal, hertz")
    rx_freq_offset_hz: float = Field(0.0, ge=-1e6, le=1e6, description="added when receiving; written by calibrate")
    lo_offset_hz: float = Field(0.0, ge=-50e6, le=50e6, description="local oscillator above the signal, hertz")
    band_limits_hz: tuple[float, float] | None = Field(
        None, strict=False, description="[lowest, highest] frequency that may be occupied when transmitting, hertz"
    )
    rf_bandwidth_hz: float = Field(2.0e6, gt=0, le=200e6, description="of the device's analogue filters")
    rx_buffer_ms: float = Field(100.0, ge=50, le=2000, description="samples the receiving side may hold, in all")
    tx_buffer_ms: float = Field(10.0, ge=1, le=1000, description="samples ahead of the transmitter; 10 with a way back")
    ptt_command: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        (), max_length=MAX_COMMAND_WORDS, strict=False, description="program and arguments; 'on' or 'off' is added"
    )

    @property
    def rx_center_freq_hz(self) -> float:
        """Where the receiver listens."""
        return self.center_freq_hz + self.rx_freq_offset_hz

    @model_validator(mode="after")
    def _lo_offset_stays_in_band(self) -> HardwareRadio:
        if self.shifts_digitally and abs(self.lo_offset_hz) >= self.sample_rate_hz / 2:
            raise ValueError(
                f"lo_offset_hz must be less than half of sample_rate_hz ({self.sample_rate_hz / 2:g}), "
                f"got {self.lo_offset_hz:g}"
            )
        return self

    @model_validator(mode="after")
    def _band_has_a_width(self) -> HardwareRadio:
        if self.band_limits_hz is not None and not 0 < self.band_limits_hz[0] < self.band_limits_hz[1] <= 300e9:
            low, high = self.band_limits_hz
            raise ValueError(
                f"band_limits_hz must be [lowest, highest], above 0 and at most 3e11, got [{low:g}, {high:g}]"
            )
        return self

    @property
    def shifts_digitally(self) -> bool:
        """Whether the LO offset is made good by our own filters, inside the sample rate."""
        return True
