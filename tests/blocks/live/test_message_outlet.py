"""Stock blocks that listen to a receiver get every frame, and nothing but frames."""

import numpy as np
import pytest
from gnuradio import blocks, gr

from semcom.blocks import burst_receiver, modem_receiver
from semcom.blocks.pdu import read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

NUM_FRAMES = 100
TIMEOUT_S = 60.0


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A file of complex samples with a hundred frames, and the frames."""
    path = tmp_path_factory.mktemp("recorded") / "frames.cf32"
    frames = [bytes([number]) * 40 for number in range(NUM_FRAMES)]
    transmitter, gap = Transmitter(Waveform.load("ofdm64")), np.zeros(300, np.complex64)
    bursts = [transmitter.modulate([TransportBlock(frame)], MCS_TABLE["qpsk-1/2"]) for frame in frames]
    np.concatenate([part for burst in bursts for part in (gap, burst)]).tofile(path)
    return path, frames


class FileReception(gr.top_block):
    """file_source ═ modem_receiver ─ Message Debug, as anybody would draw it."""

    def __init__(self, path, receiver=None):
        gr.top_block.__init__(self)
        self.receiver = receiver or modem_receiver()
        self.source, self.debug = blocks.file_source(gr.sizeof_gr_complex, str(path), False), blocks.message_debug()
        self.connect(self.source, self.receiver)
        self.msg_connect(self.receiver, "frames", self.debug, "store")

    def stored(self):
        messages = [self.debug.get_message(at) for at in range(self.debug.num_messages())]
        return [read_pdu(message)[1] for message in messages]


def test_message_debug_stores_every_frame_of_a_file_and_no_end_message(recorded):
    path, frames = recorded
    for _ in range(5):
        reception = FileReception(path)
        run_to_end(reception, TIMEOUT_S)
        assert reception.stored() == frames


def test_a_flowgraph_that_is_run_again_stores_them_again(recorded):
    path, frames = recorded
    reception = FileReception(path)
    for times in (1, 2):
        reception.source.seek(0, 0)
        run_to_end(reception, TIMEOUT_S)
        assert reception.stored() == frames * times


def test_stock_and_own_listeners_hear_the_same_and_each_ends(recorded, make_sink):
    path, frames = recorded
    reception, ours = FileReception(path, burst_receiver()), make_sink()
    reception.msg_connect(reception.receiver, "frames", ours, "in")
    reception.msg_connect(reception.receiver, "failed", ours, "in")
    run_to_end(reception, TIMEOUT_S)
    assert reception.stored() == [read_pdu(message)[1] for message in ours.messages] == frames
    assert ours.ended


def test_a_flowgraph_stopped_from_outside_tells_no_listener_that_it_is_done(recorded):
    """Else the next run of the same blocks would end as soon as it begins."""
    path, frames = recorded
    reception = FileReception(path)
    silence = blocks.null_source(gr.sizeof_gr_complex)
    reception.disconnect(reception.source, reception.receiver)
    reception.connect(silence, reception.receiver)
    for _ in range(3):
        reception.start()
        reception.stop()
        reception.wait()
    reception.disconnect(silence, reception.receiver)
    reception.connect(reception.source, reception.receiver)
    run_to_end(reception, TIMEOUT_S)
    assert reception.stored() == frames
