"""Small flowgraphs around one block, each with a time limit."""

import os
import time

import numpy as np
import pmt
import pytest
from gnuradio import blocks as gr_blocks
from gnuradio import gr

from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import END, make_pdu, read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end

TIMEOUT_S = 150.0
POLL_S = 0.01


class Source(MessageBlock):
    """Sends messages, then the end."""

    def __init__(self, messages, end=True):
        MessageBlock.__init__(self, "source", "in", ("out",))
        self.messages, self.end = messages, end

    def start(self):
        MessageBlock.start(self)
        for message in [*self.messages, *([END] if self.end else [])]:
            self.gateway._post(pmt.intern("in"), message)
        return True

    def handle(self, message):
        self.message_port_pub(pmt.intern("out"), message)


class Sink(MessageBlock):
    """Keeps messages."""

    def __init__(self):
        MessageBlock.__init__(self, "sink", "in")
        self.messages = []
        self.ended = False

    def handle(self, message):
        self.messages.append(message)

    def finish(self):
        self.ended = True


@pytest.fixture(scope="session")
def qt_application():
    """Qt without a screen."""
    widgets = pytest.importorskip("PyQt5.QtWidgets", reason="PyQt5 not found (Debian: apt-get install python3-pyqt5)")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return widgets.QApplication.instance() or widgets.QApplication(["tests"])


@pytest.fixture
def run_block():
    """Run messages through a block of message ports; gives the messages of each port out."""

    def run(block, port_in, messages, ports_out, end=True):
        top_block = gr.top_block()
        source, sinks = Source(messages, end), {port: Sink() for port in ports_out}
        top_block.msg_connect(source, "out", block, port_in)
        for port, sink in sinks.items():
            top_block.msg_connect(block, port, sink, "in")
        run_to_end(top_block, TIMEOUT_S)
        for port, sink in sinks.items():  # a block that is run again must not publish to what is gone by then
            top_block.msg_disconnect(block, port, sink, "in")
        assert all(sink.ended for sink in sinks.values())
        return {port: sink.messages for port, sink in sinks.items()}

    return run


@pytest.fixture
def wait_for():
    """Ask again until it is so, or until time is up."""

    def wait(condition):
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline, "time is up"
            time.sleep(POLL_S)

    return wait


@pytest.fixture
def cross():
    """Send frames with one block and receive them with the other; messages of both ports, and the samples between."""

    def run(frames, transmitter, receiver, cycles_per_sample=0.0):
        top_block = gr.top_block()
        source, received, bursts = Source([make_pdu({}, frame) for frame in frames]), Sink(), Sink()
        sent, samples = Sink(), gr_blocks.vector_sink_c()
        offset = gr_blocks.rotator_cc(2 * np.pi * cycles_per_sample)
        top_block.connect(transmitter, offset, receiver)
        top_block.connect(transmitter, samples)
        top_block.msg_connect(source, "out", transmitter, "frames")
        top_block.msg_connect(transmitter, "statistics", sent, "in")
        top_block.msg_connect(receiver, "frames", received, "in")
        top_block.msg_connect(receiver, "statistics", bursts, "in")
        run_to_end(top_block, TIMEOUT_S)
        assert received.ended and bursts.ended
        assert sum(read_pdu(message)[0]["num_frames"] for message in sent.messages) == len(frames)
        return received.messages, bursts.messages, np.array(samples.data(), np.complex64)

    return run


@pytest.fixture
def make_source():
    return Source


@pytest.fixture
def make_sink():
    return Sink
