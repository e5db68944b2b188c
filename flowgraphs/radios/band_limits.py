"""Nothing is transmitted outside of the band that the radio file allows."""

from __future__ import annotations

from semcom.flowgraphs.errors import RadioSettingError
from semcom.flowgraphs.radios.rate_change import occupied_edge
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.real_radio import HardwareRadio, RealRadio


def check_band_limits(radio: RealRadio, waveform: Waveform) -> None:
    """Refuse a radio whose signal would leave `band_limits_hz`: used carriers, half a subcarrier beyond the outermost.

    Raises
    ------
    RadioSettingError
    """
    if not isinstance(radio, HardwareRadio) or radio.band_limits_hz is None:
        return
    low_hz, high_hz = radio.band_limits_hz
    edge_hz = occupied_edge(waveform) * waveform.nominal_rate_hz
    begin_hz, end_hz = radio.center_freq_hz - edge_hz, radio.center_freq_hz + edge_hz
    if begin_hz < low_hz or end_hz > high_hz:
        raise RadioSettingError(
            f"signal must lie within band_limits_hz ({low_hz:.10g} to {high_hz:.10g}), waveform {waveform.name} at "
            f"center_freq_hz {radio.center_freq_hz:.10g} occupies {begin_hz:.10g} to {end_hz:.10g}"
        )
