"""Whatever has a SoapySDR driver: RTL-SDR (receives only), HackRF, LimeSDR and more."""

from __future__ import annotations

from typing import Literal

from semcom.sdr_configs.real_radio import HardwareRadio
from semcom.sdr_configs.schema import Field


class SoapyRadio(HardwareRadio):
    """A device behind SoapySDR. Its own ranges are asked for and checked on opening.

    Zeros are sent between bursts: gr-soapy of GNU Radio 3.10.5 throws tagged bursts away once one write falls short.
    """

    driver: Literal["soapy"]
    device_args: str = Field(min_length=1, max_length=300, description="driver=rtlsdr, as for SoapySDRUtil --make")
    stream_args: str = Field("", max_length=300)
    can_transmit: bool = Field(True, description="false for receivers")
    tx_gain_db: float = Field(20.0, ge=-100, le=200)
    rx_gain_db: float = Field(40.0, ge=-100, le=200)
    tx_antenna: str = Field("", max_length=40, description="empty: the device's first")
    rx_antenna: str = Field("", max_length=40)
    freq_correction_ppm: float = Field(0.0, ge=-200, le=200, description="of the crystal, where the driver knows it")
