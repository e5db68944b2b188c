"""Complex baseband at a radio's rate in, bytes out: the modem alone, receiving side."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from gnuradio import gr

from semcom.blocks.burst_receiver import burst_receiver
from semcom.blocks.live_settings import real_number, setting
from semcom.blocks.rate_change import band_edge_hz, filter_taps, radio_rate_hz, rate_change
from semcom.phy.errors import ConfigurationError
from semcom.phy.waveform import Waveform

COMMAND, FRAMES, FAILED, STATISTICS = "command", "frames", "failed", "statistics"


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
    command : in
        A dictionary, or a pair of name and value: max_cfo_subcarriers.
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
        self._from_hz = radio_rate_hz(self.waveform, sample_rate_hz)
        edge_hz = self._edge_hz(max_cfo_subcarriers)
        self._received_at_hz = self._rate_for(edge_hz)
        self.resampler = rate_change(self._from_hz, self._received_at_hz, edge_hz)
        self.receiver = burst_receiver(self.waveform, self._received_at_hz, max_cfo_subcarriers)
        self.connect(self, *([self.resampler] if self.resampler else []), self.receiver)
        self.receiver.setters["max_cfo_subcarriers"] = self.set_max_cfo_subcarriers
        self.message_port_register_hier_in(COMMAND)
        self.msg_connect(self, COMMAND, self.receiver, COMMAND)
        for port in (FRAMES, FAILED, STATISTICS):
            self.message_port_register_hier_out(port)
            self.msg_connect(self.receiver, port, self, port)

    @property
    def counts(self) -> Counter[str]:
        return self.receiver.counts

    @property
    def logger(self) -> Any:
        return self.receiver.logger

    @setting
    def set_max_cfo_subcarriers(self, max_cfo_subcarriers: float) -> None:
        """Carrier offset searched from now on; one that cannot be is logged and changes nothing."""
        edge_hz = self._edge_hz(real_number("max_cfo_subcarriers", max_cfo_subcarriers))
        if self._rate_for(edge_hz) > self._received_at_hz:
            room_hz = self._received_at_hz / 2 - band_edge_hz(self.waveform)
            raise ConfigurationError(
                f"max_cfo_subcarriers must be at most {room_hz / self.waveform.subcarrier_spacing_hz:.1f} while the "
                f"flowgraph runs, got {max_cfo_subcarriers:g}: more is received at twice the rate, from a start with it"
            )
        self.receiver.search(max_cfo_subcarriers)
        if self.resampler is not None:
            self.resampler.set_taps(filter_taps(self._from_hz, self._received_at_hz, edge_hz))

    def _edge_hz(self, max_cfo_subcarriers: float) -> float:
        """Highest frequency at which the signal can lie."""
        reach = max_cfo_subcarriers or self.waveform.max_cfo_subcarriers
        return band_edge_hz(self.waveform) + reach * self.waveform.subcarrier_spacing_hz

    def _rate_for(self, edge_hz: float) -> float:
        """The nominal rate, or twice it where a band up to there needs it and the stream has it."""
        nominal_hz = self.waveform.nominal_rate_hz
        return nominal_hz * (2 if edge_hz > nominal_hz / 2 and self._from_hz >= 2 * nominal_hz else 1)
