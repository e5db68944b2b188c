"""GNU Radio's own way of ending loses messages; these blocks must not."""

import pmt
from gnuradio import gr

from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import read_pdu
from semcom.flowgraphs.watchdog import run_to_end


class Pass(MessageBlock):
    def __init__(self):
        MessageBlock.__init__(self, "pass", "in", ("out",))

    def handle(self, message):
        self.message_port_pub(pmt.intern("out"), message)


def run_chain(source, sink):
    chain = [Pass() for _ in range(4)]
    top_block = gr.top_block()
    for left, right in zip([source, *chain], [*chain, sink], strict=True):
        top_block.msg_connect(left, "out", right, "in")
    run_to_end(top_block, 30.0)
    return [pmt.to_long(message) for message in sink.messages]


def test_no_message_is_lost_when_a_chain_of_blocks_ends(make_source, make_sink):
    for _ in range(10):
        sink = make_sink()
        assert run_chain(make_source([pmt.from_long(number) for number in range(200)]), sink) == list(range(200))
        assert sink.ended


def test_no_message_is_lost_when_a_source_ends_without_saying_so(make_sink):
    class Abrupt(MessageBlock):
        def __init__(self):
            MessageBlock.__init__(self, "abrupt", "in", ("out",))

        def start(self):
            self.gateway._post(pmt.intern("in"), pmt.from_long(200))
            return True

        def handle(self, message):
            for number in range(pmt.to_long(message)):
                self.message_port_pub(pmt.intern("out"), pmt.from_long(number))
            self.finish_block()

    for _ in range(10):
        sink = make_sink()
        assert run_chain(Abrupt(), sink) == list(range(200))
        assert not sink.ended


def test_a_failing_handler_is_counted_and_the_rest_goes_on(run_block, caplog):
    class Picky(MessageBlock):
        def __init__(self):
            MessageBlock.__init__(self, "picky", "in", ("out",))

        def handle(self, message):
            _, data = read_pdu(message)
            self.publish("out", {}, data)

        def finish(self):
            raise RuntimeError("two\nlines")

    block = Picky()
    messages = [pmt.cons(pmt.make_dict(), pmt.init_u8vector(1, [number])) for number in range(3)]
    came = run_block(block, "in", [messages[0], pmt.intern("x"), messages[1], pmt.PMT_NIL, messages[2]], ["out"])
    assert [read_pdu(message)[1] for message in came["out"]] == [b"\x00", b"\x01", b"\x02"]
    assert block.counts["refused"] == 3
    assert "picky: message refused: PduError: message must be a PDU" in caplog.text
    assert "two lines" in caplog.text
