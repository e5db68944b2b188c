"""SoapySDR devices over gr-soapy."""

from __future__ import annotations

from typing import Any

from gnuradio import soapy

from semcom.flowgraphs.errors import RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.radios.endpoint import RadioEndpoint, Reading, check_range, check_rate
from semcom.sdr_configs.soapy import SoapyRadio

GAIN_STEP_DB = 1.0
FREQUENCY_STEP_HZ = 100.0


def open_sink(radio: SoapyRadio) -> RadioEndpoint:
    """The device as a sink."""
    if not radio.can_transmit:
        raise RadioSettingError("can_transmit must be true for a radio that is to transmit, got false")
    block = _make(soapy.sink, radio)
    return _settle(block, radio, radio.center_freq_hz, "tx_gain_db", radio.tx_gain_db, radio.tx_antenna)


def open_source(radio: SoapyRadio) -> RadioEndpoint:
    """The device as a source."""
    block = _make(soapy.source, radio)
    return _settle(block, radio, radio.rx_center_freq_hz, "rx_gain_db", radio.rx_gain_db, radio.rx_antenna)


def _make(kind: Any, radio: SoapyRadio) -> Any:
    try:
        return kind(radio.device_args, "fc32", 1, "", radio.stream_args, [""], [""])
    except (RuntimeError, ValueError) as error:
        raise RadioNotFoundError(
            f"SoapySDR finds no device for device_args {radio.device_args!r} ({' '.join(str(error).split())}); "
            "`SoapySDRUtil --find` lists those there are"
        ) from None


def _settle(block: Any, radio: SoapyRadio, freq_hz: float, gain_key: str, gain_db: float, antenna: str):
    """Set everything, read it back."""
    freq_hz += radio.lo_offset_hz
    check_range("center_freq_hz with its offsets", freq_hz, _pairs(block.get_frequency_range(0)))
    check_range("sample_rate_hz", radio.sample_rate_hz, _pairs(block.get_sample_rate_range(0)))
    check_range(gain_key, gain_db, _pairs([block.get_gain_range(0)]))
    if antenna and antenna not in block.list_antennas(0):
        raise RadioSettingError(f"antenna must be one of {', '.join(block.list_antennas(0))}, got {antenna!r}")
    try:
        block.set_sample_rate(0, radio.sample_rate_hz)
        block.set_frequency(0, freq_hz)
        block.set_bandwidth(0, radio.rf_bandwidth_hz)
        if radio.freq_correction_ppm:
            block.set_frequency_correction(0, radio.freq_correction_ppm)
        if antenna:
            block.set_antenna(0, antenna)
        if block.has_gain_mode(0):
            block.set_gain_mode(0, False)
        block.set_gain(0, gain_db)
    except (RuntimeError, ValueError) as error:
        raise RadioSettingError(f"device refuses a setting: {' '.join(str(error).split())}") from None
    rate_hz = block.get_sample_rate(0)
    check_rate(radio.sample_rate_hz, rate_hz)
    readings = [
        Reading("sample_rate_hz", radio.sample_rate_hz, rate_hz, 0.5),
        Reading("center_freq_hz", freq_hz, block.get_frequency(0), FREQUENCY_STEP_HZ),
        Reading(gain_key, gain_db, block.get_gain(0), GAIN_STEP_DB),
    ]

    def set_gain_db(value: float) -> float:
        check_range(gain_key, value, _pairs([block.get_gain_range(0)]))
        block.set_gain(0, value)
        return block.get_gain(0)

    return RadioEndpoint(block, rate_hz, readings, set_gain_db=set_gain_db)


def _pairs(ranges: Any) -> list[tuple[float, float]]:
    return [(entry.minimum(), entry.maximum()) for entry in ranges if entry.maximum() > entry.minimum()]
