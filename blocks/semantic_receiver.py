"""Complex baseband in, pictures out: the whole receiving chain as one block."""

from __future__ import annotations

from pathlib import Path

from gnuradio import gr

from semcom.blocks.link_receiver import link_receiver
from semcom.blocks.modem_receiver import modem_receiver
from semcom.blocks.semantic_decoder import semantic_decoder

COMMAND, RECONSTRUCTIONS, STATISTICS, LINK_STATISTICS = "command", "reconstructions", "statistics", "link_statistics"


class semantic_receiver(gr.hier_block2):  # noqa: N801 (GNU Radio names its blocks so)
    """Modem, link and meaning.

        in ═ modem_receiver ─ link_receiver ─ semantic_decoder ─ reconstructions

    Parameters
    ----------
    waveform, sample_rate_hz, max_cfo_subcarriers
        See `modem_receiver`.
    folder, every_layer
        See `semantic_decoder`.

    Ports
    -----
    in : stream in
        complex64.
    command : in
        See `modem_receiver`.
    reconstructions : out
        PDUs of RGB bytes, see `semantic_decoder`.
    statistics : out
        PDUs, one per burst, see `burst_receiver`.
    link_statistics : out
        One PDU without data at the end, see `link_receiver`.
    """

    def __init__(
        self,
        waveform: str | Path = "ofdm64",
        sample_rate_hz: float = 0.0,
        max_cfo_subcarriers: float = 0.0,
        folder: str = "",
        every_layer: bool = False,
    ):
        enters = gr.io_signature(1, 1, gr.sizeof_gr_complex)
        gr.hier_block2.__init__(self, "semcom semantic receiver", enters, gr.io_signature(0, 0, 0))
        self.modem = modem_receiver(waveform, sample_rate_hz, max_cfo_subcarriers)
        self.link = link_receiver()
        self.decoder = semantic_decoder(folder, every_layer)
        self.connect(self, self.modem)
        self.message_port_register_hier_in(COMMAND)
        self.msg_connect(self, COMMAND, self.modem, COMMAND)
        for port in (RECONSTRUCTIONS, STATISTICS, LINK_STATISTICS):
            self.message_port_register_hier_out(port)
        for port in ("frames", "failed"):  # the link counts what failed
            self.msg_connect(self.modem, port, self.link, "frames")
        self.msg_connect(self.link, "layers", self.decoder, "layers")
        self.msg_connect(self.decoder, "reconstructions", self, RECONSTRUCTIONS)
        self.msg_connect(self.modem, "statistics", self, STATISTICS)
        self.msg_connect(self.link, "statistics", self, LINK_STATISTICS)

    def set_max_cfo_subcarriers(self, max_cfo_subcarriers: float) -> bool:
        """Carrier offset searched from now on; one that cannot be is logged and changes nothing."""
        return self.modem.set_max_cfo_subcarriers(max_cfo_subcarriers)
