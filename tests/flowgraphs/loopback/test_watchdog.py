import pytest
from gnuradio import blocks, gr

from semcom.flowgraphs.errors import FlowgraphTimeoutError
from semcom.flowgraphs.loopback.watchdog import run_to_end


def test_a_flowgraph_that_never_ends_is_stopped_and_named():
    top_block = gr.top_block()
    source, sink = blocks.null_source(8), blocks.null_sink(8)
    top_block.connect(source, sink)
    with pytest.raises(FlowgraphTimeoutError, match=r"must end within timeout_s \(0\.1 s\), did not; stopped"):
        run_to_end(top_block, 0.1)
    top_block.wait()  # returns: it was stopped


def test_what_is_done_meanwhile_is_also_done_at_the_end():
    top_block, calls = gr.top_block(), []
    source, sink = blocks.vector_source_c([0] * 10), blocks.null_sink(8)
    top_block.connect(source, sink)
    run_to_end(top_block, 10.0, lambda: calls.append(sink.nitems_read(0)))
    assert calls[-1] == 10


def test_a_failure_meanwhile_stops_the_flowgraph():
    top_block = gr.top_block()
    source, sink = blocks.null_source(8), blocks.null_sink(8)
    top_block.connect(source, sink)
    with pytest.raises(ZeroDivisionError):
        run_to_end(top_block, 10.0, lambda: 1 / 0)
    top_block.wait()
