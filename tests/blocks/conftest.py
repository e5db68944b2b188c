"""Small flowgraphs around one block, each with a time limit."""

import os

import pmt
import pytest
from gnuradio import gr

from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import END
from semcom.flowgraphs.loopback.watchdog import run_to_end

TIMEOUT_S = 60.0


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
        assert all(sink.ended for sink in sinks.values())
        return {port: sink.messages for port, sink in sinks.items()}

    return run


@pytest.fixture
def make_source():
    return Source


@pytest.fixture
def make_sink():
    return Sink
