"""A Pluto over pyadi-iio: for computers whose GNU Radio has no gr-iio, and to compare the two."""

from __future__ import annotations

import logging

import adi
import numpy as np
from gnuradio import gr

TX_FULL_SCALE = 32767.0
RX_FULL_SCALE = 2048.0
_END = -1

log = logging.getLogger("semcom.flowgraphs")


class pyadi_sink(gr.sync_block):  # noqa: N801 (GNU Radio names its blocks so)
    """Fills buffers and pushes them; the last one is padded with zeros and pushed when the flowgraph stops.

    Parameters
    ----------
    uri : str
    sample_rate_hz : float
    buffer_samples : int
    """

    def __init__(self, uri: str, sample_rate_hz: float, buffer_samples: int):
        gr.sync_block.__init__(self, name="pyadi sink", in_sig=[np.complex64], out_sig=None)
        self._device = adi.Pluto(uri=uri)
        self._device.sample_rate = round(sample_rate_hz)
        self._device.tx_cyclic_buffer = False
        self._buffer = np.zeros(buffer_samples, np.complex64)
        self._filled = 0

    def work(self, input_items: list, output_items: list) -> int:
        samples = input_items[0]
        count = min(len(samples), len(self._buffer) - self._filled)
        self._buffer[self._filled : self._filled + count] = samples[:count]
        self._filled += count
        if self._filled == len(self._buffer) and not self._push():
            return _END
        return count

    def stop(self) -> bool:
        if self._filled:
            self._push()
        self._device.tx_destroy_buffer()
        return True

    def _push(self) -> bool:
        self._buffer[self._filled :] = 0
        self._filled = 0
        scaled = np.clip(self._buffer.view(np.float32) * TX_FULL_SCALE, -TX_FULL_SCALE, TX_FULL_SCALE)
        try:
            self._device.tx(scaled.view(np.complex64))
        except OSError as error:
            log.warning("pyadi sink: radio lost: %s", error)
            return False
        return True


class pyadi_source(gr.sync_block):  # noqa: N801
    """Hands out buffers as they come.

    Parameters
    ----------
    uri : str
    sample_rate_hz : float
    buffer_samples : int
    """

    def __init__(self, uri: str, sample_rate_hz: float, buffer_samples: int):
        gr.sync_block.__init__(self, name="pyadi source", in_sig=None, out_sig=[np.complex64])
        self._device = adi.Pluto(uri=uri)
        self._device.sample_rate = round(sample_rate_hz)
        self._device.rx_buffer_size = buffer_samples
        self._left = np.zeros(0, np.complex64)

    def work(self, input_items: list, output_items: list) -> int:
        if not len(self._left):
            try:
                self._left = np.asarray(self._device.rx(), np.complex64) / np.float32(RX_FULL_SCALE)
            except OSError as error:
                log.warning("pyadi source: radio lost: %s", error)
                return _END
        count = min(len(output_items[0]), len(self._left))
        output_items[0][:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def stop(self) -> bool:
        self._device.rx_destroy_buffer()
        return True
