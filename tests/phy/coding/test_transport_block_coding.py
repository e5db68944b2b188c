"""Transport blocks: exact against NR, near the limit in noise, stronger with every repeat, unmoved by nonsense."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.phy.coding.ldpc.encoder import encode
from semcom.phy.coding.ldpc.rate_matching import rate_matching_positions, split_coded_bits
from semcom.phy.coding.transport_block_coding import (
    MAX_TRANSPORT_BLOCK_BYTES,
    TransportBlockCoder,
    minimum_coded_bits,
    transport_block_coder,
)
from semcom.phy.errors import ConfigurationError


def bpsk_llr(coded, noise_var, rng):
    """LLRs of coded bits sent as +-1 over real noise of this variance: float32."""
    received = 1.0 - 2.0 * coded + np.sqrt(noise_var) * rng.standard_normal(coded.size)
    return (2 * received / noise_var).astype(np.float32)


def block_error_rate(rng, coder, esno_db, num_blocks, scale=1.0):
    """Share of blocks lost with QPSK at this Es/N0 (two bits a symbol, so Es/N0 per bit is 3 dB less)."""
    noise_var = 10 ** (-esno_db / 10)
    lost = 0
    for _ in range(num_blocks):
        payload = rng.bytes(coder.payload_bytes)
        result = coder.decode(np.float32(scale) * bpsk_llr(coder.encode(payload), noise_var, rng))
        assert result.payload in (payload, None)
        lost += not result.crc_ok
    return lost / num_blocks


@settings(max_examples=60, deadline=None)
@given(
    payload_bytes=st.integers(1, 3000),
    bits_per_symbol=st.sampled_from([1, 2, 4, 6, 8]),
    code_rate=st.floats(0.1, 0.92),
    extra_symbols=st.integers(0, 2000),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_size_comes_back(payload_bytes, bits_per_symbol, code_rate, extra_symbols, seed):
    rng = np.random.default_rng(seed)
    num_coded_bits = minimum_coded_bits(payload_bytes, bits_per_symbol, code_rate) + extra_symbols * bits_per_symbol
    coder = TransportBlockCoder(payload_bytes, bits_per_symbol, code_rate, num_coded_bits)
    payload = rng.bytes(payload_bytes)
    coded = coder.encode(payload)
    assert coded.shape == (num_coded_bits,)
    assert coded.dtype == np.uint8
    result = coder.decode((1 - 2.0 * coded) * rng.uniform(0.5, 8, num_coded_bits))
    assert (result.payload, result.crc_ok) == (payload, True)


@pytest.mark.parametrize("size", [MAX_TRANSPORT_BLOCK_BYTES, 8192])
def test_large_blocks_come_back(size, rng):
    coder = TransportBlockCoder(size, 6, 0.75, 6 * (size * 8 * 4 // 3 // 6 + 60))
    assert coder.segmentation.num_code_blocks > 1
    payload = rng.bytes(size)
    assert coder.decode(1 - 2.0 * coder.encode(payload)).payload == payload


@pytest.mark.parametrize("case", [0, 1, 2])
def test_coded_bits_are_those_of_nr(case, shared_dir):
    data = np.load(shared_dir / f"data/radio/nr_transport_block/tb_testcase_{case}.npz", allow_pickle=False)
    payload = np.packbits(data["u_ref"][0].astype(np.uint8)).tobytes()
    expected = data["c_ref_no_scr"][0]
    bits_per_symbol, num_layers = int(data["num_bits_per_symbol"]), int(data["num_layers"])
    coder = TransportBlockCoder(len(payload), bits_per_symbol, float(data["coderate"]), expected.size)
    if num_layers == 1:
        assert np.array_equal(coder.encode(payload), expected)
        return
    # Two spatial layers divide the coded bits differently: the same parts, put together by hand.
    s, start = coder.segmentation, 0
    sizes = split_coded_bits(expected.size, s.num_code_blocks, bits_per_symbol, num_layers)
    for block, num_bits in zip(coder._code_blocks(payload), sizes, strict=True):
        information = np.zeros(s.graph.num_information_bits, dtype=np.uint8)
        information[: block.size] = block
        positions = rate_matching_positions(s.graph, s.num_code_block_bits, num_bits, 0, bits_per_symbol)
        coded = encode(s.graph, information)[2 * s.graph.lifting_size :][positions]
        assert np.array_equal(coded, expected[start : start + num_bits])
        start += num_bits
    assert start == expected.size


# The BICM limit of QPSK at rate 1/2 is Es/N0 = 0.19 dB.
@pytest.mark.parametrize(
    ("payload_bytes", "num_coded_bits", "esno_db", "num_blocks", "most_lost"),
    [(20, 352, 3.0, 400, 0.01), (120, 1952, 1.5, 400, 0.01), (1000, 16048, 0.85, 150, 0.02)],
)
def test_blocks_get_through_near_the_limit(payload_bytes, num_coded_bits, esno_db, num_blocks, most_lost, rng):
    coder = TransportBlockCoder(payload_bytes, 2, 0.5, num_coded_bits)
    assert block_error_rate(rng, coder, esno_db, num_blocks) <= most_lost


def test_below_capacity_nothing_gets_through_and_nothing_is_made_up(rng):
    coder = TransportBlockCoder(120, 2, 0.5, 1952)
    assert block_error_rate(rng, coder, -1.5, 40) == 1.0


@pytest.mark.parametrize("scale", [1e-6, 0.3, 3.0, 1e6])
def test_scale_of_the_llrs_does_not_matter(scale, rng):
    coder = TransportBlockCoder(120, 2, 0.5, 1952)
    assert block_error_rate(rng, coder, 1.6, 100, scale) <= 0.03


def test_repetition_adds_up_to_a_robust_mode(rng):
    coder = TransportBlockCoder(40, 1, 0.2, 16 * 1700)  # sixteen times longer than rate 1/5
    noise_var = 10 ** (15 / 10) / 2  # BPSK at Es/N0 = -15 dB
    decoded = 0
    for _ in range(20):
        payload = rng.bytes(40)
        decoded += coder.decode(bpsk_llr(coder.encode(payload), noise_var, rng)).payload == payload
    assert decoded >= 19


@pytest.mark.parametrize("second_version", [0, 1, 2, 3])
def test_a_second_transmission_rescues_the_first(second_version, rng):
    coder = TransportBlockCoder(200, 2, 0.66, 2448)
    noise_var = 10 ** (-0.5 / 10)  # Es/N0 = 0.5 dB: too much for rate 0.66, not for half of it
    alone = together = 0
    for _ in range(30):
        payload = rng.bytes(200)
        first = coder.decode(bpsk_llr(coder.encode(payload, 0), noise_var, rng))
        alone += first.crc_ok
        kept = first.soft_buffer.values.copy()
        llr = bpsk_llr(coder.encode(payload, second_version), noise_var, rng)
        second = coder.decode(llr, second_version, first.soft_buffer)
        together += second.payload == payload
        assert np.array_equal(first.soft_buffer.values, kept)
    assert alone == 0
    assert together >= 28


def test_incremental_redundancy_beats_repeating_the_same(rng):
    coder = TransportBlockCoder(500, 2, 0.8, 5100)
    noise_var = 1.0  # Es/N0 = 0 dB: rate 0.4 gets through, rate 0.8 repeated (3 dB better) does not
    delivered = {}
    for version in (0, 2):
        delivered[version] = 0
        for _ in range(30):
            payload = rng.bytes(500)
            first = coder.decode(bpsk_llr(coder.encode(payload, 0), noise_var, rng))
            llr = bpsk_llr(coder.encode(payload, version), noise_var, rng)
            delivered[version] += coder.decode(llr, version, first.soft_buffer).crc_ok
    assert delivered[2] >= delivered[0] + 15


@pytest.mark.parametrize("payload_bytes", [1, 20, 120, 1000, 2000])
def test_silence_and_nonsense_are_never_a_payload(payload_bytes, rng):
    num_coded_bits = 2 * (payload_bytes * 8 + 60)
    coder = TransportBlockCoder(payload_bytes, 2, 0.5, num_coded_bits)
    nonsense = [
        np.zeros(num_coded_bits),
        np.full(num_coded_bits, np.nan),
        np.full(num_coded_bits, -np.inf),
        np.full(num_coded_bits, -1e-30),
        np.where(np.arange(num_coded_bits) < 10, 5.0, 0.0),
        np.resize([np.inf, -np.inf, np.nan, 0.0], num_coded_bits),
        np.resize([3e38, -3e38], num_coded_bits),
    ]
    for llr in nonsense:
        for redundancy_version in range(4):
            result = coder.decode(llr.astype(np.float32), redundancy_version)
            assert (result.payload, result.crc_ok) == (None, False)


@pytest.mark.parametrize("payload_bytes", [1, 20, 300])
@pytest.mark.parametrize("fill", [b"\x00", b"\xff"])
def test_uniform_payloads_come_back_at_the_highest_rate(payload_bytes, fill, rng):
    """All-zero bits satisfy every check from the start, before the columns that are never sent are known."""
    coder = TransportBlockCoder(payload_bytes, 1, 0.6, minimum_coded_bits(payload_bytes, 1, 0.6))
    for _ in range(20):
        coded = coder.encode(fill * payload_bytes)
        llr = (1 - 2.0 * coded) * rng.uniform(0.5, 8, coded.size)
        assert coder.decode(llr).payload == fill * payload_bytes


def test_undecided_bits_are_never_a_payload():
    """A block of ones, which is what bits without any evidence become, must fail the CRC at every length."""
    for payload_bytes in (*range(1, 1200), *range(1200, MAX_TRANSPORT_BLOCK_BYTES, 97)):
        num_check_bytes = 2 if payload_bytes <= 478 else 3
        crc = transport_block_coder(payload_bytes, 1, 0.5, 20 * payload_bytes + 200).segmentation.crc
        assert crc.num_bits == 8 * num_check_bytes
        assert crc.checksum(b"\xff" * (payload_bytes + num_check_bytes)) != 0


def test_infinities_and_gaps_in_a_good_block_are_survived(rng):
    coder = TransportBlockCoder(120, 2, 0.5, 1952)
    payload = rng.bytes(120)
    llr = bpsk_llr(coder.encode(payload), 0.4, rng)
    llr[rng.integers(0, llr.size, 60)] = np.nan
    strong = rng.integers(0, llr.size, 60)
    llr[strong] = np.where(1 - 2.0 * coder.encode(payload)[strong] > 0, np.inf, -np.inf)
    assert coder.decode(llr).payload == payload


def test_one_coder_serves_several_threads(rng):
    coder = TransportBlockCoder(300, 2, 0.5, 4900)
    payloads = [rng.bytes(300) for _ in range(24)]
    llrs = [bpsk_llr(coder.encode(payload), 0.6, rng) for payload in payloads]
    with ThreadPoolExecutor(4) as pool:
        assert [result.payload for result in pool.map(coder.decode, llrs)] == payloads


def test_equal_parameters_share_one_coder():
    assert transport_block_coder(50, 2, 0.5, 900) is transport_block_coder(50, 2, 0.5, 900)


def test_refuses_what_cannot_work(rng):
    with pytest.raises(ConfigurationError, match="payload_bytes must be 1 to 16384, got 0"):
        TransportBlockCoder(0, 2, 0.5, 1000)
    with pytest.raises(ConfigurationError, match="payload_bytes must be 1 to 16384, got 16385"):
        minimum_coded_bits(MAX_TRANSPORT_BLOCK_BYTES + 1, 2, 0.5)
    with pytest.raises(ConfigurationError, match="bits_per_symbol must be at least 1, got 0"):
        TransportBlockCoder(10, 0, 0.5, 1000)
    least = minimum_coded_bits(100, 2, 0.5)
    with pytest.raises(ConfigurationError, match=f"num_coded_bits must be at least {least} for 100 bytes"):
        TransportBlockCoder(100, 2, 0.5, least - 2)
    with pytest.raises(ConfigurationError, match=r"multiple of bits_per_symbol \(4\)"):
        TransportBlockCoder(100, 4, 0.5, 4001)
    coder = TransportBlockCoder(100, 2, 0.5, 1700)
    with pytest.raises(ConfigurationError, match="payload must be 100 bytes, got 99"):
        coder.encode(bytes(99))
    with pytest.raises(ConfigurationError, match=r"llr must have shape \[1700\], got \[1699\]"):
        coder.decode(np.zeros(1699, dtype=np.float32))
    with pytest.raises(ConfigurationError, match="redundancy_version must be 0 to 3, got 4"):
        coder.encode(bytes(100), 4)
    other = TransportBlockCoder(3000, 2, 0.5, 50000).decode(rng.normal(size=50000)).soft_buffer
    with pytest.raises(ConfigurationError, match="soft_buffer must have shape"):
        coder.decode(np.zeros(1700, dtype=np.float32), 0, other)


@pytest.mark.parametrize(
    ("payload_bytes", "bits_per_symbol", "code_rate", "least"),
    [
        (10, 1, 0.5, 96 + 16),  # one block with CRC16: K' = 96, graph 2 of Z = 16; one column of parity more
        (10, 6, 0.5, 114),  # the same in whole symbols
        (120, 1, 0.5, 976 + 104),  # K' = 976, Z = 104: more than 976 / 0.95
        (1000, 2, 0.75, 8448),  # K' = 8024 with CRC24A: 8024 / 0.95, in whole symbols
    ],
)
def test_the_least_number_of_coded_bits(payload_bytes, bits_per_symbol, code_rate, least):
    assert minimum_coded_bits(payload_bytes, bits_per_symbol, code_rate) == least


def test_a_block_without_hope_is_given_up_unless_its_extrinsic_llrs_are_wanted(rng):
    coder = transport_block_coder(120, 2, 0.5, 1968)
    llr = bpsk_llr(coder.encode(rng.bytes(120)), 10**0.4, rng)
    given_up, tried = coder.decode(llr), coder.decode(llr, give_up=False)
    assert given_up.num_iterations < 40 == tried.num_iterations
    assert given_up.again_us == 0 < tried.again_us and given_up.work_us < tried.work_us / 10
    assert np.array_equal(given_up.soft_buffer.values, tried.soft_buffer.values)
    fed_back = coder.decode(llr, want_extrinsic=True)
    assert fed_back.num_iterations == 40 and fed_back.extrinsic.shape == llr.shape


def test_of_several_code_blocks_the_first_without_hope_ends_it(rng):
    coder = transport_block_coder(6000, 2, 0.5, 96_080)
    llr = bpsk_llr(coder.encode(rng.bytes(6000)), 10**0.4, rng)
    assert coder.segmentation.num_code_blocks == 6
    assert 8 * coder.decode(llr).work_us < coder.decode(llr, give_up=False).work_us
