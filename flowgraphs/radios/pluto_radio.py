"""Plutos: samples by gr-iio (C++) or pyadi-iio (Python), settings by libiio."""

from __future__ import annotations

import ctypes
from typing import Any

from semcom.flowgraphs.errors import RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.radios import PACKAGES
from semcom.flowgraphs.radios.endpoint import RadioEndpoint
from semcom.flowgraphs.radios.pluto_control import PlutoControl
from semcom.sdr_configs.pluto import PlutoRadio

NUM_TX_BUFFERS = 4
"""Of libiio and its kernel, that ``tx_buffer_ms`` is divided into."""

BUFFER_STEP = 1024
CHANNELS = [True, True]
"""I and Q."""


def open_sink(radio: PlutoRadio) -> RadioEndpoint:
    """The device as a sink. It takes whole buffers only, and zeros between bursts."""
    control = PlutoControl(radio)
    control.prepare()
    readings = control.set_up(transmitting=True)
    buffer_samples = _whole_buffer(radio.tx_buffer_ms * 1e-3 * radio.sample_rate_hz / NUM_TX_BUFFERS)
    if radio.library == "gr-iio":
        block = _guarded(radio, _gr_iio_sink, radio, buffer_samples)
    else:
        block = _guarded(radio, _pyadi, "pyadi_sink", radio, buffer_samples)
    return RadioEndpoint(
        block,
        radio.sample_rate_hz,
        [control.read_rate(transmitting=True), *readings],
        buffer_samples=buffer_samples * NUM_TX_BUFFERS,
        set_gain_db=lambda gain_db: control.set_gain_db(True, gain_db),
    )


def open_source(radio: PlutoRadio) -> RadioEndpoint:
    """The device as a source."""
    control = PlutoControl(radio)
    control.prepare()
    readings = control.set_up(transmitting=False)
    buffer_samples = _whole_buffer(radio.rx_buffer_ms * 1e-3 * radio.sample_rate_hz / radio.num_rx_buffers)
    if radio.library == "gr-iio":
        block = _guarded(radio, _gr_iio_source, radio, buffer_samples)
    else:
        block = _guarded(radio, _pyadi, "pyadi_source", radio, buffer_samples)
    return RadioEndpoint(
        block,
        radio.sample_rate_hz,
        [control.read_rate(transmitting=False), *readings],
        set_gain_db=lambda gain_db: control.set_gain_db(False, gain_db),
    )


def _gr_iio_sink(radio: PlutoRadio, buffer_samples: int) -> Any:
    from gnuradio import iio

    block = iio.fmcomms2_sink_fc32(radio.uri, CHANNELS, buffer_samples, False)
    block.set_len_tag_key("")
    block.set_bandwidth(round(radio.rf_bandwidth_hz))
    block.set_frequency(radio.center_freq_hz + radio.lo_offset_hz)
    block.set_samplerate(round(radio.sample_rate_hz))
    block.set_attenuation(0, radio.tx_attenuation_db)
    block.set_filter_params("Auto", "", 0, 0)
    return block


def _gr_iio_source(radio: PlutoRadio, buffer_samples: int) -> Any:
    from gnuradio import iio

    block = iio.fmcomms2_source_fc32(radio.uri, CHANNELS, buffer_samples)
    # GNU Radio 3.10.5: a source that ran for less than a second, or never, waits for ever for a thread of its own when
    # it is collected. So it never is; its thread ends when the source stops.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(block))
    block.set_len_tag_key("")
    block.set_frequency(radio.rx_center_freq_hz + radio.lo_offset_hz)
    block.set_samplerate(round(radio.sample_rate_hz))
    block.set_gain_mode(0, radio.rx_gain_mode)
    block.set_gain(0, radio.rx_gain_db)
    block.set_quadrature(True)
    block.set_rfdc(True)
    block.set_bbdc(True)
    block.set_filter_params("Auto", "", 0, 0)
    return block


def _pyadi(kind: str, radio: PlutoRadio, buffer_samples: int) -> Any:
    from semcom.flowgraphs.radios import pyadi_blocks

    return getattr(pyadi_blocks, kind)(radio.uri, radio.sample_rate_hz, buffer_samples)


def _guarded(radio: PlutoRadio, make: Any, *arguments: Any) -> Any:
    """Errors of the libraries in our words."""
    try:
        return make(*arguments)
    except ImportError as error:
        raise RadioNotFoundError(f"library {radio.library} is not installed ({error}): {PACKAGES['pluto']}") from None
    except (RuntimeError, ValueError, OSError) as error:
        raise RadioSettingError(f"Pluto at {radio.uri} refuses: {' '.join(str(error).split())}") from None


def _whole_buffer(samples: float) -> int:
    return max(1, round(samples / BUFFER_STEP)) * BUFFER_STEP
