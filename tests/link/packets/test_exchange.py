"""Two ends of a packet link over a simulated band: everything arrives, once, whatever is lost, and turns are kept."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from itertools import count

import pytest

from semcom.link.arq.half_duplex import Times
from semcom.link.packets.batch_rounds import WINDOW
from semcom.link.packets.exchange import PacketExchange
from semcom.link.packets.exchange_settings import ExchangeSettings
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet, PacketKind
from semcom.link.packets.station_id import StationId
from semcom.link.packets.waiting import MAX_WAITING_PACKETS

STEP_S, DELAY_S = 0.001, 0.004
BITS_PER_S, PREAMBLE_S = 1e6, 0.0008
TIMES = Times(quiet_s=0.012, guard_s=0.004, patience_s=0.15, backoff_s=0.05)


def airtime_s(mcs: str, num_frames: int, frame_bytes: int) -> float:
    return PREAMBLE_S + num_frames * frame_bytes * 8 / BITS_PER_S


class Band:
    """One or two frequencies, a step at a time: blocks take their time on air, some are lost, collisions spoil both."""

    def __init__(self, exchanges: list[PacketExchange], one_frequency: bool, loss: float, seed: int) -> None:
        self.exchanges, self.one_frequency, self.loss = exchanges, one_frequency, loss
        self.rng = random.Random(seed)
        self.now_s = 0.0
        self.on_air: list[list[tuple]] = [[] for _ in exchanges]  # queue of transmissions of each end
        self.ends_s = [0.0] * len(exchanges)
        self.spoilt = [False] * len(exchanges)
        self.pending: list = []
        self.order = count()
        self.came: list[list[tuple[int, Packet]]] = [[] for _ in exchanges]
        self.counts: Counter[str] = Counter()
        self.log: list[tuple[float, int, object]] = []
        self.mute: set[int] = set()

    def step(self) -> None:
        self.now_s += STEP_S
        while self.pending and self.pending[0][0] <= self.now_s:
            _, _, number, arguments = heapq.heappop(self.pending)
            self.came[number] += self.exchanges[number].block(*arguments, self.now_s)
        for number, exchange in enumerate(self.exchanges):
            speaks = [bool(queue) for queue in self.on_air]
            if self.one_frequency and any(speaks[:number] + speaks[number + 1 :]):
                exchange.band_in_use(self.now_s)
            for entry in exchange.transmissions(self.now_s):
                if not self.on_air[number]:
                    self.ends_s[number] = self.now_s + self._length_s(entry)
                self.on_air[number].append(entry)
                self.log.append((self.now_s, number, entry))
        if self.one_frequency and all(self.on_air):
            self.spoilt = [True] * len(self.exchanges)
            self.counts["collisions"] += 1
        for number, queue in enumerate(self.on_air):
            while queue and self.ends_s[number] <= self.now_s:
                self._end(number, queue.pop(0))
                if queue:
                    self.ends_s[number] += self._length_s(queue[0])
                self.spoilt[number] = self.one_frequency and all(self.on_air)

    def _length_s(self, entry) -> float:
        return airtime_s("", 1, len(entry.frame.data))

    def _end(self, number: int, entry) -> None:
        """A block has left: it is heard a little later, undecoded or not at all."""
        self.exchanges[number].out(1, self.now_s)
        self.counts["blocks"] += 1
        source, fate = self.exchanges[number].settings.source, self.rng.random()
        if self.spoilt[number] or number in self.mute or fate < self.loss / 2:
            return
        data = None if fate < self.loss else entry.frame.data
        for hearer in range(len(self.exchanges)):
            if hearer != number or self.one_frequency:
                arguments = (data, source, entry.process, 12.0)
                heapq.heappush(self.pending, (self.now_s + DELAY_S, next(self.order), hearer, arguments))

    def run(self, until, limit_s: float = 60.0) -> None:
        while not until():
            assert self.now_s < limit_s, [exchange.counts for exchange in self.exchanges]
            self.step()


def make(source: int, frame_bytes: int = 300, callsign: str = "", stream: int | None = None, **settings):
    settings = ExchangeSettings(source, "fast", "slow", times=TIMES, **settings)
    framer = PacketFramer(1000 + source if stream is None else stream, frame_bytes)
    return PacketExchange(settings, framer, airtime_s, StationId(callsign, 5.0), random.Random(source))


def offer(exchange: PacketExchange, sizes: list[int], rng: random.Random) -> list[Packet]:
    packets = [Packet(PacketKind.DATAGRAM, rng.randbytes(size), number) for number, size in enumerate(sizes)]
    for packet in packets:
        exchange.offer(packet)
    return packets


def data(came) -> list[bytes]:
    return [packet.data for _, packet in came]


@pytest.mark.parametrize("loss", [0.0, 0.2])
@pytest.mark.parametrize("one_frequency", [False, True])
def test_with_repeats_everything_arrives_once_both_ways(one_frequency: bool, loss: float):
    for seed in range(6):
        ends = [make(n, repeats=True, half_duplex=one_frequency, max_transmissions=16) for n in (1, 2)]
        rng, band = random.Random(seed), Band(ends, one_frequency, loss, seed)
        sent = [offer(end, [rng.choice([0, 40, 200, 1500]) for _ in range(60)], rng) for end in ends]
        band.run(lambda ends=ends: all(end.is_idle for end in ends))
        band.run(lambda band=band: not band.pending)
        for number, packets in enumerate(sent):
            assert sorted(data(band.came[1 - number])) == sorted(data((0, packet) for packet in packets))
            assert ends[number].counts["lost"] == 0 and ends[number].counts["same_source"] == 0
            assert loss or ends[number].counts["repaired"] == 0
        if not loss and not one_frequency:
            num_blocks = sum(end.counts["delivered"] for end in ends)
            assert band.counts["blocks"] == num_blocks + sum(end.counts["reports_sent"] for end in ends)


def test_on_one_frequency_ends_rarely_speak_at_once():
    """Each begins when it has heard nothing for a while; only two that begin within a moment of each other collide."""
    ends = [make(n, repeats=True, half_duplex=True) for n in (1, 2)]
    rng, band = random.Random(1), Band(ends, True, 0.0, 1)
    for _ in range(40):
        for end in ends:
            if rng.random() < 0.6 and end.has_room:
                offer(end, [200] * rng.randrange(1, 6), rng)
        until_s = band.now_s + rng.uniform(0.0, 0.3)
        band.run(lambda until_s=until_s: band.now_s >= until_s)
    band.run(lambda: all(end.is_idle for end in ends))
    assert all(end.counts["lost"] == 0 for end in ends)
    assert band.counts["collisions"] * STEP_S < 0.05 * band.now_s


def test_reports_overtake_packets_on_two_frequencies():
    """A long round of ours does not keep the other end waiting for its report."""
    ends = [make(n, repeats=True) for n in (1, 2)]
    rng, band = random.Random(2), Band(ends, False, 0.0, 2)
    offer(ends[0], [290] * 200, rng)
    offer(ends[1], [290] * 200, rng)
    band.run(lambda: all(end.is_idle for end in ends))
    assert all(end.counts["no_report"] == 0 for end in ends)


def test_nobody_there_is_noticed_and_counted():
    ends = [make(1, repeats=True, max_transmissions=3), make(2, repeats=True)]
    band = Band(ends, False, 0.0, 3)
    band.mute.add(0)
    offer(ends[0], [100] * 5, random.Random(3))
    band.run(lambda: ends[0].is_idle)
    assert ends[0].counts["lost"] == 5 and ends[0].counts["no_report"] == 3 and not band.came[1]


def test_without_a_way_back_packets_go_at_once_and_not_far_ahead():
    exchange = make(1, max_ahead_s=0.02)
    offer(exchange, [280] * 20, random.Random(4))
    first = list(exchange.transmissions(0.0))
    assert 0.02 <= sum(airtime_s("", 1, len(entry.frame.data)) for entry in first) < 0.02 + 0.004
    assert list(exchange.transmissions(0.001)) == []
    exchange.out(len(first), 0.02)
    assert list(exchange.transmissions(0.02))
    assert not exchange.is_idle


def test_passes_send_each_block_so_often():
    ends = [make(1, passes=3), make(2)]
    band = Band(ends, False, 0.3, 5)
    packets = offer(ends[0], [100] * 30, random.Random(5))
    band.run(lambda: ends[0].is_idle)
    band.run(lambda: not band.pending)
    assert band.counts["blocks"] == 90
    assert len(data(band.came[1])) == len(set(data(band.came[1]))) >= 28 and len(packets) == 30


def test_a_round_never_uses_the_process_of_reports():
    exchange = make(1, repeats=True, max_turn_s=10.0, max_ahead_s=10.0)
    offer(exchange, [270] * 100, random.Random(6))
    round_ = list(exchange.transmissions(1.0))
    assert len(round_) == WINDOW and len({entry.process for entry in round_}) == WINDOW
    assert exchange._rounds.free_process not in {entry.process for entry in round_}


def test_another_station_with_our_number_is_noticed_and_still_heard():
    ours, theirs = make(7, stream=1), make(7, stream=2)
    (packet,) = offer(theirs, [50], random.Random(7))
    (entry,) = theirs.transmissions(0.0)
    assert data(ours.block(entry.frame.data, 7, 0, 10.0, 0.0)) == [packet.data]
    assert ours.counts["same_source"] == 1
    offer(ours, [50], random.Random(8))
    (own,) = ours.transmissions(0.0)
    assert ours.block(own.frame.data, 7, 0, 10.0, 0.0) == [] and ours.counts["same_source"] == 1


def test_a_block_of_ours_that_comes_back_with_the_number_of_another_is_not_given_out_nor_confirmed():
    """Two bursts that meet at the same moment and with the same power: the field of one, the block of the other."""
    ours = make(7, stream=1, repeats=True)
    bytes_of_own = offer(ours, [50], random.Random(8))[0].data
    (own,) = ours.transmissions(1.0)
    assert ours.block(own.frame.data, 9, 0, 10.0, 0.0) == []
    assert ours.receiver.sources_to_answer() == [] and ours.counts["same_source"] == 0
    assert data(ours.block(own.frame.data, -1, 0, 10.0, 0.0)) == [bytes_of_own]  # a loopback of one station


def test_a_block_of_another_that_comes_with_our_number_while_we_speak_is_taken_and_no_witness():
    """The other way round: the field is ours, the block is the other's; on one frequency only."""
    ours, theirs = make(7, stream=1, half_duplex=True), make(9, stream=2, half_duplex=True)
    packets = offer(theirs, [50] * 3, random.Random(7))
    blocks = [entry.frame.data for entry in theirs.transmissions(1.0)]
    assert len(blocks) == 3
    offer(ours, [50], random.Random(8))
    assert len(list(ours.transmissions(1.0))) == 1
    came = ours.block(blocks[0], 7, 0, 10.0, 1.0)  # while ours is on its way
    ours.out(1, 1.01)
    came += ours.block(blocks[1], 7, 0, 10.0, 1.01 + TIMES.patience_s / 2)  # decoded a while after
    assert ours.counts["same_source"] == 0
    came += ours.block(blocks[2], 7, 0, 10.0, 1.02 + TIMES.patience_s)
    assert ours.counts["same_source"] == 1 and data(came) == data((0, packet) for packet in packets)


def test_the_call_sign_goes_first_in_its_interval_and_last():
    ends = [make(1, callsign="DL0ABC"), make(2)]
    band, rng = Band(ends, False, 0.0, 9), random.Random(9)
    for second in range(12):
        offer(ends[0], [20], rng)
        band.run(lambda second=second: band.now_s >= second + 1)
    kinds = [packet.kind for _, packet in band.came[1]]
    at = [number for number, kind in enumerate(kinds) if kind is PacketKind.STATION]
    assert at == [0, 6, 12] and kinds.count(PacketKind.DATAGRAM) == 12
    assert ends[1].receiver.stations == {1: "DL0ABC"}
    assert ends[0].last_words(band.now_s) is not None and ends[0].last_words(band.now_s) is None


def test_the_queue_is_bounded():
    exchange = make(1)
    offered = 0
    while exchange.has_room:
        offer(exchange, [10], random.Random(0))
        offered += 1
    assert offered == MAX_WAITING_PACKETS


def test_a_damaged_report_is_counted():
    exchange = make(1, repeats=True)
    exchange.block(b"\xf1\x01\x00", 2, 0, 10.0, 0.0)
    assert exchange.counts["bad_reports"] == 1
