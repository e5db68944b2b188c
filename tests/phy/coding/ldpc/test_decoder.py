"""Decoder against an independent one, in batches, and at its own edges."""

import numpy as np
import pytest
from ldpc import BpDecoder

from semcom.phy.coding.ldpc.base_graph import base_graph
from semcom.phy.coding.ldpc.decoder import LdpcDecoder
from semcom.phy.coding.ldpc.encoder import encode
from semcom.phy.coding.ldpc.rate_matching import combine, rate_matching_positions
from semcom.phy.coding.ldpc.soft_scaling import gain_for_decoding
from semcom.phy.errors import ConfigurationError

STEPS = 64.0  # of the soft buffer per unit of LLR


def noisy_words(rng, graph, num_code_block_bits, num_coded_bits, esno_db, num_words):
    """BPSK over AWGN: information bits uint8 [num_words, K'], circular buffers int16 [num_words, N]."""
    positions = rate_matching_positions(graph, num_code_block_bits, num_coded_bits, 0, 1)
    noise_var = 10 ** (-esno_db / 10) / 2
    bits = rng.integers(0, 2, (num_words, num_code_block_bits), dtype=np.uint8)
    soft = np.zeros((num_words, graph.num_buffer_bits), dtype=np.int16)
    for word, buffer in zip(bits, soft, strict=True):
        information = np.zeros(graph.num_information_bits, dtype=np.uint8)
        information[:num_code_block_bits] = word
        coded = encode(graph, information)[2 * graph.lifting_size :][positions]
        received = 1.0 - 2.0 * coded + np.sqrt(noise_var) * rng.standard_normal(num_coded_bits)
        combine(buffer, (2 * received / noise_var).astype(np.float32), positions, STEPS)
    return bits, soft


def test_as_good_as_exact_belief_propagation(rng):
    graph = base_graph(2, 10)
    num_rows = 16
    bits, soft = noisy_words(rng, graph, 100, 240, -1.5, 200)
    num_columns = graph.num_information_columns + num_rows
    oracle = BpDecoder(
        graph.parity_check_matrix()[: num_rows * 10, : num_columns * 10],
        error_rate=0.1,
        max_iter=40,
        bp_method="product_sum",
        schedule="serial",
        input_vector_type="received_vector",
    )
    decoder = LdpcDecoder(graph, 100, max_iterations=40)
    ours, theirs, both_right = 0, 0, 0
    for word, buffer in zip(bits, soft, strict=True):
        llr = np.concatenate((np.zeros(20), buffer[: num_columns * 10 - 20] / STEPS))
        oracle.update_channel_probs(1 / (1 + np.exp(np.abs(llr))))
        exact = oracle.decode((llr < 0).astype(np.uint8))[:100]
        found = decoder.decode(buffer).bits[0]
        right, exactly_right = np.array_equal(found, word), np.array_equal(exact, word)
        ours, theirs, both_right = ours + right, theirs + exactly_right, both_right + (right and exactly_right)
    assert 120 < theirs < 200  # the channel is neither hopeless nor trivial
    assert ours >= theirs - 6
    assert both_right >= theirs - 10


@pytest.mark.parametrize(
    ("number", "lifting_size", "num_code_block_bits"),
    [(1, 2, 44), (1, 11, 240), (2, 3, 24), (2, 30, 176), (2, 384, 3840)],
)
def test_a_batch_decides_as_its_words_do_alone(number, lifting_size, num_code_block_bits, rng):
    graph = base_graph(number, lifting_size)
    coded = 3 * num_code_block_bits
    bits, soft = noisy_words(rng, graph, num_code_block_bits, coded, 3.0, 7)
    decoder = LdpcDecoder(graph, num_code_block_bits)
    batch = decoder.decode(soft)
    assert batch.parity_ok.all()
    assert np.array_equal(batch.bits, bits)
    assert np.array_equal(np.concatenate([decoder.decode(buffer).bits for buffer in soft]), bits)


def test_scale_does_not_matter(rng):
    graph = base_graph(2, 44)
    bits, soft = noisy_words(rng, graph, 440, 880, -1.0, 60)
    decoder = LdpcDecoder(graph, 440)
    wrong = []
    for scale in (1.0, 0.1, 4.0):
        scaled = np.clip(np.rint(soft * scale), -32767, 32767).astype(np.int16)
        wrong.append(sum(not np.array_equal(decoder.decode(s).bits[0], b) for s, b in zip(scaled, bits, strict=True)))
    assert max(wrong) <= 8
    assert max(wrong) - min(wrong) <= 3


