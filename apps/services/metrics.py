"""A service's status as Prometheus metrics: which entry of the status is which metric, with unit and meaning.

Names are ``semcom_SERVICE_NAME``; counters end in ``_total``, others in their unit. Entries of one table are one metric
with a label. docs/two_computers.md lists them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

__all__ = ["CONTENT_TYPE", "METRICS", "metrics_text"]

MAX_LABELS = 64
"""Of one metric; entries beyond are added up as ``other``."""

MAX_LABEL_LENGTH = 80
OTHER = "other"


@dataclass(frozen=True)
class Meaning:
    """What an entry of the status is.

    Attributes
    ----------
    name : str
        Without the service; of a counter without ``_total``.
    help : str
    label : str or None
        Where the entry is a table: what its keys are.
    counts : bool
        It only grows while the service runs.
    scale : float
        From the unit of the status to the base unit of the metric.
    """

    name: str
    help: str
    label: str | None = None
    counts: bool = False
    scale: float = 1


METRICS: dict[str, Meaning] = {
    "at": Meaning("status_timestamp_seconds", "When the service last told its status, Unix time."),
    "group": Meaning("group", "Number of the present group of pictures."),
    "account": Meaning("account", "Pictures closed, and their frames by what became of them.", "entry", True),
    "frames": Meaning("frames", "Link frames, by what happened to them.", "event", True),
    "bursts": Meaning("bursts", "Bursts received.", None, True),
    "samples": Meaning("samples", "Complex samples passed on.", None, True),
    "lost_by_cause": Meaning("lost", "Frames, signal fields, blocks or samples that were lost.", "cause", True),
    "queues": Meaning("queue_length", "Entries that wait.", "queue"),
    "receiving_host": Meaning("receiver_credit", "What the receiving host can still take, as it last told.", "of"),
    "results": Meaning("results", "Results in the folder.", "state"),
    "results.bytes": Meaning("results_bytes", "Bytes that the results take on the disk."),
    "stage_s": Meaning("stage_seconds", "How long the last picture took.", "stage"),
    "quality.snr_db": Meaning("snr_decibels", "Signal-to-noise ratio of the bursts received, smoothed."),
    "quality.cfo_hz": Meaning("cfo_hertz", "Carrier frequency offset of the bursts received, smoothed."),
    "quality.evm_db": Meaning("evm_decibels", "Error vector magnitude of the bursts received, smoothed."),
    "quality.air_time_ms": Meaning(
        "air_time_seconds", "From a frame taken to the answer of the air, smoothed.", scale=1e-3
    ),
    "messages": Meaning("messages", "Messages of the hosts, and who was refused.", "event", True),
    "radio.connected": Meaning("radio_connected", "Whether the radio answers: 1 or 0."),
    "radio": Meaning("radio_messages", "Messages between this host and its radio.", "event", True),
    "air.frames_waiting": Meaning("air_frames_waiting", "Frames that the driver has not taken yet."),
    "air.dropped_events": Meaning("air_dropped_events", "Events of the radio that nobody could take.", None, True),
    "air.stream_events": Meaning("air_stream_events", "Over- and underruns of the radio.", "event", True),
    "air": Meaning("air_events", "Events of the radio's driver and receiver.", "event", True),
    "refinement_requests": Meaning(
        "refinement_requests", "Refinement requests, by what became of them.", "event", True
    ),
    "requests": Meaning("push_requests", "Pictures pushed by others, by what became of them.", "event", True),
    "counts": Meaning("events", "Everything else that is counted.", "event", True),
}
"""Entry of the status, or one inside another after a dot → metric. What is not listed here is no metric."""

PRESENT: dict[str, dict[str, tuple[str, ...]]] = {
    "tx": {
        "counts": ("disk_errors", "refused_pictures", "refused_feedback", "pictures_again", "unknown_outcomes"),
        "lost_by_cause": ("receiving host did not confirm", "receiving host too slow", "sender was started anew"),
        "refinement_requests": ("asked", "answered", "nothing_more", "refused"),
        "requests": ("accepted", "refused", "disk_errors"),
    },
    "rx": {
        "frames": ("new", "duplicate", "refused", "items", "damaged_items"),
        "counts": ("disk_errors", "results", "failed_results", "no_room", "beyond_window", "abandoned_pictures"),
    },
    "radio": {
        "messages": ("refused", "refused_key", "dropped"),
        "air": ("child_starts",),
        "counts": ("failed", "no_feedback_channel", "dropped_for_tx"),
    },
    "air": {"messages": ("refused", "refused_key", "dropped")},
}
"""Counters that are 0 before anything has happened, so that a rate of them is known from the first event on."""


def metrics_text(service: str, status: Mapping[str, Any]) -> bytes:
    """A status in Prometheus' text format; words in it are left out."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(service, status))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)
class _Collector:
    service: str
    status: Mapping[str, Any]

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        for path, meaning in METRICS.items():
            value = _at(self.status, path)
            family = _family(f"semcom_{self.service}_{meaning.name}", meaning)
            if meaning.label is None and _is_number(value):
                family.add_metric([], value * meaning.scale)
            elif meaning.label is not None:
                table = value if isinstance(value, Mapping) else {}
                known = dict.fromkeys(PRESENT.get(self.service, {}).get(path, ()), 0)
                for label, number in _labelled({**known, **table}, path).items():
                    family.add_metric([label], number)
            if family.samples:
                yield family


def _family(name: str, meaning: Meaning) -> CounterMetricFamily | GaugeMetricFamily:
    labels = [] if meaning.label is None else [meaning.label]
    return (CounterMetricFamily if meaning.counts else GaugeMetricFamily)(name, meaning.help, labels=labels)


def _labelled(table: Mapping[str, Any], path: str) -> dict[str, float]:
    """Numbers of a table by label, without those that are metrics of their own; labels short and not too many."""
    numbers: dict[str, float] = {}
    for key, value in table.items():
        if not _is_number(value) or f"{path}.{key}" in METRICS:
            continue
        label = str(key)[:MAX_LABEL_LENGTH]
        if label not in numbers and len(numbers) >= MAX_LABELS:
            label = OTHER
        numbers[label] = numbers.get(label, 0) + value
    return numbers


def _at(status: Mapping[str, Any], path: str) -> Any:
    value: Any = status
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float)
