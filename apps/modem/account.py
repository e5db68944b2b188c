"""The account of a station: what was sent and received, and what was lost, by name."""

from __future__ import annotations

from typing import Any

from semcom.apps.modem.station import Station

SENT_NAMES = ("offered", "sent", "delivered", "repaired", "lost", "rounds", "no_report", "identifications")
HEARD_NAMES = ("failed", "same_source", "reports_heard", "reports_sent", "bad_reports")


def account_of(station: Station) -> dict[str, Any]:
    """Numbers for programs."""
    exchange, receiver = station.exchange, station.exchange.receiver
    return {
        "source": exchange.settings.source,
        "sent": {name: station.counts[name] for name in ("packets_in", "bytes_in")}
        | {name: exchange.counts[name] for name in SENT_NAMES},
        "received": {name: station.counts[name] for name in ("packets_out", "bytes_out", "bursts", "unread_bursts")}
        | {name: exchange.counts[name] for name in HEARD_NAMES}
        | {name: receiver.counts[name] for name in ("missing", "refused", "no_packets")}
        | {"missing_bytes": station.order.missing_bytes, "stream_intact": station.order.intact},
        "snr_db": station.snr_db,
        "air": station.air.status(),
    }


def lines_about(station: Station) -> list[str]:
    """For a person."""
    exchange, counts = station.exchange, station.counts
    lines = []
    if counts["packets_in"] or exchange.counts["offered"]:
        line = f"sent {counted(counts['packets_in'], 'packet')}, {counted(counts['bytes_in'], 'byte')}"
        if exchange.settings.repeats:
            line += (
                f"; of {counted(exchange.counts['delivered'] + exchange.counts['lost'], 'block')} "
                f"{exchange.counts['repaired']} were repaired and {exchange.counts['lost']} lost"
            )
        lines.append(line)
    if counts["bursts"] or counts["packets_out"]:
        line = f"received {counted(counts['packets_out'], 'packet')}, {counted(counts['bytes_out'], 'byte')}"
        line += f" in {counted(counts['bursts'], 'burst')}"
        line += f" ({counts['unread_bursts']} could not be read)" if counts["unread_bursts"] else ""
        line += "" if station.snr_db is None else f", SNR {station.snr_db:.1f} dB"
        lines.append(line)
    if missing := exchange.receiver.counts["missing"]:
        lines.append(f"{counted(missing, 'packet')} did not come, by their numbers")
    for begin, end in station.order.holes[:3]:
        lines.append(f"bytes {begin:,} to {end - 1:,} of the stream are missing; what follows was written behind")
    if more := len(station.order.holes) - 3:
        lines += [f"{more} more such holes, {station.order.missing_bytes:,} bytes missing in all"] if more > 0 else []
    return lines


def is_short(station: Station) -> bool:
    """Whether something is known to be missing of what was to be received."""
    return bool(station.order.holes or station.exchange.receiver.counts["missing"] or station.order.intact is False)


def counted(number: int, noun: str) -> str:
    """``1 packet``, ``2 packets``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
