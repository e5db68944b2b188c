"""GRC files say what the blocks say."""

import inspect
import re

import pmt
import pytest
import yaml
from gnuradio import gr

from semcom import blocks
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.waveform import known_waveforms
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
    methods = {method for method in dir(getattr(blocks, name)) if method in ("set_mcs", "set_amplitude")}
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
        else:
            assert told == {str(pmt.vector_ref(ports, at)) for at in range(pmt.length(ports))} - {"system"}


def test_each_block_is_documented_with_every_port_and_has_its_limits_asserted(name, sheet):
    text = sheet["documentation"]
    assert len(text) > 200
    for port in sheet.get("inputs", []) + sheet.get("outputs", []):
        assert re.search(rf"^{port['label']}( \((in|out)\))?:", text, re.M)
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
