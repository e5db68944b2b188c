"""ADALM-Pluto and others with an AD9361/AD9363 behind libiio."""

from __future__ import annotations

from typing import Literal

from semcom.sdr_configs.real_radio import HardwareRadio
from semcom.sdr_configs.schema import Field


class PlutoRadio(HardwareRadio):
    """Pluto over gr-iio (C++) or pyadi-iio (Python). Ranges: those of the AD9361, which a Pluto can be unlocked to."""

    driver: Literal["pluto"]
    uri: str = Field("ip:192.168.2.1", pattern=r"^(ip:[^\s/]*|usb:[0-9.]*|local:|serial:\S+)$", max_length=200)
    library: Literal["gr-iio", "pyadi-iio"] = Field("gr-iio", description="who talks to the device")
    center_freq_hz: float = Field(ge=46.875e6, le=6e9, description="a Pluto as delivered: 325e+6 to 3.8e+9")
    sample_rate_hz: float = Field(2.0e6, ge=520_834, le=61.44e6)
    rf_bandwidth_hz: float = Field(2.0e6, ge=200e3, le=56e6)
    tx_attenuation_db: float = Field(20.0, ge=0, le=89.75, description="0 is full power, about 7 dBm; steps of 0.25")
    rx_gain_db: float = Field(40.0, ge=-3, le=73, description="where rx_gain_mode is manual; steps of 1")
    rx_gain_mode: Literal["manual", "slow_attack", "fast_attack", "hybrid"] = "manual"
    loopback: Literal["none", "digital"] = Field("none", description="digital: inside the AD9361, nothing on the air")
    num_rx_buffers: int = Field(4, ge=2, le=64, description="kernel buffers that rx_buffer_ms is divided into")
