"""The example dashboard and alert rules name only metrics that the services have, with labels that they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from semcom.apps.services.metrics import METRICS, PRESENT

FILES = ("alerts.yml", "dashboard.json")
SERVICE = r"(?:\((?P<several>[a-z|]+)\)|(?P<one>[a-z]+))"
NAME = re.compile(rf"\bsemcom_{SERVICE}_(?P<metric>[a-z_]+)(?:\{{(?P<labels>[^}}]*)\}})?")


def expressions(folder: Path, file: str) -> list[str]:
    """PromQL of all rules, or of all panels."""
    text = (folder / file).read_text(encoding="utf-8")
    if file.endswith(".json"):
        return [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
    return [rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def named(expression: str) -> Iterator[tuple[str, str, str]]:
    """Service, metric and label selector of each name in an expression."""
    for match in NAME.finditer(expression):
        for service in (match["several"] or match["one"]).split("|"):
            yield service, match["metric"], match["labels"] or ""


@pytest.mark.parametrize("file", FILES)
def test_every_metric_that_is_named_is_there(repository: Path, file: str) -> None:
    metrics = {one.name + ("_total" if one.counts else ""): (path, one) for path, one in METRICS.items()}
    found = expressions(repository / "examples" / "operation", file)
    assert len(found) >= 8
    names = [name for expression in found for name in named(expression)]
    assert len(names) >= len(found) - 1  # `up` is Prometheus' own
    for service, metric, labels in names:
        assert metric in metrics and service in ("tx", "rx", "radio", "air"), (service, metric)
        path, meaning = metrics[metric]
        known = PRESENT[service].get(path)
        for label, value in re.findall(r'(\w+)=~?"([^"]*)"', labels):
            assert label == meaning.label, (metric, label)
            assert not known or any(re.fullmatch(value, one) for one in known), (metric, value)


def test_rates_are_taken_of_counters_only(repository: Path) -> None:
    for file in FILES:
        for expression in expressions(repository / "examples" / "operation", file):
            taken = re.findall(r"(?:rate|increase)\((\w+)", expression)
            assert all(name.endswith("_total") for name in taken)
            assert len(taken) == len(re.findall(r"semcom_\w+_total", expression)), expression


def test_a_name_that_no_service_has_is_noticed() -> None:
    assert list(named('rate(semcom_tx_lost_total{cause="a"}[5m]) > semcom_rx_beauty')) == [
        ("tx", "lost_total", 'cause="a"'),
        ("rx", "beauty", ""),
    ]
