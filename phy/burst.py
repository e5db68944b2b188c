"""The modem's output: one received burst with its transport blocks and reception statistics."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from semcom.phy.mcs import Mcs


@dataclass(frozen=True)
class ReceivedBlock:
    """One transport block of a burst.

    Attributes
    ----------
    payload : bytes or None
        None where the CRC failed. Of soft text: the coded part and the decided bits. Of analog symbols: the coded part
        and the equalised symbols as `phy.analog` writes them.
    llr : int8 [8 * soft bytes] or None
        Of soft text: LLRs of the bits after the coded part, in steps of 1/8 (`soft_text`); `crc_ok` speaks of the coded
        part alone. None for all other blocks.
    symbols, noise_var : complex64 [n], float32 [n], or None
        Of analog symbols: equalised, and the noise variance of each; `crc_ok` speaks of the coded part alone.
    source, process, redundancy_version, new_data
        As sent, see `transport_block.TransportBlock`.
    crc_ok : bool
    num_transmissions : int
        Transmissions combined for this result, 1 for a first one.
    num_iterations : int
        Iterations of the decoder.
    """

    payload: bytes | None
    source: int
    process: int
    redundancy_version: int
    new_data: bool
    crc_ok: bool
    num_transmissions: int = 1
    num_iterations: int = 0
    llr: np.ndarray | None = field(default=None, compare=False)
    symbols: np.ndarray | None = field(default=None, compare=False, repr=False)
    noise_var: np.ndarray | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class Burst:
    """One burst as received. Failures are reported, not dropped.

    Attributes
    ----------
    start_sample : int
        Position of the preamble's first sample in the stream, counted from its start.
    header_ok : bool
        The signal field was decoded; where not, `mcs` is None and `blocks` is empty.
    mcs : Mcs or None
    snr_db : float
        Estimated signal power over noise variance at the nominal rate.
    cfo_hz : float
        Carrier of the signal minus carrier the receiver is tuned to.
    evm_db : float
        Error of the symbols in `constellation` to their nearest point, over the constellation's mean power; of the
        signal field's symbols where it could not be decoded.
    clock_offset_ppm : float
        Sample clock of the sender against the receiver's.
    num_samples : int
        Length of the burst at the nominal rate; 0 where unknown.
    num_clipped : int
        Samples of the burst at or above the receiver's full scale.
    channel : complex64 [num_used]
        Frequency response on the used carriers; flat where it was not estimated.
    constellation : complex64 [up to 2048]
        Equalised data symbols (an even selection where there are more).
    blocks : tuple of ReceivedBlock
    spectrum_inverted : bool
        Its preamble is the mirror image of ours: I and Q are swapped on the way. Not received; `cfo_hz` is what it will
        be once they are swapped back.
    cfo_in_range : bool
        False: the preamble is ours, but its carrier offset lies beyond what is searched. Not received.
    refused_kind : str
        What its signal field says that it holds, where that is a kind of payload that is not received.
    """

    start_sample: int
    header_ok: bool
    mcs: Mcs | None
    snr_db: float
    cfo_hz: float
    evm_db: float
    clock_offset_ppm: float
    num_samples: int
    num_clipped: int
    channel: np.ndarray = field(repr=False)
    constellation: np.ndarray = field(repr=False)
    blocks: tuple[ReceivedBlock, ...] = ()
    spectrum_inverted: bool = False
    cfo_in_range: bool = True
    refused_kind: str = ""

    @property
    def note(self) -> str:
        """Why nothing of it was received and what to do, in words; empty where there is nothing to say."""
        if self.spectrum_inverted:
            return "the spectrum is inverted: swap I and Q (iq_swap: true in the radio file)"
        if not self.cfo_in_range:
            return f"the carrier lies {self.cfo_hz:.0f} Hz off, beyond the range searched (max_cfo_subcarriers)"
        if self.refused_kind:
            return f"the burst holds {self.refused_kind}, which this receiver does not receive"
        return ""
