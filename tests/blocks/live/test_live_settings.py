"""Nothing that a slider, a chooser or a message can say ends a flowgraph or changes what is in force to nonsense."""

import re

import numpy as np
import pmt
import pytest
import yaml
from gnuradio import blocks as stock
from gnuradio import gr

from semcom import blocks
from semcom.blocks.live.live_settings import obey_command
from semcom.blocks.pdu import END, read_symbols
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

BAD = [0, -1, 1e9, float("nan"), float("inf"), -float("inf"), "", "morse", b"x", None, True, [1.0], {}, object(), 1j]
LEGAL = {("set_peak_limit_db", 0), ("set_max_cfo_subcarriers", 0)}  # 0: none, and the waveform's own
STATE = {
    "set_mcs": lambda block: block.mcs,
    "set_amplitude": lambda block: block.amplitude,
    "set_peak_limit_db": lambda block: block._transmitter,
    "set_max_cfo_subcarriers": lambda block: block._next_receiver or block._receiver,
}
GOOD = {
    "mcs": ("16qam-1/2", lambda block: block.mcs.name == "16qam-1/2"),
    "amplitude": (0.25, lambda block: block.amplitude == np.float32(0.25)),
    "peak_limit_db": (8.0, lambda block: block._transmitter._limiter is not None),
    "max_cfo_subcarriers": (
        2.0,
        lambda block: (block._next_receiver or block._receiver)._receiver.max_cfo_subcarriers == 2.0,
    ),
}


def callbacks():
    """(block, method) of each callback in the GRC files."""
    for name in blocks.__all__:
        methods = {method for method in dir(getattr(blocks, name)) if method in STATE}
        yield from ((name, method) for method in sorted(methods))


def core(block):
    """The block with the streams, inside of the chains."""
    for inner in ("modem", "modulator", "receiver"):
        block = block.__dict__.get(inner, block)
    return block


def test_the_callbacks_of_the_grc_files_are_the_ones_tried_here(repository):
    found = set()
    for path in (repository / "grc").glob("*.block.yml"):
        sheet = yaml.safe_load(path.read_text())
        name = sheet["id"].removeprefix("semcom_")
        found |= {(name, re.match(r"\w+", callback)[0]) for callback in sheet["templates"].get("callbacks", [])}
    assert found == set(callbacks()) and len(found) >= 12


@pytest.mark.parametrize(("name", "method"), list(callbacks()))
def test_a_bad_value_is_logged_and_the_old_one_stays(name, method, capfd):
    block = getattr(blocks, name)()
    before, refused = STATE[method](core(block)), 0
    for value in BAD:
        if (method, value if isinstance(value, int) and not isinstance(value, bool) else None) in LEGAL:
            continue
        assert getattr(block, method)(value) is False
        refused += 1
        assert STATE[method](core(block)) is before
    assert core(block).counts["refused_settings"] == refused
    told = capfd.readouterr().out
    assert told.count(f"{method.removeprefix('set_')} stays as it is: ") == refused and "Traceback" not in told


@pytest.mark.parametrize("name", sorted({name for name, _ in callbacks()}))
def test_a_message_sets_the_same_and_a_bad_one_nothing(name, make_source, wait_for, capfd):
    """All that could come to the port `command`, in a flowgraph that goes on."""
    block = getattr(blocks, name)()
    settings = [method.removeprefix("set_") for owner, method in callbacks() if owner == name]
    good = [pmt.cons(pmt.intern(key), pmt.to_pmt(GOOD[key][0])) for key in settings]
    values = [pmt.from_double(float("nan")), pmt.intern("morse"), pmt.PMT_NIL, pmt.make_dict()]
    bad = [pmt.cons(pmt.intern(key), value) for key in settings for value in values]
    bad += [pmt.intern("louder"), pmt.from_long(3), pmt.PMT_NIL, pmt.cons(pmt.intern("volume"), pmt.from_long(11))]
    top_block, source = gr.top_block(), make_source([*good, *bad], end=False)
    other = (stock.null_source if "receiver" in name else stock.null_sink)(gr.sizeof_gr_complex)
    if block.output_signature().max_streams() or block.input_signature().max_streams():
        top_block.connect(*((other, block) if "receiver" in name else (block, other)))
    top_block.msg_connect(source, "out", block, "command")
    top_block.start()
    wait_for(lambda: core(block).counts["refused_settings"] == len(bad))
    top_block.stop()
    top_block.wait()
    assert all(GOOD[key][1](core(block)) for key in settings)
    told = capfd.readouterr().out
    assert "command must be a dictionary of settings" in told and "setting must be one of" in told


def test_a_dictionary_sets_several_at_once_and_an_end_message_none():
    modulator = blocks.burst_modulator()
    setters = {"mcs": modulator.set_mcs, "amplitude": modulator.set_amplitude}
    obey_command(modulator, setters, pmt.to_pmt({"mcs": "bpsk-1/8", "amplitude": 0.5}))
    obey_command(modulator, setters, END)
    assert (modulator.mcs.name, modulator.amplitude) == ("bpsk-1/8", 0.5)
    assert not modulator.counts["refused_settings"]


def test_the_search_of_a_receiver_changes_while_it_runs(rng):
    """A burst beyond the old range is received, the one before it too, and positions go on counting."""
    waveform = Waveform.load("ofdm64")
    burst = Transmitter(waveform).modulate([TransportBlock(rng.bytes(40))], MCS_TABLE["qpsk-1/2"])
    far = burst * np.exp(2j * np.pi * 2.5 / 64 * np.arange(len(burst)))
    gap = np.zeros(20_000, np.complex64)
    receiver = blocks.burst_receiver()
    receiver._outlet = Recorder()
    receiver._guarded(receiver._receiver.push, np.concatenate([burst, gap]).astype(np.complex64))
    assert receiver.set_max_cfo_subcarriers(3.0)
    receiver._change_receiver(len(burst) + len(gap))
    receiver._guarded(receiver._receiver.push, np.concatenate([far, gap]).astype(np.complex64))
    starts = [read_symbols(message)[0]["start_sample"] for message in receiver._outlet.statistics]
    assert starts == [0, len(burst) + len(gap)]


class Recorder:
    """In the place of an outlet."""

    def __init__(self):
        self.statistics = []

    def publish(self, port, message):
        if port == "statistics":
            self.statistics.append(message)
