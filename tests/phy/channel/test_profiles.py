"""Power delay profiles of 3GPP TS 36.101 and TR 38.901 by name."""

import numpy as np
import pytest

from semcom.phy import channel
from semcom.phy.errors import ConfigurationError


@pytest.mark.parametrize(("name", "spread_ns"), [("EPA5", 43), ("EVA70", 357), ("ETU300", 991)])
def test_extended_profiles_have_the_delay_spreads_the_standard_states(name, spread_ns):
    fading = channel.profile(name)
    assert fading.rms_delay_spread_s * 1e9 == pytest.approx(spread_ns, abs=0.5)
    assert sum(fading.powers) == pytest.approx(1)


@pytest.mark.parametrize("letter", ["A", "B", "C"])
def test_tapped_delay_lines_are_scaled_to_the_spread_asked_for(letter):
    fading = channel.profile(f"TDL-{letter}250-30")
    assert fading.doppler_hz == 30
    assert fading.rms_delay_spread_s * 1e9 == pytest.approx(
        250, rel=1e-4
    )  # the tables are normalised to a spread of one


@pytest.mark.parametrize("name", ["EVB70", "EPA", "TDL-D30-5", "TDL-A-5", "", "EPA5 "])
def test_unknown_profiles_are_refused_by_name(name):
    with pytest.raises(ConfigurationError, match="fading profile"):
        channel.profile(name)


@pytest.mark.parametrize(
    ("name", "delays_ns", "powers_db"),
    [
        ("EPA5", [0, 30, 70, 90, 110, 190, 410], [0, -1, -2, -3, -8, -17.2, -20.8]),
        (
            "EVA70",
            [0, 30, 150, 310, 370, 710, 1090, 1730, 2510],
            [0, -1.5, -1.4, -3.6, -0.6, -9.1, -7, -12, -16.9],
        ),
        ("ETU300", [0, 50, 120, 200, 230, 500, 1600, 2300, 5000], [-1, -1, -1, 0, 0, 0, -3, -5, -7]),
    ],
)
def test_extended_profiles_are_tables_b_2_1_2_to_4(name, delays_ns, powers_db):
    fading = channel.profile(name)
    np.testing.assert_allclose(np.array(fading.delays_s) * 1e9, delays_ns, atol=1e-6)
    np.testing.assert_allclose(10 * np.log10(np.array(fading.powers) / max(fading.powers)), powers_db, atol=1e-6)
    assert fading.name == name and fading.doppler_hz == float(name[3:])


@pytest.mark.parametrize(
    ("letter", "num_paths", "strongest", "first", "last"),
    [("A", 23, 1, -13.4, 9.6586), ("B", 23, 0, 0.0, 4.7834), ("C", 24, 5, -4.4, 8.6523)],
)
def test_tapped_delay_lines_begin_and_end_as_the_tables_do(letter, num_paths, strongest, first, last):
    fading = channel.profile(f"TDL-{letter}1000-1")
    powers_db = 10 * np.log10(np.array(fading.powers) / max(fading.powers))
    assert len(fading.delays_s) == num_paths and int(np.argmax(powers_db)) == strongest
    assert powers_db[0] == pytest.approx(first)
    assert fading.delays_s[-1] * 1e6 == pytest.approx(last)
