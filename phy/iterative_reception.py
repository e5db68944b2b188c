"""Iterative time-varying channel estimation with soft decoder feedback, for bursts that failed.

Each iteration estimates the channel at every symbol from pilots, signal field and soft data symbols, equalises, demaps
and decodes; extrinsic LLRs of the decoder give the soft symbols of the next one [Valenti 2001].
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semcom.phy.burst_decoder import BurstDecoder, Header, Payload, ReceivedBurst, decode_field
from semcom.phy.channel_estimation.blas_threads import single_threaded_blas
from semcom.phy.channel_estimation.impulse_response import ChannelEstimate
from semcom.phy.channel_estimation.time_varying import KnownSymbols, TimeVaryingChannelEstimator, TimeVaryingEstimate
from semcom.phy.coding import signal_field
from semcom.phy.coding.scrambler import descramble_llr
from semcom.phy.frontend.derotation import derotate
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.waveform import Waveform
from semcom.phy.work_budget import WorkBudget

_HEADER_ROUNDS = 2
_HEADER_ROUND_US = 300  # counted work of a round beside its channel estimate, see `work_budget`
_SYMBOLS_BEYOND = 4
_CENTRED = 0.002  # cycles per symbol
_FILLER_LLR = 60.0


class IterativeReception:
    """One iteration of time-varying channel estimation and equalisation for a failed burst.

    Parameters
    ----------
    waveform : Waveform
    decoder : BurstDecoder
        Its demodulator: FFT windows and LLRs.
    """

    def __init__(self, waveform: Waveform, decoder: BurstDecoder) -> None:
        self._waveform = waveform
        self._decoder = decoder
        self._estimator = TimeVaryingChannelEstimator(waveform)
        self._data = np.flatnonzero(~waveform.is_pilot)

    @single_threaded_blas()
    def payload(
        self,
        payload: Payload,
        header: Header,
        extrinsic: list[np.ndarray] | None = None,
        before: TimeVaryingEstimate | None = None,
    ) -> tuple[Payload, TimeVaryingEstimate]:
        """Equalise the payload with a channel estimated at every symbol.

        Parameters
        ----------
        payload : Payload
            From `BurstDecoder.read_payload` or the previous iteration.
        header : Header
        extrinsic : list of float32 [coded_bits_per_block], optional
            Extrinsic LLRs of the coded bits of each block. A posteriori LLRs would include the received symbols and
            confirm the estimate they were equalised with.
        before : TimeVaryingEstimate, optional
            From the previous iteration.
        """
        received = self._without_drift(payload.received)
        rows = header.layout.num_header_symbols
        known = self._pilots_only(len(received.carriers))
        known.mean[:rows] = ofdm.with_pilots(signal_field.encode(header.field, self._waveform), self._waveform)
        known.variance[:rows] = 0
        if extrinsic is not None:
            mean, variance = self._expected_data(header, extrinsic)
            coded = slice(rows, rows + header.layout.num_data_symbols)  # nothing is known of soft text after them
            known.mean[coded, self._data], known.variance[coded, self._data] = mean, variance
        if before is None:
            received, estimate = self._centred(received, known, header.estimate)
        else:
            estimate = self._estimator.estimate(received.preamble, received.carriers, known, header.estimate, before)
        symbols, noise_var = self._equalise(received.carriers, estimate, slice(rows, None))
        return replace(payload, symbols=symbols, noise_var=noise_var, received=received), estimate

    @single_threaded_blas()
    def header(self, samples: np.ndarray, cfo: float, header: Header, budget: WorkBudget) -> Header:
        """Decode a failed signal field by iterative time-varying channel estimation.

        Parameters
        ----------
        samples : complex64 [at least BurstDecoder.header_samples]
            From the first sample of the preamble.
        cfo : float
            Carrier offset that synchronisation found, cycles per sample.
        header : Header
            From `BurstDecoder.read_header`; returned unchanged where no field is decoded.
        budget : WorkBudget
            Its burst is open; no round begins without credit.
        """
        first = derotate(samples[: self._decoder.header_samples], cfo)
        for form in signal_field.CODED_BITS:
            rows = signal_field.num_symbols(self._waveform, form)
            # Pilots of the symbols that follow constrain the estimate from both sides.
            carriers = self._decoder.carriers(first, header.estimate.window_start, rows + _SYMBOLS_BEYOND)
            steady = np.zeros(len(carriers), np.float32)
            received = ReceivedBurst(first[: self._waveform.preamble_length], carriers, steady)
            known = self._pilots_only(len(carriers))
            for _ in range(_HEADER_ROUNDS):
                if budget.left_us <= 0:
                    return header
                received, estimate = self._centred(received, known, header.estimate)
                budget.count(estimate.work_us + _HEADER_ROUND_US)
                if not estimate.time_varying:
                    return header
                symbols, noise_var = self._equalise(received.carriers, estimate, slice(rows))
                field, layout, _ = decode_field(self._waveform, symbols, noise_var, form)
                if field is not None:
                    return Header(field, layout, cfo, header.estimate, symbols)
                qpsk = constellation(2)
                mean, variance = qpsk.expected(qpsk.demap(symbols.ravel(), noise_var.ravel()))
                known.mean[:rows, self._data] = mean.reshape(symbols.shape)
                known.variance[:rows, self._data] = variance.reshape(symbols.shape)
        return header

    def _centred(
        self, received: ReceivedBurst, known: KnownSymbols, static: ChannelEstimate
    ) -> tuple[ReceivedBurst, TimeVaryingEstimate]:
        """Estimate the channel with its mean Doppler shift removed.

        Synchronisation may have taken the Doppler shift of the preamble for a carrier offset: the Doppler spectrum is
        then not centred, as the model expects it. The estimate of higher evidence is taken.
        """
        estimate = self._estimator.estimate(received.preamble, received.carriers, known, static)
        response = estimate.response
        offset = np.angle(np.vdot(response[:-1], response[1:])) / (2 * np.pi)  # cycles per symbol
        if abs(offset) < _CENTRED:
            return received, estimate
        rotated = self._rotated(received, offset)
        again = self._estimator.estimate(rotated.preamble, rotated.carriers, known, static)
        both_us = estimate.work_us + again.work_us
        better = (rotated, again) if again.log_evidence > estimate.log_evidence else (received, estimate)
        return better[0], replace(better[1], work_us=both_us)

    def _rotated(self, received: ReceivedBurst, offset: float) -> ReceivedBurst:
        """The burst with `offset` cycles per symbol removed; phase zero at the end of the preamble."""
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
        rotation = np.exp(-1j * np.outer(received.slope, self._waveform.used_carriers)).astype(np.complex64)
        return ReceivedBurst(received.preamble, received.carriers * rotation, np.zeros_like(received.slope))

    def _pilots_only(self, count: int) -> KnownSymbols:
        mean = np.zeros((count, self._waveform.num_used), np.complex64)
        variance = np.ones(mean.shape, np.float32)
        mean[:, self._waveform.is_pilot] = ofdm.pilot_values(self._waveform)[:count]
        variance[:, self._waveform.is_pilot] = 0
        return KnownSymbols(mean, variance)

    def _expected_data(self, header: Header, extrinsic: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        filler = np.full(header.layout.num_filler_bits, _FILLER_LLR, np.float32)
        llr = descramble_llr(np.concatenate([*extrinsic, filler]))  # scrambling is its own inverse
        mean, variance = constellation(header.field.mcs.bits_per_symbol).expected(llr)
        shape = (header.layout.num_data_symbols, len(self._data))
        return mean.reshape(shape), variance.reshape(shape)

    def _equalise(self, carriers, estimate: TimeVaryingEstimate, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        response = estimate.response[rows, self._data]
        power = np.abs(response) ** 2
        power = np.maximum(power, 1e-6 * power.mean())
        symbols = carriers[rows, self._data] * response.conj() / power
        noise_var = (estimate.noise_var + estimate.error_var[rows, self._data]) / power
        return symbols.astype(np.complex64), noise_var.astype(np.float32)