def test_gain_finds_the_true_scale_near_threshold(rng):
    graph = base_graph(1, 384)
    _, soft = noisy_words(rng, graph, 8448, 16896, -2.1, 1)  # rate 1/2 needs -2.8 dB at least
    assert gain_for_decoding(soft[0], 8448) * STEPS == pytest.approx(1.0, rel=0.06)
    assert gain_for_decoding((soft[0] // 7).astype(np.int16), 8448) * STEPS / 7 == pytest.approx(1.0, rel=0.06)


def test_stops_early_in_little_noise_and_at_the_limit_in_much(rng):
    graph = base_graph(1, 64)
    decoder = LdpcDecoder(graph, 1408, max_iterations=12)
    _, clear = noisy_words(rng, graph, 1408, 2816, 8.0, 1)
    _, hopeless = noisy_words(rng, graph, 1408, 2816, -8.0, 1)
    assert decoder.decode(clear).num_iterations <= 4
    result = decoder.decode(hopeless)
    assert (result.num_iterations, result.parity_ok.tolist()) == (12, [False])


def test_parity_ok_means_that_the_decided_bits_are_a_codeword(rng):
    graph = base_graph(2, 6)
    _, soft = noisy_words(rng, graph, 60, 300, -3.5, 200)
    decoder = LdpcDecoder(graph, 60)
    converged = 0
    for buffer in soft:
        result = decoder.decode(buffer)
        if result.parity_ok[0]:
            converged += 1
            again = encode(graph, result.bits[0])[12:]
            agreement = np.mean(np.sign(buffer[:300]) == 1 - 2.0 * again[:300])
            assert agreement > 0.7  # close to what was received, right or wrong
    assert converged > 150


def test_erasures_beyond_repair_are_decided_as_ones(rng):
    graph = base_graph(2, 8)
    soft = np.zeros(graph.num_buffer_bits, dtype=np.int16)
    result = LdpcDecoder(graph, 80).decode(soft)
    assert result.bits.all()


def test_extreme_values_do_not_overflow(rng):
    graph = base_graph(1, 16)
    information = rng.integers(0, 2, graph.num_information_bits, dtype=np.uint8)
    coded = encode(graph, information)[32:]
    for magnitude in (1, 32767):
        soft = ((1 - 2 * coded.astype(np.int32)) * magnitude).astype(np.int16)
        assert np.array_equal(LdpcDecoder(graph, 352).decode(soft).bits[0], information)
    one_sided = np.full(graph.num_buffer_bits, 32767, dtype=np.int16)
    one_sided[::2] = -32768
    assert LdpcDecoder(graph, 352).decode(one_sided).bits.max() <= 1


def test_refuses_wrong_shapes_and_limits():
    graph = base_graph(2, 8)
    decoder = LdpcDecoder(graph, 80)
    with pytest.raises(ConfigurationError, match=r"soft must be int16 \[batch, 400\], got float64"):
        decoder.decode(np.zeros(400))
    with pytest.raises(ConfigurationError, match=r"soft must be int16"):
        decoder.decode(np.zeros(399, dtype=np.int16))
    with pytest.raises(ConfigurationError, match="num_code_block_bits must be 1 to 80, got 81"):
        LdpcDecoder(graph, 81)
    with pytest.raises(ConfigurationError, match="max_iterations must be at least 1, got 0"):
        LdpcDecoder(graph, 80, max_iterations=0)


def test_extrinsic_values_leave_out_what_was_received(rng):
    """What the checks say of a bit that was received wrong speaks against what was received."""
    graph = base_graph(2, 10)
    bits, soft = noisy_words(rng, graph, 100, 300, 1.0, 5)
    information = np.zeros(graph.num_information_bits, dtype=np.uint8)
    information[:100] = bits[0]
    coded = encode(graph, information)[2 * graph.lifting_size :]
    wrong = 25
    soft[0, wrong] = 120 * (2 * int(coded[wrong]) - 1)
    result = LdpcDecoder(graph, 100).decode(soft[0], want_extrinsic=True)
    assert result.parity_ok[0]
    received = soft[0] != 0
    decided = result.extrinsic[0][received] < 0
    assert result.extrinsic[0][wrong] * (1 - 2.0 * coded[wrong]) > 0
    assert np.mean(decided == coded[received]) > 0.99
    assert LdpcDecoder(graph, 100).decode(soft[0]).extrinsic is None


def test_words_without_hope_are_given_up_on_request_and_only_then(rng):
    graph = base_graph(1, 64)
    decoder = LdpcDecoder(graph, 1408)
    _, soft = noisy_words(rng, graph, 1408, 2816, -9.0, 20)
    for buffer in soft:
        given_up, tried = decoder.decode(buffer, give_up=True), decoder.decode(buffer)
        assert (given_up.num_iterations, given_up.gave_up, given_up.parity_ok[0]) == (12, True, False)
        assert (tried.num_iterations, tried.gave_up) == (40, False) and tried.work_us > 2 * given_up.work_us


def test_a_second_limit_ends_what_stays_just_below_the_first(rng):
    graph = base_graph(1, 64)
    decoder = LdpcDecoder(graph, 1408)
    _, soft = noisy_words(rng, graph, 1408, 2816, -3.2, 60)
    passes = {decoder.decode(buffer, give_up=True).num_iterations for buffer in soft}
    assert passes == {12, 20, 40}


def test_hardly_a_word_that_takes_long_is_given_up(rng):
    graph = base_graph(1, 64)
    decoder = LdpcDecoder(graph, 1408)
    information, soft = noisy_words(rng, graph, 1408, 2816, -2.2, 200)
    slow = lost = 0
    for word, buffer in zip(information, soft, strict=True):
        tried, again = decoder.decode(buffer), decoder.decode(buffer, give_up=True)
        if tried.parity_ok[0] and not again.gave_up:
            slow += tried.num_iterations > 12
            assert again.num_iterations == tried.num_iterations and np.array_equal(again.bits[0], word)
        lost += tried.parity_ok[0] and again.gave_up
    assert slow >= 50 and lost <= 2
