"""USRPs over gr-uhd."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from gnuradio import uhd

from semcom.flowgraphs.errors import RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.radios.burst_tag import LENGTH_TAG
from semcom.flowgraphs.radios.endpoint import RadioEndpoint, Reading, check_range, check_rate
from semcom.sdr_configs.usrp import UsrpRadio

GAIN_STEP_DB = 1.0
FREQUENCY_STEP_HZ = 100.0


def open_sink(radio: UsrpRadio) -> RadioEndpoint:
    """The device as a sink. Bursts start and end by `LENGTH_TAG`: UHD makes ``tx_sob`` and ``tx_eob`` of it."""
    arguments = (radio.device_args, uhd.stream_args(cpu_format="fc32", channels=[0]))
    block = _make(uhd.usrp_sink, radio, *arguments, *((LENGTH_TAG,) if radio.bursty else ()))
    endpoint = _settle(block, radio, radio.center_freq_hz, "tx_gain_db", radio.tx_gain_db, radio.tx_antenna)
    endpoint.bursty = radio.bursty
    return endpoint


def open_source(radio: UsrpRadio) -> RadioEndpoint:
    """The device as a source, its clock set to the time of day.

    It tags ``rx_time`` after each overflow, from which the receiver starts anew.
    """
    block = _make(uhd.usrp_source, radio, radio.device_args, uhd.stream_args(cpu_format="fc32", channels=[0]))
    with suppress(RuntimeError):  # a device without a clock of its own
        block.set_time_now(uhd.time_spec(time.time()))
    return _settle(block, radio, radio.rx_center_freq_hz, "rx_gain_db", radio.rx_gain_db, radio.rx_antenna)


def _make(kind: Any, radio: UsrpRadio, *arguments: Any) -> Any:
    try:
        return kind(*arguments)
    except (RuntimeError, ValueError, IndexError, KeyError) as error:
        raise RadioNotFoundError(
            f"UHD finds no device for device_args {radio.device_args!r} ({' '.join(str(error).split())}); "
            "`uhd_find_devices` lists those there are"
        ) from None


def _settle(block: Any, radio: UsrpRadio, freq_hz: float, gain_key: str, gain_db: float, antenna: str) -> RadioEndpoint:
    """Set everything, read it back."""
    block.set_log_level("warn")
    check_range("center_freq_hz", freq_hz, _pairs(block.get_freq_range(0)))
    check_range(gain_key, gain_db, _pairs(block.get_gain_range(0)))
    if antenna and antenna not in block.get_antennas(0):
        raise RadioSettingError(f"antenna must be one of {', '.join(block.get_antennas(0))}, got {antenna!r}")
    try:
        if radio.clock_source != "internal":
            block.set_clock_source(radio.clock_source, 0)
        block.set_samp_rate(radio.sample_rate_hz)
        block.set_center_freq(uhd.tune_request(freq_hz, radio.lo_offset_hz) if radio.lo_offset_hz else freq_hz, 0)
        block.set_bandwidth(radio.rf_bandwidth_hz, 0)
        if antenna:
            block.set_antenna(antenna, 0)
        block.set_gain(gain_db, 0)
    except (RuntimeError, ValueError) as error:
        raise RadioSettingError(f"device refuses a setting: {' '.join(str(error).split())}") from None
    rate_hz = block.get_samp_rate()
    check_rate(radio.sample_rate_hz, rate_hz)
    readings = [
        Reading("sample_rate_hz", radio.sample_rate_hz, rate_hz, 0.5),
        Reading("center_freq_hz", freq_hz, block.get_center_freq(0), FREQUENCY_STEP_HZ),
        Reading(gain_key, gain_db, block.get_gain(0), GAIN_STEP_DB),
    ]

    def set_gain_db(value: float) -> float:
        check_range(gain_key, value, _pairs(block.get_gain_range(0)))
        block.set_gain(value, 0)
        return block.get_gain(0)

    return RadioEndpoint(block, rate_hz, readings, set_gain_db=set_gain_db)


def _pairs(ranges: Any) -> list[tuple[float, float]]:
    return [(ranges.start(), ranges.stop())] if ranges.stop() > ranges.start() else []
