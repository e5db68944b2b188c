"""Complex baseband at a radio's rate in, bytes out: the modem alone, receiving side."""

from __future__ import annotations

from pathlib import Path

from gnuradio import gr

from semcom.blocks.burst_receiver import burst_receiver
from semcom.blocks.rate_change import band_edge_hz, rate_change
from semcom.phy.waveform import Waveform

FRAMES, FAILED, STATISTICS = "frames", "failed", "statistics"


class modem_receiver(gr.hier_block2):  # noqa: N801 (GNU Radio names its blocks so)
    """The filter from the radio's rate, where it is another one, and the burst receiver.

        in ═ rational resampler (C++) ═ burst_receiver ─ frames
                                                       ─ failed
                                                       ─ statistics

    Parameters
    ----------
    waveform : str or path
    sample_rate_hz : float
        Of the stream that enters; 0 = the waveform's nominal rate. Bursts are received at the nominal rate, or, where
        the search leads beyond its edge and the stream has it, at twice that, which takes four times as long.
    max_cfo_subcarriers : float
        Carrier offset searched on either side; 0 = the waveform's own range.

    Ports
    -----
    in : stream in
        complex64.
    frames : out
        PDUs, good frames only, see `burst_receiver`; positions are counted at the rate of reception.
    failed : out
        PDUs without data: frames whose CRC failed.
    statistics : out
        PDUs, one per burst.
    """

    def __init__(self, waveform: str | Path = "ofdm64", sample_rate_hz: float = 0.0, max_cfo_subcarriers: float = 0.0):
        enters = gr.io_signature(1, 1, gr.sizeof_gr_complex)
        gr.hier_block2.__init__(self, "semcom modem receiver", enters, gr.io_signature(0, 0, 0))
        self.waveform = waveform if isinstance(waveform, Waveform) else Waveform.load(waveform)
        nominal_hz = self.waveform.nominal_rate_hz
        from_hz = sample_rate_hz or nominal_hz
        reach_hz = (max_cfo_subcarriers or self.waveform.max_cfo_subcarriers) * self.waveform.subcarrier_spacing_hz
        edge_hz = band_edge_hz(self.waveform) + reach_hz
        received_at_hz = nominal_hz * (2 if edge_hz > nominal_hz / 2 and from_hz >= 2 * nominal_hz else 1)
        self.resampler = rate_change(from_hz, received_at_hz, edge_hz)
        self.receiver = burst_receiver(self.waveform, received_at_hz, max_cfo_subcarriers)
        self.connect(self, *([self.resampler] if self.resampler else []), self.receiver)
        for port in (FRAMES, FAILED, STATISTICS):
            self.message_port_register_hier_out(port)
            self.msg_connect(self.receiver, port, self, port)
