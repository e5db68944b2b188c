"""GNU Radio's own OFDM chain through its channel model: what the standard blocks give, for comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pmt
from gnuradio import blocks, channels, gr
from gnuradio.digital import ofdm_txrx

from semcom.flowgraphs.loopback.watchdog import run_to_end

FFT_SIZE = 64
_QPSK = 2
_LEAD, _TAIL = 4000, 60_000
_GAPS = (200, 2001)
_BUFFER = 65_536  # with less, long packets stand still


def run_stock_ofdm(
    payloads: Sequence[bytes], snr_db: float | None, cfo_subcarriers: float, seed: int, timeout_s: float
) -> tuple[set[bytes], int]:
    """Send packets of equal length, each a burst with silence around it, through ``ofdm_tx`` and ``ofdm_rx``.

    Parameters
    ----------
    payloads : sequence of bytes
    snr_db : float or None
        Mean burst power over noise variance at the sample rate; None: no noise.
    cfo_subcarriers : float
    seed : int
    timeout_s : float
        For each direction.

    Returns
    -------
    arrived : set of bytes
        Packets whose CRC was right.
    channel_uses : int
        Samples of a burst.
    """
    bursts = _transmit(payloads, timeout_s)
    rng = np.random.default_rng(seed)
    parts = [np.zeros(_LEAD, np.complex64)]
    for burst in bursts:
        parts += [burst, np.zeros(int(rng.integers(*_GAPS)), np.complex64)]
    stream = np.concatenate([*parts, np.zeros(_TAIL, np.complex64)])
    top_block, source, sink = gr.top_block(), blocks.vector_source_c(stream.tolist(), False), blocks.vector_sink_b()
    noise = 0.0 if snr_db is None else 10 ** (-snr_db / 20)
    air = channels.channel_model(noise, cfo_subcarriers / FFT_SIZE, 1.0, [1.0], seed, False)
    receiver = ofdm_txrx.ofdm_rx(bps_header=1, bps_payload=_QPSK)
    receiver.set_min_output_buffer(_BUFFER)
    top_block.connect(source, air, receiver, sink)
    run_to_end(top_block, timeout_s)
    data, size = bytes(sink.data()), len(payloads[0])
    return {data[start : start + size] for start in range(0, len(data) - size + 1, size)}, bursts.shape[1]


def _transmit(payloads: Sequence[bytes], timeout_s: float) -> np.ndarray:
    """complex64 [packets, samples], mean power 1."""
    size, tags = len(payloads[0]), []
    for number in range(len(payloads)):
        tag = gr.tag_t()
        tag.offset, tag.key, tag.value = number * size, pmt.intern("packet_length"), pmt.from_long(size)
        tags.append(tag)
    top_block, sink = gr.top_block(), blocks.vector_sink_c()
    source = blocks.vector_source_b(list(b"".join(payloads)), False, 1, tags)
    modulator = ofdm_txrx.ofdm_tx(bps_header=1, bps_payload=_QPSK)
    top_block.connect(source, modulator, sink)
    run_to_end(top_block, timeout_s)
    samples = np.array(sink.data(), np.complex64)
    samples /= np.sqrt(np.mean(np.abs(samples) ** 2))
    return samples.reshape(len(payloads), -1)
