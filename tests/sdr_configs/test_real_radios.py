"""Files of real radios: ranges of each device, rules between keys, and copies with other values."""

import pytest

from semcom.sdr_configs.changed_copy import write_changed_copy
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import load_loopback, load_radio, load_real_radio, radio_path

CENTER = "center_freq_hz: 2.4e+9\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("driver: pluto\n", "center_freq_hz must be given"),
        ("driver: pluto\ncenter_freq_hz: 2.4e9\n", r"center_freq_hz .* as text .*: 2.400000e\+09\)"),
        ("driver: pluto\ncenter_freq_hz: 7.0e+9\n", "center_freq_hz must be less than or equal to 6000000000"),
        (f"driver: pluto\n{CENTER}tx_attenuation_db: 95\n", "tx_attenuation_db must be less than or equal to 89.75"),
        (f"driver: pluto\n{CENTER}rx_gain_db: '40'\n", "rx_gain_db must be a valid number, got '40'"),
        (f"driver: pluto\n{CENTER}tx_atenuation_db: 5\n", "tx_atenuation_db is not a key here"),
        (f"driver: pluto\n{CENTER}uri: http://x\n", "uri must look like"),
        (f"driver: pluto\n{CENTER}rx_buffer_ms: 10\n", "rx_buffer_ms must be greater than or equal to 50, got 10"),
        (f"driver: pluto\n{CENTER}lo_offset_hz: 1.0e+6\n", r"lo_offset_hz must be less than half of sample_rate_hz"),
        (f"driver: uhd\n{CENTER}clock_source: moon\n", "clock_source must be 'internal', 'external' or 'gpsdo'"),
        (f"driver: soapy\n{CENTER}", "device_args must be given"),
        (f"driver: pluto\n{CENTER}ptt_command: rigctl\n", "ptt_command must"),
        ("driver: sigmf\nsample_rate_hz: 0\n", "sample_rate_hz must be greater than 0, got 0"),
        ("driver: zmq\naddress: tcp://8.8.8.8:1\n", "address must look like"),
    ],
)
def test_refusals_name_key_rule_and_value(tmp_path, text, message):
    path = tmp_path / "radio.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_radio(path)
    assert "\n" not in str(caught.value)


def test_nothing_transmits_on_the_air_unasked():
    on_the_air = {"pluto", "usrp_b210", "usrp_n210", "rtlsdr_rx"}
    assert {name for name in on_the_air if load_real_radio(name).confirm_transmit} == set()
    assert load_real_radio("pluto_loopback").loopback == "digital"


def test_the_back_off_is_an_amplitude():
    assert abs(load_real_radio("pluto").tx_amplitude - 10 ** (-12 / 20)) < 1e-12


def test_loopbacks_and_real_radios_are_told_apart():
    with pytest.raises(ConfigError, match="use `semcom transmit` and `semcom receive`"):
        load_loopback("pluto")
    with pytest.raises(ConfigError, match="use `semcom send`"):
        load_real_radio("loopback-awgn")


def test_a_changed_copy_keeps_comments_and_adds_what_was_not_there(tmp_path):
    target = tmp_path / "mine.yml"
    write_changed_copy("pluto", target, {"rx_gain_db": 33.0, "rx_freq_offset_hz": -12345.5})
    changed, before = load_real_radio(target), load_real_radio("pluto")
    assert (changed.rx_gain_db, changed.rx_freq_offset_hz) == (33.0, -12345.5)
    assert changed.model_dump(exclude={"rx_gain_db", "rx_freq_offset_hz"}) == before.model_dump(
        exclude={"rx_gain_db", "rx_freq_offset_hz"}
    )
    comments = [line for line in radio_path("pluto").read_text().splitlines() if "#" in line]
    assert all(line in target.read_text() for line in comments)
    with pytest.raises(ConfigError, match="rx_gain_db must be less than or equal to 73"):
        write_changed_copy("pluto", tmp_path / "bad.yml", {"rx_gain_db": 99.0})
    assert not (tmp_path / "bad.yml").exists()
