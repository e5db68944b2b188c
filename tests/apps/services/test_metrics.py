"""A service's status as Prometheus metrics: names and units by convention, bounded, and described in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from semcom.apps.services.metrics import MAX_LABEL_LENGTH, MAX_LABELS, METRICS, PRESENT, metrics_text
from semcom.apps.services.radio_process.radio import SLOW
from semcom.apps.services.sending.pictures_in_flight import NO_RECEIPT
from semcom.apps.services.sending.sent_pictures import RESTARTED

STATUS = {
    "service": "rx",
    "pid": 123,
    "at": 1000.5,
    "metrics_port": 9603,
    "frames": {"new": 3, "refused": 0},
    "lost_by_cause": {'a "b"\nc\\': 2},
    "bursts": 7,
    "quality": {"snr_db": 10.5, "cfo_hz": -100.0, "air_time_ms": 250.0, "beauty": 1.0},
    "stage_s": {"encode": 0.25},
    "queues": {"open": 4},
    "radio": {"sent": 5, "connected": True, "address": "tcp://127.0.0.1:5701", "refused_by": None},
    "air": {"state": "running", "frames_waiting": 2, "own_bursts": 1, "stream_events": {"O": 3}},
    "trouble": "words",
    "recent": [{"picture": 1}],
}


def samples(text: bytes) -> dict[tuple, float]:
    """(name, labels) → value, by the client library's own parser."""
    families = text_string_to_metric_families(text.decode())
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def test_every_number_has_its_name_type_and_unit() -> None:
    assert samples(metrics_text("rx", STATUS)) == {
        ("semcom_rx_status_timestamp_seconds",): 1000.5,
        ("semcom_rx_frames_total", ("event", "new")): 3,
        ("semcom_rx_frames_total", ("event", "refused")): 0,
        **{("semcom_rx_frames_total", ("event", name)): 0 for name in ("duplicate", "items", "damaged_items")},
        **{("semcom_rx_events_total", ("event", name)): 0 for name in PRESENT["rx"]["counts"]},
        ("semcom_rx_bursts_total",): 7,
        ("semcom_rx_lost_total", ("cause", 'a "b"\nc\\')): 2,
        ("semcom_rx_queue_length", ("queue", "open")): 4,
        ("semcom_rx_stage_seconds", ("stage", "encode")): 0.25,
        ("semcom_rx_snr_decibels",): 10.5,
        ("semcom_rx_cfo_hertz",): -100,
        ("semcom_rx_air_time_seconds",): 0.25,
        ("semcom_rx_radio_connected",): 1,
        ("semcom_rx_radio_messages_total", ("event", "sent")): 5,
        ("semcom_rx_air_frames_waiting",): 2,
        ("semcom_rx_air_stream_events_total", ("event", "O")): 3,
        ("semcom_rx_air_events_total", ("event", "own_bursts")): 1,
    }


def test_every_metric_says_what_it_is_and_nothing_of_the_process_is_told() -> None:
    text = metrics_text("rx", STATUS).decode()
    told = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)
    assert dict(told)["semcom_rx_frames_total"] == "counter" and dict(told)["semcom_rx_queue_length"] == "gauge"
    assert len(told) == len(set(told)) == text.count("# HELP ") and all(
        name.startswith("semcom_rx_") for name, _ in told
    )
    assert "python_" not in text and "process_" not in text and "_created" not in text


def test_the_type_and_the_name_agree() -> None:
    for meaning in METRICS.values():
        assert re.fullmatch(r"[a-z][a-z_]*", meaning.name) and not meaning.name.endswith("_total")
        assert meaning.help.endswith(".")


def test_counters_are_there_before_anything_has_happened() -> None:
    told = samples(metrics_text("tx", {}))
    assert told[("semcom_tx_events_total", ("event", "disk_errors"))] == 0
    assert told[("semcom_tx_lost_total", ("cause", NO_RECEIPT))] == told[("semcom_tx_lost_total", ("cause", SLOW))] == 0
    assert told[("semcom_tx_lost_total", ("cause", RESTARTED))] == 0
    for service, tables in PRESENT.items():
        labels = {path: len(known) for path, known in tables.items()}
        assert len(samples(metrics_text(service, {}))) == sum(labels.values())
        assert all(METRICS[path].counts and METRICS[path].label for path in labels)


def test_labels_are_bounded() -> None:
    table = {f"{number:04d}" + "x" * 1000: 1 for number in range(10 * MAX_LABELS)}
    told = samples(metrics_text("other", {"counts": table}))
    labels = [dict([label])["event"] for _, label in told]
    assert len(told) == MAX_LABELS + 1 and max(map(len, labels)) == MAX_LABEL_LENGTH
    assert told["semcom_other_events_total", ("event", "other")] == 9 * MAX_LABELS
    assert sum(told.values()) == len(table)


@pytest.mark.parametrize("status", [{}, {"at": "now", "frames": 3, "bursts": {"a": 1}, "quality": [1], "radio": None}])
def test_what_is_of_another_form_is_no_metric(status: dict) -> None:
    assert metrics_text("other", status) == b""


def test_the_documentation_lists_every_metric(repository: Path) -> None:
    text = (repository / "docs" / "two_computers.md").read_text(encoding="utf-8")
    for meaning in METRICS.values():
        name = meaning.name + ("_total" if meaning.counts else "")
        label = f"{{{meaning.label}}}" if meaning.label else ""
        assert f"`{name}{label}`" in text, name
