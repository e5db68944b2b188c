import pmt
import pytest
from gnuradio import blocks, gr

from semcom.blocks import burst_modulator, modem_transmitter
from semcom.blocks.errors import PduError
from semcom.blocks.live.tx_time import read_tx_time, tx_time_tag
from semcom.blocks.pdu import make_pdu, read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end


@pytest.mark.parametrize(
    ("told", "meant"),
    [((12, 0.25), (12, 0.25)), (3.5, (3, 0.5)), (7, (7, 0.0)), ((1, 2.5), (3, 0.5)), ((2.5, 0.75), (3, 0.25))],
)
def test_a_time_is_whole_seconds_and_fraction_or_a_number(told, meant):
    assert read_tx_time({"tx_time": told}) == meant


@pytest.mark.parametrize("told", ["soon", -1.0, float("nan"), float("inf"), (1, 2, 3), (1, "x"), True, (1, -0.5), 1j])
def test_what_is_no_time_is_refused(told):
    with pytest.raises(PduError, match="tx_time must be seconds"):
        read_tx_time({"tx_time": told})


def test_without_a_time_there_is_none():
    assert read_tx_time({}) is None


def test_the_tag_allows_for_a_delay_and_keeps_every_digit():
    assert pmt.to_python(tx_time_tag((1_700_000_000, 0.00001), 0.00003)) == (
        1_699_999_999,
        pytest.approx(0.99998, abs=1e-9),
    )
    assert pmt.to_python(tx_time_tag((0, 0.00001), 0.00003)) == (0, 0.0)


@pytest.mark.parametrize("rate_hz", [1e6, 2e6])
def test_a_burst_that_is_to_leave_at_a_time_has_a_tag_at_its_first_sample(make_source, rate_hz):
    """Through the filter to the radio's rate, too: the burst's centre leaves when it should."""

    def timed(data, time):
        message = make_pdu({}, data)
        return pmt.cons(pmt.dict_add(pmt.car(message), pmt.intern("tx_time"), time), pmt.cdr(message))

    time = pmt.make_tuple(pmt.from_uint64(9), pmt.from_double(0.5))
    messages = [make_pdu({}, b"now"), timed(b"at a time", time), timed(b"with it..", time), make_pdu({}, b"and now..")]
    transmitter, top_block, sink = modem_transmitter(sample_rate_hz=rate_hz), gr.top_block(), blocks.vector_sink_c()
    transmitter.modulator.queue.wait_for_full_bursts = True
    source = make_source(messages)
    top_block.connect(transmitter, sink)
    top_block.msg_connect(source, "out", transmitter, "frames")
    run_to_end(top_block, 60.0)
    (tag,) = [tag for tag in sink.tags() if pmt.symbol_to_string(tag.key) == "tx_time"]
    whole, fraction = pmt.to_python(tag.value)
    first = next(at for at in range(tag.offset - 100, len(sink.data())) if abs(sink.data()[at]) > 0.3)
    leaves_s = whole + fraction + (first - tag.offset) / rate_hz
    assert leaves_s == pytest.approx(9.5, abs=6e-6)  # the ramp at its beginning takes that long
    assert transmitter.modulator.counts["bursts"] == 3  # those of one time share one


def test_with_a_length_tag_the_piece_begins_with_the_burst(make_source):
    modulator, top_block, sink = burst_modulator(length_tag="length"), gr.top_block(), blocks.vector_sink_c()
    source = make_source([make_pdu({"tx_time": (4, 0.0)}, b"frame")])
    top_block.connect(modulator, sink)
    top_block.msg_connect(source, "out", modulator, "frames")
    run_to_end(top_block, 60.0)
    at = {pmt.symbol_to_string(tag.key): tag.offset for tag in reversed(sink.tags())}
    assert at == {"tx_time": 0, "length": 0} and abs(sink.data()[1]) > 0.01


def test_the_time_of_a_pdu_can_be_read_back():
    message = make_pdu({"tx_time": (5, 0.25)}, b"frame")
    assert read_tx_time(read_pdu(message)[0]) == (5, 0.25)
