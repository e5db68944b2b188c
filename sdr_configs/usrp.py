"""USRPs, by UHD."""

from __future__ import annotations

from typing import Literal

from semcom.sdr_configs.real_radio import HardwareRadio
from semcom.sdr_configs.schema import Field


class UsrpRadio(HardwareRadio):
    """USRP over gr-uhd. Bursts leave with start and end marks: between them nothing is sent and nothing underruns."""

    driver: Literal["uhd"]
    device_args: str = Field("", max_length=300, description="as for uhd_usrp_probe: type=b200, addr=192.168.10.2")
    center_freq_hz: float = Field(ge=1e6, le=7.2e9, description="what the daughterboard can do is checked on opening")
    sample_rate_hz: float = Field(2.0e6, ge=100e3, le=200e6)
    rf_bandwidth_hz: float = Field(2.0e6, ge=100e3, le=200e6)
    tx_gain_db: float = Field(20.0, ge=0, le=100, description="0 is least; B210 up to 89.75")
    rx_gain_db: float = Field(40.0, ge=0, le=100, description="B210 up to 76")
    tx_antenna: str = Field("TX/RX", max_length=20)
    rx_antenna: str = Field("RX2", max_length=20)
    clock_source: Literal["internal", "external", "gpsdo"] = "internal"
    bursty: bool = Field(True, description="false: zeros between bursts")

    @property
    def shifts_digitally(self) -> bool:
        """UHD does it in the device, at the device's own clock rate."""
        return False
