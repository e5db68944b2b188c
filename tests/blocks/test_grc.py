"""GRC files say what the blocks say."""

import inspect
import re

import numpy as np
import pmt
import pytest
import yaml
from gnuradio import gr

from semcom import blocks
from semcom.link.errors import LinkError
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import WaveformError, known_waveforms
from semcom.semantic import registry

CATEGORIES = {f"[semcom]/{room}" for room in ("Displays", "Link", "Meaning", "Modem", "Whole chains")}
SEMANTIC_CHAINS = ("semantic_receiver", "semantic_transmitter")


@pytest.fixture(params=blocks.__all__)
def name(request):
    return request.param


@pytest.fixture
def sheet(name, repository):
    return yaml.safe_load((repository / "grc" / f"semcom_{name}.block.yml").read_text())


def test_every_file_is_a_block(repository):
    stems = {path.name.removesuffix(".block.yml") for path in (repository / "grc").iterdir()}
    assert stems == {f"semcom_{name}" for name in blocks.__all__}


def test_file_and_block_agree_on_parameters_and_defaults(name, sheet):
    signature = inspect.signature(getattr(blocks, name))
    assert sheet["id"] == f"semcom_{name}" and sheet["category"] in CATEGORIES
    parameters = [parameter for parameter in sheet["parameters"] if parameter["id"] != "gui_hint"]
    asked = [parameter["id"] for parameter in parameters]
    renamed = ["sample_rate_hz" if parameter == "sample_rate" else parameter for parameter in asked]
    arguments = [argument for argument in signature.parameters.values() if argument.name != "parent"]
    assert renamed == [argument.name for argument in arguments]
    for parameter, told in zip(parameters, arguments, strict=True):
        default = parameter["default"].strip('"')
        assert default == str(told.default) or float(default) == float(told.default)
    used = re.findall(r"\$\{(\w+)\}", sheet["templates"]["make"])
    assert [parameter for parameter in used if parameter not in ("win", "id")] == asked


def test_what_may_change_at_run_time_is_there(name, sheet):
    """Each callback is a method of the block and takes a parameter of the file."""
    ids = {parameter["id"] for parameter in sheet["parameters"]}
    callbacks = sheet["templates"].get("callbacks", [])
    settings = ("set_mcs", "set_amplitude", "set_peak_limit_db", "set_max_cfo_subcarriers")
    methods = {method for method in dir(getattr(blocks, name)) if method in settings}
    assert {re.fullmatch(r"(\w+)\(\$\{\w+\}\)", callback)[1] for callback in callbacks} == methods
    assert {re.search(r"\$\{(\w+)\}", callback)[1] for callback in callbacks} <= ids


def test_file_and_block_agree_on_ports(name, sheet, qt_application):
    arguments = {"picture_files": "none"} if name == "semantic_encoder" else {}
    block = getattr(blocks, name)(**arguments)
    for side, ports in (("inputs", block.message_ports_in()), ("outputs", block.message_ports_out())):
        told = {port["id"] for port in sheet.get(side, []) if port["domain"] == "message"}
        if isinstance(block, gr.hier_block2):  # tells whether it has a port, not which ones
            is_there = block.message_port_is_hier_in if side == "inputs" else block.message_port_is_hier_out
            assert all(is_there(pmt.intern(port)) for port in told)
            others = {
                "frames",
                "failed",
                "command",
                "pictures",
                "statistics",
                "link_statistics",
                "reconstructions",
            } - told
            assert not any(is_there(pmt.intern(port)) for port in others)
        else:
            assert told == {str(pmt.vector_ref(ports, at)) for at in range(pmt.length(ports))} - {"system"}


def test_each_block_is_documented_with_every_port_and_has_its_limits_asserted(name, sheet):
    text = sheet["documentation"]
    assert len(text) > 200
    for port in sheet.get("inputs", []) + sheet.get("outputs", []):
        assert re.search(rf"^    {port['label']}:", text, re.M)
    headings = [("Input", "inputs"), ("Output", "outputs"), ("Parameters", "parameters")]
    assert all(f"\n{heading}:\n" in text for heading, part in headings if sheet.get(part))
    for parameter in sheet["parameters"]:
        words = re.sub(r" \(.*\)", "", parameter["label"]).split(" before")[0].split(" at the end")[0]
        assert words in text or words.split()[0] in text, parameter["label"]
    numbers = [p["id"] for p in sheet["parameters"] if p["dtype"] in ("int", "real")]
    assert all(any(number in rule for rule in sheet.get("asserts", [])) for number in numbers)


