"""A closer look at a burst that failed: the channel is taken to move, and beliefs about the data help to see how.

Round by round: estimate the channel at every symbol from all that is known, equalise, demap, decode; what the decoder
then believes of the coded bits goes into the next estimate [Valenti 2001].
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semcom.phy.burst_decoder import BurstDecoder, Header, Payload, ReceivedBurst, decode_field
from semcom.phy.channel_estimation.blas_threads import single_threaded_blas
from semcom.phy.channel_estimation.impulse_response import ChannelEstimate
from semcom.phy.channel_estimation.time_varying import KnownSymbols, MovingChannelEstimator, MovingEstimate
from semcom.phy.coding import signal_field
from semcom.phy.coding.scrambler import descramble_llr
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.sync.derotation import derotate
from semcom.phy.waveform import Waveform

_HEADER_ROUNDS = 2
_SYMBOLS_BEYOND = 4
_CENTRED = 0.002  # cycles per symbol
_FILLER_LLR = 60.0


class MovingReception:
    """Works on one failed burst after another.

    Parameters
    ----------
    waveform : Waveform
    decoder : BurstDecoder
        That took the first look.
    """

    def __init__(self, waveform: Waveform, decoder: BurstDecoder) -> None:
        self._waveform = waveform
        self._decoder = decoder
        self._estimator = MovingChannelEstimator(waveform)
        self._data = np.flatnonzero(~waveform.is_pilot)

    @single_threaded_blas()
    def payload(
        self,
        payload: Payload,
        header: Header,
        beliefs: list[np.ndarray] | None = None,
        before: MovingEstimate | None = None,
    ) -> tuple[Payload, MovingEstimate]:
        """The payload equalised anew, through a channel estimated at every symbol.

        Parameters
        ----------
        payload : Payload
            From the first look.
        header : Header
        beliefs : list of float32 [coded_bits_per_block], optional
            LLRs of the coded bits of each block, as the code alone sees them: what the received symbols themselves say
            would only confirm the estimate they were equalised with.
        before : MovingEstimate, optional
            From the round before.
        """
        received = self._without_drift(payload.received)
        rows = header.layout.num_header_symbols
        known = self._pilots_only(len(received.carriers))
        known.mean[:rows] = ofdm.with_pilots(signal_field.encode(header.field, self._waveform), self._waveform)
        known.variance[:rows] = 0
        if beliefs is not None:
            mean, variance = self._expected_data(header, beliefs)
            known.mean[rows:, self._data], known.variance[rows:, self._data] = mean, variance
        if before is None:
            received, moving = self._centred(received, known, header.estimate)
        else:
            moving = self._estimator.estimate(received.preamble, received.carriers, known, header.estimate, before)
        symbols, noise_var = self._equalise(received.carriers, moving, slice(rows, None))
        return replace(payload, symbols=symbols, noise_var=noise_var, received=received), moving

    @single_threaded_blas()
    def header(self, samples: np.ndarray, cfo: float, header: Header) -> Header:
        """Try once more to decode a signal field that failed.

        Parameters
        ----------
        samples : complex64 [at least BurstDecoder.header_samples]
            From the first sample of the preamble.
        cfo : float
            Carrier offset that synchronisation found, cycles per sample.
        header : Header
            From the first look; comes back as it is where nothing is gained.
        """
        first = derotate(samples[: self._decoder.header_samples], cfo)
        for form in signal_field.CODED_BITS:
            rows = signal_field.num_symbols(self._waveform, form)
            # Pilots of the symbols that follow hold the estimate from both sides.
            carriers = self._decoder.carriers(first, header.estimate.window_start, rows + _SYMBOLS_BEYOND)
            steady = np.zeros(len(carriers), np.float32)
            received = ReceivedBurst(first[: self._waveform.preamble_length], carriers, steady)
            known = self._pilots_only(len(carriers))
            for _ in range(_HEADER_ROUNDS):
                received, moving = self._centred(received, known, header.estimate)
                if not moving.moves:
                    return header
                symbols, noise_var = self._equalise(received.carriers, moving, slice(rows))
                field, layout = decode_field(self._waveform, symbols, noise_var, form)
                if field is not None:
                    return Header(field, layout, cfo, header.estimate, symbols)
                qpsk = constellation(2)
                mean, variance = qpsk.expected(qpsk.demap(symbols.ravel(), noise_var.ravel()))
                known.mean[:rows, self._data] = mean.reshape(symbols.shape)
                known.variance[:rows, self._data] = variance.reshape(symbols.shape)
        return header

    def _centred(
        self, received: ReceivedBurst, known: KnownSymbols, static: ChannelEstimate
    ) -> tuple[ReceivedBurst, MovingEstimate]:
        """Estimate; where the response turns as a whole, take that out and estimate again.

        What the preamble took for a carrier offset may be the channel's own turning: the Doppler spectrum is then not
        where the model expects it.
        """
        moving = self._estimator.estimate(received.preamble, received.carriers, known, static)
        response = moving.response
        offset = np.angle(np.vdot(response[:-1], response[1:])) / (2 * np.pi)  # cycles per symbol
        if abs(offset) < _CENTRED:
            return received, moving
        turned = self._turned(received, offset)
        again = self._estimator.estimate(turned.preamble, turned.carriers, known, static)
        return (turned, again) if again.log_evidence > moving.log_evidence else (received, moving)

    def _turned(self, received: ReceivedBurst, offset: float) -> ReceivedBurst:
        """The burst turned back by `offset` cycles per symbol; phase zero at the end of the preamble."""
        step = self._waveform.symbol_length
        early = (np.arange(len(received.preamble)) - len(received.preamble)) / step
        late = np.arange(len(received.carriers)) + (step - self._waveform.fft_size / 2) / step
        return ReceivedBurst(
            (received.preamble * np.exp(-2j * np.pi * offset * early)).astype(np.complex64),
            (received.carriers * np.exp(-2j * np.pi * offset * late)[:, None]).astype(np.complex64),
            received.slope,
        )

    def _without_drift(self, received: ReceivedBurst) -> ReceivedBurst:
        if not received.slope.any():
            return received
        turn = np.exp(-1j * np.outer(received.slope, self._waveform.used_carriers)).astype(np.complex64)
        return ReceivedBurst(received.preamble, received.carriers * turn, np.zeros_like(received.slope))

    def _pilots_only(self, count: int) -> KnownSymbols:
        mean = np.zeros((count, self._waveform.num_used), np.complex64)
        variance = np.ones(mean.shape, np.float32)
        mean[:, self._waveform.is_pilot] = ofdm.pilot_values(self._waveform)[:count]
        variance[:, self._waveform.is_pilot] = 0
        return KnownSymbols(mean, variance)

    def _expected_data(self, header: Header, beliefs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        filler = np.full(header.layout.num_filler_bits, _FILLER_LLR, np.float32)
        llr = descramble_llr(np.concatenate([*beliefs, filler]))  # scrambling undoes itself
        mean, variance = constellation(header.field.mcs.bits_per_symbol).expected(llr)
        shape = (header.layout.num_data_symbols, len(self._data))
        return mean.reshape(shape), variance.reshape(shape)

    def _equalise(self, carriers, moving: MovingEstimate, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        response = moving.response[rows, self._data]
        power = np.abs(response) ** 2
        power = np.maximum(power, 1e-6 * power.mean())
        symbols = carriers[rows, self._data] * response.conj() / power
        noise_var = (moving.noise_var + moving.error_var[rows, self._data]) / power
        return symbols.astype(np.complex64), noise_var.astype(np.float32)
