"""Demodulation of a synchronised burst: signal field, equalised data symbols with their noise, LLRs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.phy.burst_layout import BurstLayout, layout_of
from semcom.phy.channel_estimation.equaliser import equalise
from semcom.phy.channel_estimation.impulse_response import ChannelEstimate, ChannelEstimator
from semcom.phy.channel_estimation.interference import noise_with_interference
from semcom.phy.channel_estimation.known_carriers import match_known, pilot_sums
from semcom.phy.channel_estimation.pilot_presence import PilotPresence
from semcom.phy.coding import signal_field
from semcom.phy.coding.scrambler import descramble_llr, scrambling_signs
from semcom.phy.coding.signal_field import KIND_NAMES, RECEIVED_KINDS, SignalField
from semcom.phy.errors import ConfigurationError
from semcom.phy.frontend.derotation import derotate
from semcom.phy.ofdm import modulation as ofdm
from semcom.phy.ofdm.constellation import constellation
from semcom.phy.ofdm.first_symbols import join_preamble_and_pilots
from semcom.phy.ofdm.pilot_tracking import Tracking, track
from semcom.phy.sync.preamble import preamble
from semcom.phy.waveform import Waveform

_LARGEST_DRIFT = 1.0  # samples; beyond it the FFT windows follow the drift
_HEADER_REACH = 0.02  # subcarriers: largest residual carrier offset after synchronisation


@dataclass(frozen=True)
class Header:
    """Signal field and channel estimate of a burst.

    Attributes
    ----------
    field : SignalField or None
        None where no form of the signal field could be decoded.
    layout : BurstLayout or None
    cfo : float
        Carrier offset, refined, cycles per sample.
    estimate : ChannelEstimate
    symbols : complex64 [num_symbols, num_data]
        Equalised symbols of the form that was decoded, else of the last one tried.
    refused_kind : str
        In words, what a decoded signal field announces that is not received; `field` is None then.
    was_tried : bool
        False where no pilots follow the preamble, and decoding was not tried.
    """

    field: SignalField | None
    layout: BurstLayout | None
    cfo: float
    estimate: ChannelEstimate
    symbols: np.ndarray
    refused_kind: str = ""
    was_tried: bool = True


@dataclass(frozen=True)
class ReceivedBurst:
    """Received preamble and carriers of a burst, carrier offset removed.

    Attributes
    ----------
    preamble : complex64 [preamble_length]
    carriers : complex64 [num_symbols, num_used]
        From the first symbol of the signal field on.
    slope : float32 [num_symbols]
        Phase per carrier number, radians, that the drift of the sample clock has left in `carriers`.
    """

    preamble: np.ndarray
    carriers: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True)
class Payload:
    """Equalised data symbols of a burst and their noise variance.

    Attributes
    ----------
    symbols : complex64 [num_payload_symbols, num_data]
        Equalised.
    noise_var : float32 [num_data] or [num_payload_symbols, num_data]
        Of each data carrier after equalisation.
    estimate : ChannelEstimate
    tracking : Tracking
    received : ReceivedBurst
        Input of the iterative channel estimation where blocks fail.
    """

    symbols: np.ndarray
    noise_var: np.ndarray
    estimate: ChannelEstimate
    tracking: Tracking
    received: ReceivedBurst


class BurstDecoder:
    """Demodulates one burst at a time, as one array.

    Parameters
    ----------
    waveform : Waveform
    """

    def __init__(self, waveform: Waveform) -> None:
        self._waveform = waveform
        self._estimator = ChannelEstimator(waveform)
        self._carrier_numbers = np.array(waveform.used_carriers)
        self._data = np.flatnonzero(~waveform.is_pilot)
        self._pilots = np.flatnonzero(waveform.is_pilot)
        self._pilot_values = ofdm.pilot_values(waveform)
        self._presence = PilotPresence(waveform)
        self._pilot_numbers = self._carrier_numbers[self._pilots].astype(np.float64)
        self._preamble = preamble(waveform)[: waveform.preamble_length].copy()
        symbols = np.arange(signal_field.num_symbols(waveform, "robust"))
        self._middles = waveform.preamble_length + waveform.fft_size / 2 + waveform.symbol_length * symbols
        self.header_samples = waveform.preamble_length + waveform.symbol_length * signal_field.num_symbols(
            waveform, "robust"
        )

    def read_header(self, samples: np.ndarray, cfo: float, only_with_pilots: bool = False) -> Header:
        """Decode the signal field.

        Parameters
        ----------
        samples : complex64 [at least header_samples]
            From the first sample of the preamble.
        cfo : float
            Carrier offset, cycles per sample.
        only_with_pilots : bool
            Nothing is tried where no pilots follow the preamble: a preamble alone, or a burst deep in noise.
        """
        first = derotate(samples[: self.header_samples], cfo)
        rough = self._estimator.from_preamble(first)
        if only_with_pilots:
            carriers = self.carriers(first, rough.window_start, len(self._middles))
            if not self._presence.is_possible(carriers, rough):
                steady = Tracking(*np.zeros((2, len(carriers)), np.float32), 0.0)
                symbols, _ = self._equalise(carriers, rough, steady)
                return Header(None, None, cfo, rough, symbols, was_tried=False)
        header = None
        for form in signal_field.CODED_BITS:
            rows = signal_field.num_symbols(self._waveform, form)
            header = self._try_header(first, cfo, rough, rows, form)
            if header.field is not None or header.refused_kind:
                return header
        return header

    def _try_header(self, samples, cfo, estimate, rows, form) -> Header:
        carriers = self.carriers(samples, estimate.window_start, rows)
        gain = np.float32(self._waveform.carrier_gain)
        pilots = pilot_sums(carriers, estimate.carriers, gain, self._pilots, self._pilot_values)
        offset, phase = join_preamble_and_pilots(
            samples,
            self._preamble,
            self._waveform.preamble_period,
            estimate.taps,
            self._estimator.lead,
            pilots,
            self._middles[:rows] + estimate.window_start,
            _HEADER_REACH / self._waveform.fft_size,
        )
        tracking = Tracking(phase, np.zeros(rows, np.float32), 0.0)
        symbols, noise_var = self._equalise(carriers, estimate, tracking)
        field, layout, refused = decode_field(self._waveform, symbols, noise_var, form)
        return Header(field, layout, cfo + offset, estimate, symbols, refused)

    def read_payload(self, samples: np.ndarray, header: Header) -> Payload:
        """Equalised data symbols of a burst whose signal field is known.

        Parameters
        ----------
        samples : complex64 [layout.num_samples]
            From the first sample of the preamble.
        header : Header
        """
        layout = header.layout
        samples = derotate(samples, header.cfo)
        rows = layout.num_header_symbols
        carriers = self.carriers(samples, header.estimate.window_start, rows + layout.num_payload_symbols)
        known = ofdm.with_pilots(signal_field.encode(header.field, self._waveform), self._waveform)
        estimate = self._estimator.refine(header.estimate, samples, carriers[:rows], known)
        gain = np.float32(self._waveform.carrier_gain)
        header_sum, pilots = match_known(carriers, known, estimate.carriers, gain, self._pilots, self._pilot_values)
        tracking = track(
            pilots,
            self._pilot_numbers,
            header_sum,
            self._waveform.symbol_length,
            self._waveform.fft_size,
            estimate.noise_var,
        )
        drift = -tracking.slope * self._waveform.fft_size / (2 * np.pi)  # in samples
        if np.abs(drift[-1]) > _LARGEST_DRIFT:
            carriers, tracking = self._follow_drift(samples, estimate.window_start, tracking, drift)
        received = ReceivedBurst(samples[: self._waveform.preamble_length], carriers, tracking.slope)
        tracking = Tracking(tracking.phase[rows:], tracking.slope[rows:], tracking.clock_offset)
        symbols, noise_var = self._equalise(carriers[rows:], estimate, tracking)
        return Payload(symbols, noise_var, estimate, tracking, received)

    def fills_its_length(self, samples: np.ndarray, header: Header) -> bool:
        """Whether the pilots of a burst are there up to the length that its signal field announces.

        A burst cut off fails, as does one in fast fading or deep in noise.
        """
        return self._presence.fills(samples, header.cfo, header.layout, header.estimate)

    def is_there(self, payload: Payload) -> bool:
        """As `fills_its_length`, of a burst that is demodulated."""
        carriers = payload.received.carriers
        return self._presence.is_clear(carriers, np.arange(len(carriers)), payload.estimate)

    def _follow_drift(self, samples, window_start, tracking, drift) -> tuple[np.ndarray, Tracking]:
        """Carriers from FFT windows that follow the drift of the sample clock, and the tracking that then remains."""
        waveform = self._waveform
        shifts = np.round(drift).astype(np.int64)
        begin = waveform.preamble_length + window_start + waveform.symbol_length * np.arange(len(drift)) + shifts
        margin = waveform.symbol_length
        padded = np.concatenate([samples, np.zeros(margin, np.complex64)])
        begin = np.clip(begin, 0, len(padded) - waveform.fft_size)
        carriers = ofdm.demodulate(padded[begin[:, None] + np.arange(waveform.fft_size)], waveform)
        slope = tracking.slope + (2 * np.pi / waveform.fft_size) * shifts.astype(np.float32)
        return carriers, Tracking(tracking.phase, slope.astype(np.float32), tracking.clock_offset)

    def soft_bits(self, payload: Payload, header: Header) -> np.ndarray:
        """LLRs of the coded bits, descrambled, filler left out: float32 [num_blocks, coded_bits_per_block]."""
        llr = descramble_llr(
            self._demap(payload, header.field.mcs.bits_per_symbol, slice(header.layout.num_data_symbols))
        )
        count = header.field.num_blocks * header.layout.coded_bits_per_block
        return llr[:count].reshape(header.field.num_blocks, -1)

    def soft_text(self, payload: Payload, header: Header) -> np.ndarray:
        """LLRs of the places of soft text, descrambled: float32 [num_soft_symbols * num_data * bits per symbol]."""
        layout, field = header.layout, header.field
        llr = self._demap(payload, field.soft_bits_per_symbol, slice(layout.num_data_symbols, None))
        before = layout.num_data_symbols * self._waveform.num_data * field.mcs.bits_per_symbol
        return llr * scrambling_signs(before + len(llr))[before:]

    def analog_symbols(self, payload: Payload, header: Header) -> tuple[np.ndarray, np.ndarray]:
        """Equalised analog symbols on their places and their noise variance, complex64 and float32 [num_places]."""
        symbols = payload.symbols[header.layout.num_data_symbols :]
        noise_var = payload.noise_var
        noise_var = noise_var if noise_var.ndim == 1 else noise_var[header.layout.num_data_symbols :]
        return symbols.ravel(), np.broadcast_to(noise_var, symbols.shape).ravel()

    def _demap(self, payload: Payload, bits_per_symbol: int, rows: slice) -> np.ndarray:
        modulation = constellation(bits_per_symbol)
        symbols, noise_var = payload.symbols[rows], payload.noise_var
        noise_var = noise_with_interference(symbols, noise_var if noise_var.ndim == 1 else noise_var[rows], modulation)
        return modulation.demap(symbols.ravel(), noise_var.ravel())

    def carriers(self, samples: np.ndarray, window_start: int, rows: int) -> np.ndarray:
        """FFT of the first `rows` symbols after the preamble, complex64 [rows, num_used]."""
        step = self._waveform.symbol_length
        begin = self._waveform.preamble_length + window_start
        windows = ofdm.fft_windows(samples, begin, step, rows, self._waveform.fft_size)
        return ofdm.demodulate(windows, self._waveform)

    def _equalise(self, carriers, estimate, tracking) -> tuple[np.ndarray, np.ndarray]:
        return equalise(carriers, estimate, tracking, self._carrier_numbers, self._data, self._waveform.carrier_gain)


def decode_field(
    waveform: Waveform, symbols: np.ndarray, noise_var: np.ndarray, form: str
) -> tuple[SignalField | None, BurstLayout | None, str]:
    """Signal field, the layout it announces, and in words what it announces that is not received.

    None and None where it cannot be decoded, is impossible, or is of a kind that is not received.
    """
    field = signal_field.decode(symbols, noise_var, form)
    if field is None:
        return None, None, ""
    if field.kind not in RECEIVED_KINDS:
        return None, None, KIND_NAMES[field.kind]
    try:
        return field, layout_of(waveform, field), ""
    except ConfigurationError:  # a field that survived its CRC by chance, or a sender with other limits
        return None, None, ""
