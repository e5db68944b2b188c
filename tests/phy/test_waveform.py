import dataclasses

import pytest

from semcom.phy.errors import ConfigurationError, WaveformError
from semcom.phy.waveform import Waveform, known_waveforms
from semcom.sdr_configs.yaml_file import MAX_FILE_BYTES

GOOD = {
    "nominal_rate_hz": 1.0e6,
    "fft_size": 64,
    "cp_length": 16,
    "window_length": 4,
    "used_carriers": [[-26, -1], [1, 26]],
    "pilot_carriers": [-21, -7, 7, 21],
    "preamble_period": 32,
    "preamble_cover": "++++-+-++--+---+",
    "preamble_seed": 1274,
    "max_cfo_subcarriers": 1.0,
    "max_data_symbols": 2048,
}


def test_ofdm64_is_what_its_sheet_says():
    waveform = Waveform.load("ofdm64")
    assert waveform == Waveform.from_sheet("ofdm64", GOOD)
    assert (waveform.symbol_length, waveform.preamble_length) == (80, 512)
    assert (waveform.num_used, waveform.num_data) == (52, 48)
    assert waveform.subcarrier_spacing_hz == 15625


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("cp_length", 80, r"cp_length must be less than fft_size \(64\), got 80"),
        ("cp_length", 0, "cp_length must be positive"),
        ("cp_length", 16.0, "cp_length must be a whole number, got 16.0"),
        ("fft_size", 63, "fft_size must be a power of two"),
        ("fft_size", 2**20, "fft_size must be a power of two from 16 to"),
        ("window_length", 9, r"window_length must be 0 to half of cp_length \(8\), got 9"),
        ("pilot_carriers", [-30, 7], r"pilot_carriers must be among used_carriers, got \[-30\]"),
        ("pilot_carriers", [7], "pilot_carriers must name at least 2"),
        ("pilot_carriers", [7, 7], "pilot_carriers must be ascending"),
        ("pilot_carriers", [7, "x"], "pilot_carriers must be a list of whole numbers"),
        ("pilot_carriers", [*range(-26, 0), 1], "pilot_carriers must be at most half"),
        ("used_carriers", [[-40, 40]], "used_carriers must lie between -31 and 31"),
        ("used_carriers", [[5, 1]], "used_carriers must be \\[first, last\\]"),
        ("used_carriers", [[-26, 26], [1, 3]], "used_carriers must be ascending"),
        ("used_carriers", [[-1000000000, 1000000000]], "used_carriers must be"),
        ("used_carriers", 5, "used_carriers must be a list"),
        ("nominal_rate_hz", "1e6", "nominal_rate_hz must be a finite number"),
        ("nominal_rate_hz", float("nan"), "nominal_rate_hz must be a finite number"),
        ("nominal_rate_hz", -1.0, "nominal_rate_hz must be positive"),
        ("preamble_period", 24, "preamble_period must be a divisor of fft_size"),
        ("preamble_cover", "+-+", "preamble_cover must have 4 to 64 signs, got 3"),
        ("preamble_cover", "+-*+", "preamble_cover must consist of the signs"),
        ("preamble_seed", 0, "preamble_seed must be 1 to"),
        ("max_cfo_subcarriers", 0, "max_cfo_subcarriers must be above 0"),
        ("max_data_symbols", 10**9, "max_data_symbols must be 1 to 8192"),
    ],
)
def test_impossible_values_are_refused_by_key_rule_and_value(key, value, message):
    with pytest.raises(WaveformError, match=message):
        Waveform.from_sheet("bad", GOOD | {key: value})


def test_unknown_and_missing_keys_are_refused():
    with pytest.raises(WaveformError, match="unknown keys: cp_lenght"):
        Waveform.from_sheet("bad", GOOD | {"cp_lenght": 16})
    with pytest.raises(WaveformError, match="lacks keys: fft_size"):
        Waveform.from_sheet("bad", {key: value for key, value in GOOD.items() if key != "fft_size"})


def test_unknown_names_list_the_known_ones():
    assert "ofdm64" in known_waveforms()
    for name in ("ofdm65", "", "../ofdm64", "/etc/passwd"):
        with pytest.raises(ConfigurationError, match=r"waveform must be one of .*ofdm64"):
            Waveform.load(name)


def test_files_are_read_by_path_and_bad_ones_refused(tmp_path):
    lines = [f"{key}: {value!r}" for key, value in GOOD.items()]
    good = tmp_path / "mine.yml"
    good.write_text("\n".join(lines))
    assert dataclasses.replace(Waveform.load(good), name="ofdm64") == Waveform.load("ofdm64")
    for text in ("[1, 2]", "a: [", "x" * (MAX_FILE_BYTES + 1), "", "\x00", "!!python/object:os.system {}"):
        bad = tmp_path / "bad.yml"
        bad.write_text(text)
        with pytest.raises(WaveformError):
            Waveform.load(bad)
    with pytest.raises(WaveformError, match="cannot be read"):
        Waveform.load(tmp_path / "absent.yml")
