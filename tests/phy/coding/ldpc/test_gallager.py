import numpy as np
import pytest

pyldpc = pytest.importorskip("pyldpc", reason="pyldpc is needed: scripts/setup gallager")

from semcom.phy.coding.ldpc.gallager import GallagerCode  # noqa: E402
from semcom.phy.errors import ConfigurationError  # noqa: E402


@pytest.fixture(scope="module")
def code():
    return GallagerCode(1296)


def received(code, esno_db, batch, rng):
    """Information and LLRs of BPSK over noise; Es/N0 per coded bit on one axis."""
    information = rng.integers(0, 2, (batch, code.num_information_bits), dtype=np.uint8)
    noise_var = 10 ** (-esno_db / 10) / 2
    sent = 1.0 - 2.0 * code.encode(information)
    llr = 2 * (sent + rng.normal(0, np.sqrt(noise_var), sent.shape)) / noise_var
    return information, llr.astype(np.float32)


def test_it_is_regular_and_its_words_satisfy_every_check(code, rng):
    assert set(code.parity_check.sum(axis=0)) == {3} and set(code.parity_check.sum(axis=1)) == {6}
    assert code.num_information_bits == pytest.approx(1296 / 2, abs=3)
    information = rng.integers(0, 2, (20, code.num_information_bits), dtype=np.uint8)
    words = code.encode(information)
    assert not (words @ code.parity_check.T % 2).any()
    assert np.array_equal(words[:, : code.num_information_bits], information)


def test_it_decodes_where_the_ensemble_does(code, rng):
    """Belief propagation of the (3,6) ensemble ends at 1.1 dB of Eb/N0 = -1.9 dB of Es/N0; finite length: +0.9."""
    information, llr = received(code, -1.0, 120, rng)
    result = code.decode(llr)
    assert (result.bits != information).any(axis=1).mean() <= 0.03
    assert np.array_equal(result.parity_ok, (result.bits == information).all(axis=1))
    information, llr = received(code, -3.2, 60, rng)
    assert not code.decode(llr).parity_ok.any()


def test_pyldpc_agrees(code, rng):
    information, llr = received(code, -0.5, 3, rng)
    ours = code.decode(llr)
    for row, bits in zip(llr, ours.bits, strict=True):
        theirs = pyldpc.decode(code.parity_check.astype(int), row.astype(float) / 4, snr=10 * np.log10(2), maxiter=60)
        assert np.array_equal(theirs[: code.num_information_bits], bits)
    assert np.array_equal(ours.bits, information)


def test_scale_does_not_matter_and_rubbish_is_borne(code, rng):
    _, llr = received(code, 0.0, 5, rng)
    assert np.array_equal(code.decode(llr).bits, code.decode(llr * 1e-6).bits)
    llr[0] = np.nan
    assert not code.decode(llr).parity_ok[0]


@pytest.mark.parametrize("length", [0, 10, 1297, 100_002])
def test_lengths_that_cannot_be_are_refused(length):
    with pytest.raises(ConfigurationError, match="num_coded_bits must be a multiple of 6"):
        GallagerCode(length)
