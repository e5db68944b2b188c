"""What QT GUI sinks are told of received bursts."""

import numpy as np
import pmt
import pytest

from semcom.blocks import burst_statistics
from semcom.blocks.burst_statistics import relative_gain_db
from semcom.blocks.pdu import END, make_pdu
from semcom.phy.errors import ConfigurationError
from semcom.phy.waveform import Waveform

OFDM64 = Waveform.load("ofdm64")
POINTS = np.array([1 + 1j, -1 - 1j], np.complex64)


def burst(num_blocks=4, num_ok=4, header_ok=True, channel=None, **changes):
    meta = {"snr_db": 12.5, "cfo_hz": -800.0, "evm_db": -13.0, "header_ok": header_ok, "num_blocks": num_blocks}
    meta |= {"num_blocks_ok": num_ok, "channel": np.ones(OFDM64.num_used, np.complex64) if channel is None else channel}
    return make_pdu({**meta, **changes}, POINTS)


@pytest.fixture
def tell(monkeypatch):
    """Hand messages to a block; gives the block, and the messages of each port."""

    def run(*messages, **arguments):
        block, told = burst_statistics(**arguments), {}
        monkeypatch.setattr(
            block, "message_port_pub", lambda port, message: told.setdefault(str(port), []).append(message)
        )
        for message in messages:
            block.on_message(message)
        return block, told

    return run


def numbers(messages):
    return [pmt.to_python(pmt.cdr(message)) for message in messages]


def test_each_burst_becomes_points_a_channel_and_numbers(tell):
    _, told = tell(burst())
    assert np.array_equal(pmt.to_python(pmt.cdr(told["constellation"][0])), POINTS)
    gain_db = pmt.to_python(pmt.cdr(told["channel_db"][0]))
    assert gain_db.dtype == np.float32 and np.allclose(gain_db, np.zeros(53), atol=1e-4)
    assert numbers(told["snr_db"]) == [12.5] and numbers(told["cfo_hz"]) == [-800.0]
    assert numbers(told["evm_db"]) == [-13.0] and numbers(told["per"]) == [0.0]
    assert pmt.symbol_to_string(pmt.car(told["snr_db"][0])) == "snr_db"


def test_losses_are_counted_over_the_last_bursts_and_a_lost_signal_field_is_one(tell):
    bursts = burst(4, 3), burst(0, 0, header_ok=False), burst(1, 1), burst(1, 1), burst(2, 2)
    _, told = tell(*bursts, window_bursts=3)
    assert numbers(told["per"]) == [1 / 4, 2 / 5, 2 / 6, 1 / 3, 0.0]


def test_the_gain_of_each_carrier_is_over_the_mean_and_unused_ones_lie_between():
    channel = np.array([1, 1, 3, 3], np.complex64) * 1e-3
    gain_db = relative_gain_db(channel, (-2, -1, 1, 2))
    assert np.allclose(gain_db[[0, 1, 3, 4]], 10 * np.log10([0.2, 0.2, 1.8, 1.8]), atol=1e-4)
    assert gain_db[2] == pytest.approx((gain_db[1] + gain_db[3]) / 2)
    assert np.isfinite(relative_gain_db(np.zeros(4, np.complex64), (-2, -1, 1, 2))).all()


def test_the_end_is_not_passed_on_to_sinks_that_do_not_know_it(tell, monkeypatch):
    monkeypatch.setattr(burst_statistics, "finish_block", lambda block: block.counts.update(finished=1))
    block, told = tell(burst(), END)
    assert block.counts["finished"] == 1 and all(len(messages) == 1 for messages in told.values())


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            burst(channel=np.ones(3, np.complex64)),
            "must have a value for each of the 52 used carriers of ofdm64, got 3",
        ),
        (burst(snr_db="high"), "snr_db of a burst's statistics must be a number, got 'high'"),
        (burst(num_blocks="many"), "num_blocks of a PDU must be an integer, got 'many'"),
        (make_pdu({}, b"bytes"), "data of a PDU must be a c32vector"),
        (pmt.intern("hello"), "message must be a PDU"),
    ],
)
def test_what_is_no_statistics_is_refused_whole(tell, caplog, message, reason):
    block, told = tell(message, burst())
    assert reason in caplog.text and block.counts["refused"] == 1
    assert all(len(messages) == 1 for messages in told.values())


def test_an_empty_window_is_refused():
    with pytest.raises(ConfigurationError, match="window_bursts must be 1 to 100000, got 0"):
        burst_statistics(window_bursts=0)
