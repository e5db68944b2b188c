"""GNU Radio's own way of ending loses messages; these blocks must not."""

import pmt
from gnuradio import gr

from semcom.blocks import burst_modulator, burst_receiver
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.orderly_end import DONE, promise_end
from semcom.blocks.pdu import END, make_pdu, read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end


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
            MessageBlock.start(self)
            self.gateway._post(pmt.intern("in"), pmt.from_long(200))
            return True

        def handle(self, message):
            for number in range(pmt.to_long(message)):
                self.message_port_pub(pmt.intern("out"), pmt.from_long(number))
            self.finish_block()

    for _ in range(10):
        sink = make_sink()
        assert run_chain(Abrupt(), sink) == list(range(200))
        assert sink.ended  # a source that ends is an end, too


def test_a_block_with_two_sources_that_promise_an_end_waits_for_both(make_source, make_sink):
    sink, first, second = make_sink(), make_source([pmt.from_long(1)]), make_source([pmt.from_long(2)])
    for source in (first, second):
        source.start = starts_with_a_promise(source)
    top_block = gr.top_block()
    for source in (first, second):
        top_block.msg_connect(source, "out", sink, "in")
    run_to_end(top_block, 30.0)
    assert sorted(pmt.to_long(message) for message in sink.messages) == [1, 2] and sink.ended


def starts_with_a_promise(source):
    def start():
        promise_end(source, (pmt.intern("out"),))
        return type(source).start(source)

    return start


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


def test_a_flowgraph_that_was_stopped_from_outside_can_go_on(make_sink):
    """As GNU Radio Companion does on every change of the graph: the end of the old run must not end the new one."""
    modulator, receiver, sink = burst_modulator(idle_zeros=True), burst_receiver(), make_sink()
    top_block = gr.top_block()
    top_block.connect(modulator, receiver)
    top_block.msg_connect(receiver, "frames", sink, "in")
    for _ in range(3):
        top_block.start()
        top_block.stop()
        top_block.wait()

    messages = [make_pdu({}, b"after all"), END]

    def post_once():
        while messages:
            modulator.gateway._post(pmt.intern("frames"), messages.pop(0))

    run_to_end(top_block, 30.0, post_once)
    assert [read_pdu(message)[1] for message in sink.messages] == [b"after all"] and sink.ended


def test_a_done_that_comes_after_the_end_is_not_obeyed_by_the_next_run(run_block):
    """Upstream says ``done`` after its end message; a block that has already ended finds it when it runs again."""
    block = Pass()
    for number in range(3):
        messages = [pmt.from_long(number)]
        assert run_block(block, "in", messages, ["out"])["out"] == messages
        block.gateway._post(pmt.intern("system"), DONE)
