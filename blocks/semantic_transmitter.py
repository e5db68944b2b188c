"""Pictures in, complex baseband out: the whole sending chain as one block."""

from __future__ import annotations

from pathlib import Path

from gnuradio import gr

from semcom.blocks.link_sender import link_sender
from semcom.blocks.modem_transmitter import modem_transmitter
from semcom.blocks.semantic_encoder import semantic_encoder

PICTURES, COMMAND, STATISTICS = "pictures", "command", "statistics"


class semantic_transmitter(gr.hier_block2):  # noqa: N801 (GNU Radio names its blocks so)
    """Meaning, link and modem.

        pictures ─ semantic_encoder ─ link_sender ─ modem_transmitter ═ out

    Parameters
    ----------
    waveform, mcs, sample_rate_hz, amplitude, peak_limit_db, idle_zeros, wait_for_full_bursts
        See `modem_transmitter`.
    system, stream, group, budget_bytes, picture_files, profile, without, text, cut_out
        See `semantic_encoder`.
    max_frame_bytes : int
        Longest link frame.
    policy : str or Path
        Protection by importance, see `link_sender`; empty: all layers alike.

    Ports
    -----
    pictures : in
        PDUs of RGB bytes with width and height, or a symbol: the path of a picture file. The end message ends the
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
        idle_zeros: bool = False,
        wait_for_full_bursts: bool = False,
        system: str = "es-isc",
        stream: int = 0,
        group: int = 0,
        budget_bytes: int = 0,
        picture_files: str = "",
        max_frame_bytes: int = 256,
        profile: str = "",
        without: str = "",
        policy: str | Path = "layered",
        text: str = "coded",
        cut_out: str = "coded",
    ):
        out = gr.io_signature(1, 1, gr.sizeof_gr_complex)
        gr.hier_block2.__init__(self, "semcom semantic transmitter", gr.io_signature(0, 0, 0), out)
        self.encoder = semantic_encoder(
            system, stream, group, budget_bytes, picture_files, profile, without, text=text, cut_out=cut_out
        )
        self.sender = link_sender(max_frame_bytes, policy=policy, mcs=mcs, waveform=waveform)
        self.modem = modem_transmitter(
            waveform,
            mcs,
            sample_rate_hz,
            amplitude,
            peak_limit_db,
            idle_zeros=idle_zeros,
            wait_for_full_bursts=wait_for_full_bursts,
        )
        self.connect(self.modem, self)
        self.message_port_register_hier_in(PICTURES)
        self.message_port_register_hier_in(COMMAND)
        self.message_port_register_hier_out(STATISTICS)
        self.msg_connect(self, COMMAND, self.sender, COMMAND)
        self.msg_connect(self, COMMAND, self.modem, COMMAND)
        self.msg_connect(self, PICTURES, self.encoder, PICTURES)
        self.msg_connect(self.encoder, "layers", self.sender, "layers")
        self.msg_connect(self.sender, "frames", self.modem, "frames")
        self.msg_connect(self.modem, STATISTICS, self, STATISTICS)

    def set_mcs(self, mcs: str) -> bool:
        """MCS of the frames that come from now on; an unknown one is logged and changes nothing."""
        return self.modem.set_mcs(mcs) and self.sender.set_mcs(mcs)

    def set_amplitude(self, amplitude: float) -> bool:
        """Root mean square of the bursts made from now on; one that cannot be is logged and changes nothing."""
        return self.modem.set_amplitude(amplitude)

    def set_peak_limit_db(self, peak_limit_db: float) -> bool:
        """Peak limit of the bursts made from now on; one that cannot be is logged and changes nothing."""
        return self.modem.set_peak_limit_db(peak_limit_db)
