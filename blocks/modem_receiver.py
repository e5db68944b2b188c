"""Complex baseband at a radio's rate in, bytes out: the modem alone, receiving side."""

from __future__ import annotations

from pathlib import Path

from gnuradio import gr

from semcom.blocks.burst_receiver import burst_receiver
from semcom.phy.waveform import Waveform

FRAMES, STATISTICS = "frames", "statistics"


class modem_receiver(gr.hier_block2):  # noqa: N801 (GNU Radio names its blocks so)
    """The burst receiver at the rate of a radio.

        in ═ burst_receiver ─ frames
                            ─ statistics

    Parameters
    ----------
    waveform : str or path
    sample_rate_hz : float
        Of the stream that enters; 0 = the waveform's nominal rate. Bursts are received at the nominal rate, or, where
        the search leads beyond its edge, at twice that, which takes twice as long.
    max_cfo_subcarriers : float
        Carrier offset searched on either side; 0 = the waveform's own range.

    Ports
    -----
    in : stream in
        complex64.
    frames : out
        PDUs, see `burst_receiver`; positions are counted in samples of the stream that enters.
    statistics : out
        PDUs, one per burst.
    """

    def __init__(self, waveform: str | Path = "ofdm64", sample_rate_hz: float = 0.0, max_cfo_subcarriers: float = 0.0):
        enters = gr.io_signature(1, 1, gr.sizeof_gr_complex)
        gr.hier_block2.__init__(self, "semcom modem receiver", enters, gr.io_signature(0, 0, 0))
        self.waveform = waveform if isinstance(waveform, Waveform) else Waveform.load(waveform)
        self.receiver = burst_receiver(self.waveform, sample_rate_hz, max_cfo_subcarriers)
        self.connect(self, self.receiver)
        for port in (FRAMES, STATISTICS):
            self.message_port_register_hier_out(port)
            self.msg_connect(self.receiver, port, self, port)
