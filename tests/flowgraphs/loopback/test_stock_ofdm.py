"""The chain we compare with is really GNU Radio's and really works where it should."""

from semcom.flowgraphs.loopback.stock_ofdm import run_stock_ofdm


def test_packets_arrive_without_noise_and_not_in_much(rng):
    payloads = [rng.bytes(96) for _ in range(30)]
    arrived, channel_uses = run_stock_ofdm(payloads, None, 0.2, 1, timeout_s=60.0)
    assert len(arrived & set(payloads)) >= 25 and arrived <= set(payloads)
    assert channel_uses % 80 == 0 and channel_uses > 8 * 96 / 2 / 48 * 80
    arrived, _ = run_stock_ofdm(payloads, 5.0, 0.2, 1, timeout_s=60.0)
    assert not arrived & set(payloads)
