"""Net rate and latency of packets for each waveform and MCS, over a loopback of two stations at the pace of a radio.

    python -m semcom.experiments.modem.packet_rates [--waveform ofdm64] [--mcs qpsk-1/2,16qam-3/4] [--out FOLDER]

*Net rate*: bits of packets of 1500 B that arrive one way, per second of the radio's clock; preamble, signal field, gaps
and headers of the link are counted. *Share*: of what the data carriers could carry at this MCS without any of those.
*Latency*: from handing over a packet of 84 B (a ping of 56 B) until it arrives, nothing else on the air, by wall
clock. *With repeats*: the same with a report after each round. SNR 6 dB above the threshold of the MCS.
Latencies grow and rates with repeats fall where the computer has other work: the column `late` of the CSV counts how
often its clock had to be moved by 0.1 s; where that is more than a few times they are upper and lower bounds.

Writes packet_rates.csv and packet_rates.md, and goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import csv
import random
import select
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from semcom.flowgraphs.live.air import Settled
from semcom.flowgraphs.live.two_way import TwoWayLoopback
from semcom.flowgraphs.loopback.result import ReceivedFrame
from semcom.link.arq.half_duplex import Times
from semcom.link.packets.exchange import PacketExchange
from semcom.link.packets.exchange_settings import ExchangeSettings
from semcom.link.packets.framer import PacketFramer
from semcom.link.packets.packet import Packet, PacketKind
from semcom.link.packets.station_id import StationId
from semcom.phy.airtime import airtime_function
from semcom.phy.burst_layout import max_block_bytes
from semcom.phy.mcs import find_mcs
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import parse_radio

MCS = ("bpsk-1/2", "qpsk-1/2", "qpsk-3/4", "16qam-1/2", "16qam-3/4", "64qam-3/4", "64qam-5/6", "256qam-3/4")
WAVEFORMS = ("ofdm64", "ofdm256", "narrow")
MARGIN_DB = 6.0
PACKET_BYTES, PING_BYTES, PINGS = 1500, 84, 25
FRAME_BYTES = 1536
WAITING, WAITING_S = 64, 1.0
"""Packets that wait for the radio, at most, and their airtime."""

FIELDS = ("waveform", "mcs", "repeats", "net_rate_bps", "share", "latency_ms", "lost", "late")


class Pair:
    """Two ends of a packet link over a loopback."""

    def __init__(self, waveform: Waveform, mcs: str, repeats: bool) -> None:
        snr_db = thresholds_db(waveform)[mcs] + MARGIN_DB
        radio = parse_radio({"driver": "loopback", "waveform": waveform.name, "channel": {"snr_db": snr_db}})
        self.whole = TwoWayLoopback(radio, (1, 2))
        uses, rate_hz = airtime_function(waveform), waveform.nominal_rate_hz
        frame_bytes = min(FRAME_BYTES, max_block_bytes(waveform, find_mcs(mcs)))

        def airtime_s(name: str, count: int, size: int) -> float:
            return uses(name, count, size) / rate_hz

        burst_s = airtime_s(mcs, 1, frame_bytes)
        settings = {
            "mcs": mcs,
            "report_mcs": mcs,
            "repeats": repeats,
            "times": Times(patience_s=1.0 + 3 * burst_s),
            "max_ahead_s": max(0.15, 2.5 * burst_s),
            "max_turn_s": max(1.0, 4 * burst_s),
            "report_pause_s": 0.08,
        }
        self.ends = [
            PacketExchange(
                ExchangeSettings(source=number, **settings),
                PacketFramer(number, frame_bytes),
                airtime_s,
                StationId(),
                random.Random(number),
            )
            for number in (1, 2)
        ]
        self.num_waiting = max(2, min(WAITING, int(WAITING_S / airtime_s(mcs, 1, frame_bytes))))
        self._sent = 0

    def step(self) -> Iterator[tuple[int, Packet]]:
        """What arrives at each end."""
        select.select([air.waits_on()[0] for air in self.whole.ends], [], [], 0.002)
        for number, (exchange, air) in enumerate(zip(self.ends, self.whole.ends, strict=True)):
            now_s = time.monotonic()
            for event in air.events():
                if isinstance(event, Settled):
                    exchange.out(len(event.outcomes), now_s)
                elif isinstance(event, ReceivedFrame):
                    for _, packet in exchange.block(event.data, event.source, event.process, event.snr_db, now_s):
                        yield number, packet
            for entry in exchange.transmissions(now_s):
                repeat = {"process": entry.process, "redundancy_version": entry.redundancy_version}
                repeat["new_data"] = entry.new_data
                repeats = exchange.settings.repeats
                self._sent += 1
                air.send(self._sent, entry.frame.data, entry.frame.mcs or exchange.settings.mcs, repeats and repeat)

    def latency_ms(self) -> float:
        """Median, from end 0 to end 1."""
        latencies_ms = []
        for number in range(PINGS):
            began_s = time.perf_counter()
            self.ends[0].offer(Packet(PacketKind.DATAGRAM, bytes(PING_BYTES), number))
            while not any(number == 1 for number, _ in self.step()):
                if time.perf_counter() - began_s > 60:
                    raise TimeoutError("a packet must arrive within 60 s over a channel without loss")
            latencies_ms.append(1e3 * (time.perf_counter() - began_s))
            until_s = time.perf_counter() + 0.05
            while time.perf_counter() < until_s or not self.ends[0].is_idle:
                for _ in self.step():
                    pass
        return statistics.median(latencies_ms)

    def net_rate_bps(self, duration_s: float) -> float:
        """Packets that arrived over the time, by the sender's clock, from the first sample until the last is out."""
        begin_s, num_arrived, num_offered = self.whole.ends[0].air_s, 0, 0
        while self.whole.ends[0].air_s - begin_s < duration_s:
            while self.ends[0].has_room and self.ends[0].num_waiting < self.num_waiting:
                self.ends[0].offer(Packet(PacketKind.DATAGRAM, bytes(PACKET_BYTES), num_offered % 65536))
                num_offered += 1
            num_arrived += sum(number == 1 for number, _ in self.step())
        while not self.ends[0].is_idle:
            num_arrived += sum(number == 1 for number, _ in self.step())
        took_s, until_s = self.whole.ends[0].air_s - begin_s, time.monotonic() + 10
        while num_arrived < num_offered and time.monotonic() < until_s:  # what the receiver is still busy with
            num_arrived += sum(number == 1 for number, _ in self.step())
        return 8 * PACKET_BYTES * num_arrived / took_s


