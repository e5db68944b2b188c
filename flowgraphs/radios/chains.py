"""The two halves of every flowgraph with a real radio, to be connected by whoever wants one of them or both.

TransmitChain    burst_modulator ═ interpolating filter ═ oscillator offset ═ radio sink
ReceiveChain     radio source ═ I and Q swapped back ═ oscillator offset ═ burst_receiver, at the radio's rate

═: C++, complex64
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gnuradio import blocks, gr

from semcom.blocks import burst_modulator, burst_receiver
from semcom.flowgraphs.radios import RadioEndpoint, open_sink, open_source
from semcom.flowgraphs.radios.band_limits import check_band_limits
from semcom.flowgraphs.radios.burst_tag import LENGTH_TAG
from semcom.flowgraphs.radios.rate_change import oversampling, shift_up, up_to_radio
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.real_radio import HardwareRadio, RealRadio

TAIL_S = 0.1
"""Silence after the last burst: pushes it out of whatever buffers the driver and the device have."""

HANG_SAMPLES = 64
"""Silence after each burst where the radio falls silent between them: longer than any filter's tail."""

BUFFER_STEP = 8192
"""Samples: GNU Radio makes no smaller stream buffer, and warns of sizes in between."""


class TransmitChain:
    """Modulator, filters, radio.

    Parameters
    ----------
    radio : RealRadio
    max_blocks_per_burst : int
        Consecutive frames of equal length and mode that may share a burst.
    make_modulator : callable
        Given the open radio, the class of the modulator.

    Attributes
    ----------
    modulator : burst_modulator
    radio : RadioEndpoint
    ratio : int
        Samples of the radio per sample of the modulator.
    blocks : list
        In order, modulator and sink included; keep a reference while the flowgraph runs.
    """

    def __init__(
        self,
        radio: RealRadio,
        max_blocks_per_burst: int = 8,
        make_modulator: Callable[[RadioEndpoint], type[burst_modulator]] = lambda endpoint: burst_modulator,
    ):
        waveform = Waveform.load(radio.waveform)
        self.ratio = ratio = oversampling(radio.sample_rate_hz, waveform)
        check_band_limits(radio, waveform)
        self.radio = endpoint = open_sink(radio)
        try:
            self.modulator = make_modulator(endpoint)(
                waveform,
                max_blocks_per_burst=max_blocks_per_burst,
                gap_samples=round(radio.gap_ms * 1e-3 * waveform.nominal_rate_hz),
                tail_samples=round(TAIL_S * waveform.nominal_rate_hz) + 2 * endpoint.buffer_samples // ratio,
                amplitude=radio.tx_amplitude,
                idle_zeros=endpoint.endless and not endpoint.bursty,
                hang_samples=HANG_SAMPLES if endpoint.bursty else 0,
                length_tag=LENGTH_TAG if endpoint.bursty else "",
            )
            self.modulator.set_log_level("warn")
            if isinstance(radio, HardwareRadio):
                ahead = round(radio.tx_buffer_ms * 1e-3 * waveform.nominal_rate_hz)
                self.modulator.set_max_output_buffer(max(1, ahead // BUFFER_STEP) * BUFFER_STEP)
            chain = up_to_radio(waveform, ratio, _lo_offset_hz(radio))
            if endpoint.bursty and ratio > 1:
                chain.append(blocks.tagged_stream_multiply_length(gr.sizeof_gr_complex, LENGTH_TAG, ratio))
            self.blocks: list[Any] = [self.modulator, *chain, endpoint.block]
        except BaseException:
            endpoint.close()
            raise

    @property
    def samples_taken(self) -> int:
        """What the driver has taken so far, in samples of the modulator; at most one stream buffer too many."""
        sink = self.blocks[-1]
        if hasattr(sink, "nitems_read"):
            return sink.nitems_read(0) // self.ratio
        return self.blocks[-2].nitems_written(0) // (self.ratio if len(self.blocks) > 2 else 1)


class ReceiveChain:
    """Radio and receiver.

    Parameters
    ----------
    radio : RealRadio

    Attributes
    ----------
    receiver : burst_receiver
        At the radio's rate.
    radio : RadioEndpoint
    blocks : list
        In order, source and receiver included; keep a reference while the flowgraph runs.
    """

    def __init__(self, radio: RealRadio):
        waveform = Waveform.load(radio.waveform)
        self.radio = endpoint = open_source(radio)
        try:
            self.receiver = burst_receiver(
                waveform, endpoint.sample_rate_hz, radio.max_cfo_subcarriers, num_workers=radio.rx_workers
            )
            shift = shift_up(_lo_offset_hz(radio), endpoint.sample_rate_hz)
            if isinstance(radio, HardwareRadio) and hasattr(endpoint.block, "set_min_output_buffer"):
                endpoint.block.set_log_level("warn")  # else each block says how large its buffer is
                held = round(radio.rx_buffer_ms * 1e-3 * endpoint.sample_rate_hz)
                endpoint.block.set_min_output_buffer(held)
            # First of all: frequencies are shifted afterwards, and shift the right way then.
            upright = [blocks.conjugate_cc()] if radio.iq_swap else []
            self.blocks: list[Any] = [endpoint.block, *upright, *shift, self.receiver]
        except BaseException:
            endpoint.close()
            raise

    @property
    def num_samples(self) -> int:
        """Taken from the radio so far, at its rate."""
        return self.receiver.nitems_read(0)


def _lo_offset_hz(radio: RealRadio) -> float:
    """What our own filters have to make good."""
    return radio.lo_offset_hz if isinstance(radio, HardwareRadio) and radio.shifts_digitally else 0.0
