"""Virtual air: raw samples over ZeroMQ PUSH/PULL to another process of this computer, with back-pressure, no loss."""

from __future__ import annotations

from gnuradio import gr, zeromq

from semcom.flowgraphs.radios.endpoint import RadioEndpoint
from semcom.sdr_configs.zmq import ZmqRadio

TIMEOUT_MS = 100
HIGH_WATER_MARK = 32
"""Messages that may wait in the socket."""


def open_sink(radio: ZmqRadio) -> RadioEndpoint:
    """The transmitting end; binds the address and waits for the other one."""
    block = zeromq.push_sink(gr.sizeof_gr_complex, 1, radio.address, TIMEOUT_MS, False, HIGH_WATER_MARK)
    taken_by = f"a receiver must run at {radio.address}, start one with this radio"
    return RadioEndpoint(block, radio.sample_rate_hz, endless=False, taken_by=taken_by)


def open_source(radio: ZmqRadio) -> RadioEndpoint:
    """The receiving end. No tags are taken from the socket: only samples, whatever bytes they are."""
    address = radio.rx_address or radio.address
    block = zeromq.pull_source(gr.sizeof_gr_complex, 1, address, TIMEOUT_MS, False, HIGH_WATER_MARK)
    return RadioEndpoint(block, radio.sample_rate_hz, endless=False)
