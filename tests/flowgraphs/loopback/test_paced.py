import numpy as np

from semcom.flowgraphs.loopback.paced import run_paced
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform


def test_every_burst_is_timed_from_its_own_end(rng):
    transmitter, parts, ends = Transmitter(Waveform.load("ofdm64")), [], []
    for _ in range(3):
        parts += [np.zeros(3000), transmitter.modulate([TransportBlock(rng.bytes(60))], MCS_TABLE["qpsk-1/2"])]
        ends.append(sum(map(len, parts)))
    samples = np.concatenate([*parts, np.zeros(12_000)]).astype(np.complex64)
    latencies = run_paced("ofdm64", samples, ends, 1e6)
    assert len(latencies) == 3 and np.all(latencies > 0)
