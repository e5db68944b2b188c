"""An amplifier is keyed before and released after, whatever happens between."""

import sys

import pytest

from semcom.flowgraphs.errors import RadioSettingError
from semcom.flowgraphs.radios.ptt import Ptt
from semcom.sdr_configs.radio import parse_radio


def radio_with(*command):
    return parse_radio({"driver": "pluto", "center_freq_hz": 2.4e9, "ptt_command": list(command)})


def test_on_before_and_off_after_an_error_too(tmp_path):
    log = tmp_path / "log"
    write = f"import sys; open({str(log)!r}, 'a').write(sys.argv[1] + ' ')"
    with pytest.raises(ZeroDivisionError), Ptt(radio_with(sys.executable, "-c", write)):
        assert log.read_text() == "on "
        raise ZeroDivisionError
    assert log.read_text() == "on off "


def test_a_command_that_fails_keeps_us_from_transmitting():
    for command in (("/nonexistent/program",), (sys.executable, "-c", "raise SystemExit(1)")):
        with pytest.raises(RadioSettingError, match="ptt_command must succeed with 'on'"), Ptt(radio_with(*command)):
            pytest.fail("must not transmit")
