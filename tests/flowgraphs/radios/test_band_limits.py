"""A signal that would leave the band is refused by frequency; within it nothing is said."""

import pytest

from semcom.flowgraphs.errors import RadioSettingError
from semcom.flowgraphs.radios.band_limits import check_band_limits
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import parse_radio

SOAPY = {"driver": "soapy", "device_args": "driver=none", "center_freq_hz": 2.4e9, "sample_rate_hz": 2e6}
HALF_HZ = 26.5 / 64 * 1e6  # of ofdm64: used carriers to +-26, half a subcarrier beyond


def check(**keys) -> None:
    check_band_limits(parse_radio({**SOAPY, **keys}), Waveform.load("ofdm64"))


def test_the_outermost_carriers_count():
    check()
    check(band_limits_hz=[2.4e9 - HALF_HZ, 2.4e9 + HALF_HZ])
    for limits in ([2.4e9 - HALF_HZ + 1, 2.5e9], [2.3e9, 2.4e9 + HALF_HZ - 1]):
        with pytest.raises(RadioSettingError, match=r"signal must lie within band_limits_hz .* occupies 2399585938 to"):
            check(band_limits_hz=limits)


def test_a_radio_without_antenna_has_no_band():
    check_band_limits(parse_radio({"driver": "zmq"}), Waveform.load("ofdm64"))


@pytest.mark.parametrize("limits", [[2.5e9, 2.3e9], [0.0, 1e9], [1e9, 1e12]])
def test_a_band_that_cannot_be_is_refused(limits):
    with pytest.raises(ConfigError, match=r"band_limits_hz must be \[lowest, highest\]"):
        check(band_limits_hz=limits)