def test_choices_are_those_there_are(repository):
    def options(block, parameter):
        sheet = yaml.safe_load((repository / "grc" / f"semcom_{block}.block.yml").read_text())
        return [option.strip('"') for p in sheet["parameters"] if p["id"] == parameter for option in p["options"]]

    modems = [name for name in blocks.__all__ if "modem" in name or "burst" in name or name in SEMANTIC_CHAINS]
    for block in ("burst_modulator", "modem_transmitter", "semantic_transmitter"):
        assert options(block, "mcs") == list(MCS_TABLE)
    for block in modems:
        assert sorted(options(block, "waveform")) == known_waveforms()
    assert options("semantic_encoder", "system") == registry.names("systems")


RULES = {
    "waveform": ["ofdm64", "ofdm256", "narrow", "ofdm65", ""],
    "mcs": [*MCS_TABLE, "8psk-1/2", "qpsk", "QPSK-1/2", ""],
    "sample_rate": [
        0,
        32e3,
        100e3,
        500e3,
        844687,
        844688,
        862630,
        862631,
        1e6,
        2e6,
        2.048e6,
        1e6 * 2**0.5,
        5e9,
        -1.0,
        float("nan"),
    ],
    "max_cfo_subcarriers": [0, 1.0, 4.5, 16.0, 16.1, 40.0, -1.0, float("nan"), float("inf")],
    "amplitude": [1.0, 1e6, 0, -0.1, 2e6, float("nan"), float("inf")],
    "peak_limit_db": [0, 5.0, 5.4, 5.5, 8.0, 25.0, -1.0, float("nan"), float("inf")],
    "max_blocks_per_burst": [1, 64, 0, 65],
    "gap_samples": [0, -1],
    "tail_samples": [0, -1],
    "hang_samples": [0, -1],
    "max_queued_chunks": [1, 0],
    "max_frame_bytes": [32, 8192, 31, 8193],
    "frame_bytes_step": [1, 256, 257, 0],
    "window_bursts": [1, 100_000, 0, 100_001],
}
"""Values on either side of what the constructors take."""


def blocks_and_parameters():
    """(block, parameter) for all of `RULES`; not of recording_source: its files decide, at the start."""
    for name in blocks.__all__:
        taken = inspect.signature(getattr(blocks, name)).parameters
        for parameter in RULES:
            if parameter.replace("sample_rate", "sample_rate_hz") in taken and name != "recording_source":
                yield name, parameter


@pytest.mark.parametrize(("name", "parameter"), list(blocks_and_parameters()))
def test_what_passes_in_companion_is_what_the_constructor_takes(name, sheet, parameter):
    defaults = {entry["id"]: entry["default"].strip('"') for entry in sheet["parameters"] if "default" in entry}
    for value in RULES[parameter]:
        values = {key: as_number(default) for key, default in defaults.items()} | {parameter: value}
        passes = all(eval(rule[2:-1].strip(), dict(values)) for rule in sheet["asserts"])
        assert passes == is_taken(getattr(blocks, name), parameter.replace("sample_rate", "sample_rate_hz"), value), (
            value
        )


def as_number(text):
    try:
        return float(text)
    except ValueError:
        return text


def is_taken(block, argument, value):
    try:
        block(**{argument: value})
    except ConfigurationError as error:
        assert len(str(error)) < 300
        return False
    except (WaveformError, LinkError):
        return False
    return True


def test_each_assertion_begins_with_a_sentence(sheet):
    """GNU Radio Companion shows the assertion itself: what it asks for must stand in it, in plain English."""
    for rule in sheet.get("asserts", []):
        assert re.match(r"\$\{ \"[A-Z][^\"]+ must be [^\"]+\.\" and ", rule)


def test_fixed_choices_are_enumerations(sheet):
    for parameter in sheet["parameters"]:
        if parameter.get("options") == ["False", "True"]:
            assert parameter["dtype"] == "enum" and len(parameter["option_labels"]) == 2


@pytest.mark.parametrize("word", ["modem", "ofdm", "receiver", "picture"])
def test_a_search_finds_blocks_by_label(repository, word):
    labels = [yaml.safe_load(path.read_text())["label"].lower() for path in (repository / "grc").iterdir()]
    assert any(word in label for label in labels)


def test_every_metadata_key_of_a_received_frame_is_documented(repository, rng):
    said, receiver = [], blocks.burst_receiver()
    receiver._outlet.publish = lambda port, message: said.append(message)
    samples = Transmitter(receiver.waveform).modulate([TransportBlock(rng.bytes(40))], MCS_TABLE["qpsk-1/2"])
    receiver._guarded(receiver._receiver.push, np.concatenate([samples, np.zeros(20_000, np.complex64)]))
    keys = {
        pmt.symbol_to_string(pmt.car(pmt.nth(at, pmt.dict_items(pmt.car(message)))))
        for message in said
        for at in range(pmt.length(pmt.dict_items(pmt.car(message))))
    }
    assert len(said) == 2 and len(keys) > 15
    for name in ("burst_receiver", "modem_receiver"):
        text = yaml.safe_load((repository / "grc" / f"semcom_{name}.block.yml").read_text())["documentation"]
        assert all(re.search(rf"\b{key}\b", text) for key in keys)
