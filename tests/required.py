"""With SEMCOM_REQUIRE_ALL=1, as in continuous integration, a skipped test is a failed one.

A test may skip where something is missing that it needs (root, a screen, a driver, reference data). On a developer's
machine that is fine, and the reason says which command enables it. Where everything was set up, a skip means that
something is not tested that should be.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

MAY_SKIP = ("no reference data in",)
"""Beginnings of reasons that are fine even there: the shared data are no package that could be installed."""


def all_required() -> bool:
    return os.environ.get("SEMCOM_REQUIRE_ALL", "") not in ("", "0")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return refused((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return refused((yield))


def refused(report: pytest.TestReport | pytest.CollectReport):
    """The report, as a failure where it says that a required test was skipped."""
    if not (all_required() and report.outcome == "skipped") or hasattr(report, "wasxfail"):
        return report
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix(
        "Skipped: "
    )
    if not reason.startswith(MAY_SKIP):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} must run where SEMCOM_REQUIRE_ALL is set, and was skipped: {reason}"
    return report
