"""Bytes in, complex baseband at a radio's rate out: the modem alone, sending side."""

from __future__ import annotations

from pathlib import Path

from gnuradio import gr

from semcom.blocks.burst_modulator import burst_modulator
from semcom.blocks.rate_change import band_edge_hz, filter_delay_s, radio_rate_hz, rate_change

FRAMES, COMMAND, STATISTICS = "frames", "command", "statistics"


class modem_transmitter(gr.hier_block2):  # noqa: N801 (GNU Radio names its blocks so)
    """Burst modulator, and where the radio's rate is another one, the filter to it.

        frames ─ burst_modulator ═ rational resampler (C++) ═ out

    Parameters
    ----------
    waveform : str or path
    mcs : str
        MCS of frames that do not name one.
    sample_rate_hz : float
        Of the stream that leaves; 0 = the waveform's nominal rate.
    amplitude : float
        Root mean square of a burst.
    peak_limit_db, max_blocks_per_burst, gap_samples, tail_samples, idle_zeros, wait_for_full_bursts
        See `burst_modulator`; samples are counted at the nominal rate.

    Ports
    -----
    frames : in
        PDUs of 1 to 8192 bytes; metadata may have mcs and tx_time, see `burst_modulator`. The end message ends the
        stream.
    command : in
        See `burst_modulator`.
    statistics : out
        One PDU without data per burst.
    out : stream out
        complex64.
    """

    def __init__(
        self,
        waveform: str | Path = "ofdm64",
        mcs: str = "qpsk-1/2",
        sample_rate_hz: float = 0.0,
        amplitude: float = 1.0,
        peak_limit_db: float = 0.0,
        max_blocks_per_burst: int = 8,
        gap_samples: int = 256,
        tail_samples: int = 8192,
        idle_zeros: bool = False,
        wait_for_full_bursts: bool = False,
    ):
        out = gr.io_signature(1, 1, gr.sizeof_gr_complex)
        gr.hier_block2.__init__(self, "semcom modem transmitter", gr.io_signature(0, 0, 0), out)
        self.modulator = burst_modulator(
            waveform=waveform,
            mcs=mcs,
            max_blocks_per_burst=max_blocks_per_burst,
            gap_samples=gap_samples,
            tail_samples=tail_samples,
            amplitude=amplitude,
            peak_limit_db=peak_limit_db,
            idle_zeros=idle_zeros,
            wait_for_full_bursts=wait_for_full_bursts,
        )
        self.waveform = self.modulator.waveform
        nominal_hz, radio_hz = self.waveform.nominal_rate_hz, radio_rate_hz(self.waveform, sample_rate_hz)
        self.resampler = rate_change(nominal_hz, radio_hz, band_edge_hz(self.waveform))
        self.modulator.tx_delay_s = filter_delay_s(nominal_hz, radio_hz, band_edge_hz(self.waveform))
        self.connect(self.modulator, *([self.resampler] if self.resampler else []), self)
        self.message_port_register_hier_out(STATISTICS)
        for port in (FRAMES, COMMAND):
            self.message_port_register_hier_in(port)
            self.msg_connect(self, port, self.modulator, port)
        self.msg_connect(self.modulator, STATISTICS, self, STATISTICS)

    def set_mcs(self, mcs: str) -> bool:
        """MCS of the frames that come from now on; an unknown one is logged and changes nothing."""
        return self.modulator.set_mcs(mcs)

    def set_amplitude(self, amplitude: float) -> bool:
        """Root mean square of the bursts made from now on; one that cannot be is logged and changes nothing."""
        return self.modulator.set_amplitude(amplitude)

    def set_peak_limit_db(self, peak_limit_db: float) -> bool:
        """Peak limit of the bursts made from now on; one that cannot be is logged and changes nothing."""
        return self.modulator.set_peak_limit_db(peak_limit_db)
