import pytest

from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_BY_NUMBER, MCS_TABLE, MODULATIONS, find_mcs

TABLE = {  # docs/waveform.md: number, bits per symbol, rate, form of the signal field
    "bpsk-1/8": (0, 1, 1 / 8, "robust"),
    "bpsk-1/5": (1, 1, 1 / 5, "robust"),
    "bpsk-1/3": (2, 1, 1 / 3, "medium"),
    "bpsk-2/5": (16, 1, 2 / 5, "medium"),
    "bpsk-1/2": (3, 1, 1 / 2, "medium"),
    "qpsk-1/3": (4, 2, 1 / 3, "medium"),
    "qpsk-1/2": (5, 2, 1 / 2, "short"),
    "qpsk-2/3": (6, 2, 2 / 3, "short"),
    "qpsk-3/4": (7, 2, 3 / 4, "short"),
    "16qam-1/2": (8, 4, 1 / 2, "short"),
    "16qam-2/3": (9, 4, 2 / 3, "short"),
    "16qam-3/4": (10, 4, 3 / 4, "short"),
    "64qam-2/3": (11, 6, 2 / 3, "short"),
    "64qam-3/4": (12, 6, 3 / 4, "short"),
    "64qam-5/6": (13, 6, 5 / 6, "short"),
    "256qam-3/4": (14, 8, 3 / 4, "short"),
    "256qam-5/6": (15, 8, 5 / 6, "short"),
}


def test_the_table_is_the_one_on_the_air():
    assert list(MCS_TABLE) == list(TABLE)
    for name, (number, bits, rate, form) in TABLE.items():
        mcs = MCS_TABLE[name]
        assert (mcs.name, mcs.number, mcs.bits_per_symbol, mcs.header_form) == (name, number, bits, form)
        assert mcs.code_rate == pytest.approx(rate)
        assert mcs.efficiency == pytest.approx(bits * rate)
        assert MODULATIONS[mcs.modulation] == bits
        assert MCS_BY_NUMBER[number] is mcs


def test_each_mcs_carries_more_than_the_one_before():
    efficiencies = [mcs.efficiency for mcs in MCS_TABLE.values()]
    assert efficiencies == sorted(set(efficiencies)) and len(efficiencies) == len(MCS_BY_NUMBER) == 17


def test_an_unknown_mcs_is_refused_with_the_known_ones():
    assert find_mcs("qpsk-1/2") is MCS_TABLE["qpsk-1/2"]
    with pytest.raises(ConfigurationError, match=r"mcs must be one of bpsk-1/8, .*, got 'qpsk'"):
        find_mcs("qpsk")