def measure(waveform: Waveform, mcs: str, repeats: bool, duration_s: float) -> dict[str, object]:
    """One row."""
    pair, found = Pair(waveform, mcs, repeats), find_mcs(mcs)
    try:
        latency_ms = pair.latency_ms()
        net_rate_bps = pair.net_rate_bps(duration_s)
        lost, late = pair.ends[0].counts["lost"], pair.whole.ends[0].modulator.num_late
    finally:
        pair.whole.close()
    symbol_s = waveform.symbol_length / waveform.nominal_rate_hz
    most_bps = waveform.num_data * found.bits_per_symbol * found.code_rate / symbol_s
    values = waveform.name, mcs, int(repeats), round(net_rate_bps), round(net_rate_bps / most_bps, 3)
    return dict(zip(FIELDS, (*values, round(latency_ms, 1), lost, late), strict=True))


def write_page(rows: list[dict[str, object]], path: Path) -> None:
    """The table for people: without and with repeats side by side."""
    lines = [
        "# Packets over the modem: net rates and latencies",
        "",
        "`python -m semcom.experiments.modem.packet_rates`",
    ]
    lines += ["", " ".join((__doc__ or "").split("\n\n", 3)[2].split()), ""]
    lines += ["| waveform | MCS | net rate | share | latency | net rate with repeats | share | latency |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    by_key = {(row["waveform"], row["mcs"], str(row["repeats"])): row for row in rows}
    for waveform, mcs in dict.fromkeys((row["waveform"], row["mcs"]) for row in rows):
        cells = []
        for repeats in ("0", "1"):
            row = by_key.get((waveform, mcs, repeats))
            cells += ["", "", ""] if row is None else [
                f"{float(row['net_rate_bps']) / 1e3:.1f} kb/s", f"{float(row['share']):.1%}", f"{row['latency_ms']} ms"
            ]  # fmt: skip
        lines.append(f"| {waveform} | {mcs} | " + " | ".join(cells) + " |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waveform", default=",".join(WAVEFORMS))
    parser.add_argument("--mcs", default=",".join(MCS))
    parser.add_argument("--duration-s", type=float, default=4.0)
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    table = options.out / "packet_rates.csv"
    rows: list[dict[str, object]] = []
    if table.exists():
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    done = {(row["waveform"], row["mcs"], str(row["repeats"])) for row in rows}
    for name in options.waveform.split(","):
        waveform = Waveform.load(name)
        for mcs in options.mcs.split(","):
            for repeats in (False, True):
                if (name, mcs, str(int(repeats))) in done:
                    continue
                rows.append(measure(waveform, mcs, repeats, options.duration_s))
                print(rows[-1], flush=True)
                with table.open("w", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, FIELDS)
                    writer.writeheader()
                    writer.writerows(rows)
                write_page(rows, options.out / "packet_rates.md")


if __name__ == "__main__":
    main()
