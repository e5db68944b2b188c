"""Complex baseband at a radio's rate in, bytes out: the modem alone, receiving side."""

from __future__ import annotations

from pathlib import Path

from gnuradio import gr

from semcom.blocks.burst_receiver import burst_receiver
from semcom.phy.waveform import Waveform

COMMAND, FRAMES, FAILED, STATISTICS = "command", "frames", "failed", "statistics"


class modem_receiver(gr.hier_block2):  # noqa: N801 (GNU Radio names its blocks so)
    """The burst receiver at the rate of a radio.

        in ═ burst_receiver ─ frames
                            ─ failed
                            ─ statistics

    Parameters
    ----------
    waveform : str or path
    sample_rate_hz : float
        Of the stream that enters; 0 = the waveform's nominal rate. Bursts are received at the nominal rate, or, where
        the search leads beyond its edge, at twice that, which takes twice as long.
    max_cfo_subcarriers : float
        Carrier offset searched on either side; 0 = the waveform's own range.
    num_workers : int
        Processes that decode bursts beside this one, see `burst_receiver`.

    Ports
    -----
    in : stream in
        complex64.
    command : in
        A dictionary, or a pair of name and value: max_cfo_subcarriers.
    frames : out
        PDUs, good frames only, see `burst_receiver`; positions are counted in samples of the stream that enters.
    failed : out
        PDUs without data: frames whose CRC failed.
    statistics : out
        PDUs, one per burst.
    """

    def __init__(
        self,
        waveform: str | Path = "ofdm64",
        sample_rate_hz: float = 0.0,
        max_cfo_subcarriers: float = 0.0,
        num_workers: int = 0,
    ):
        enters = gr.io_signature(1, 1, gr.sizeof_gr_complex)
        gr.hier_block2.__init__(self, "semcom modem receiver", enters, gr.io_signature(0, 0, 0))
        self.waveform = waveform if isinstance(waveform, Waveform) else Waveform.load(waveform)
        self.receiver = burst_receiver(self.waveform, sample_rate_hz, max_cfo_subcarriers, num_workers=num_workers)
        self.connect(self, self.receiver)
        self.message_port_register_hier_in(COMMAND)
        self.msg_connect(self, COMMAND, self.receiver, COMMAND)
        for port in (FRAMES, FAILED, STATISTICS):
            self.message_port_register_hier_out(port)
            self.msg_connect(self.receiver, port, self, port)

    def set_max_cfo_subcarriers(self, max_cfo_subcarriers: float) -> bool:
        """Carrier offset searched from now on; one that cannot be is logged and changes nothing."""
        return self.receiver.set_max_cfo_subcarriers(max_cfo_subcarriers)
