"""`semcom doctor`: what is installed, which radios answer, what to do about the rest."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from semcom.apps.commands.console import out, plain_errors

PROBLEMS_FOUND = 1
RATE_TEST_S = 3.0
COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}


def doctor(
    radio: Annotated[
        str | None, typer.Option(help="Also open this radio, read its settings back, measure its rate.")
    ] = None,
    search: Annotated[bool, typer.Option(help="Look for radios.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    warm: Annotated[
        bool,
        typer.Option("--warm", help="Only compile the kernels, so that services start at once."),
    ] = False,
) -> None:
    """Say what is installed, which radios answer, and what to do about the rest. Status 1 where there is a problem."""
    if warm:
        _warm()
        return
    with plain_errors():
        from semcom.apps.commands.diagnosis import PROBLEM, diagnose

        findings = []
        for finding in diagnose(search):
            findings.append(finding)
            if not as_json:
                _show(finding)
        if radio is not None:
            for finding in _try_radio(radio):
                findings.append(finding)
                if not as_json:
                    _show(finding)
        if as_json:
            print(json.dumps([asdict(finding) for finding in findings], indent=2))
    if any(finding.level == PROBLEM for finding in findings):
        raise typer.Exit(PROBLEMS_FOUND)


def _warm() -> None:
    from semcom.installation import kernel_cache

    with plain_errors():
        from semcom.apps.commands.warming import warm

        for name, seconds in warm():
            out.print(f"{name}: {seconds:.1f} s")
    out.print(f"compiled kernels kept below {escape(str(kernel_cache.folder() or 'no folder: in memory alone'))}")


def _show(finding) -> None:
    mark = f"[{COLOURS[finding.level]}]{finding.level:>7}[/{COLOURS[finding.level]}]"
    out.print(f"{mark}  [bold]{escape(finding.name)}[/bold]: {escape(finding.words)}")
    if finding.remedy:
        out.print(f"         → {escape(finding.remedy)}")


def _try_radio(name: str):
    """Open a radio for receiving and see whether its samples come in time."""
    from semcom.apps.commands.diagnosis import NOTE, OK, PROBLEM, Finding, inversion_finding, rate_finding
    from semcom.flowgraphs.errors import RadioError
    from semcom.flowgraphs.live.receive import Listener, run_receive
    from semcom.flowgraphs.radios.stream_events import advice_on
    from semcom.sdr_configs.radio import load_real_radio
    from semcom.sdr_configs.real_radio import HardwareRadio

    settings = load_real_radio(name)
    if not isinstance(settings, HardwareRadio):
        yield Finding(OK, f"radio {name}", f"driver {settings.driver} is no device: nothing to open or to measure")
        return
    began: list[float] = []

    def note_start() -> bool:
        began[:] = began or [time.monotonic()]
        return time.monotonic() - began[0] > RATE_TEST_S

    try:
        summary = run_receive(settings, Listener(enough=note_start), timeout_s=10 * RATE_TEST_S)
    except RadioError as error:
        yield Finding(PROBLEM, f"radio {name}", str(error))
        return
    yield Finding(OK, f"radio {name}", "opened")
    for words in summary.differences:
        yield Finding(NOTE, f"radio {name}", words)
    if summary.num_inverted:
        yield inversion_finding(name, summary.num_inverted, settings.iq_swap)
    elapsed = time.monotonic() - began[0]
    yield rate_finding(summary.num_samples / elapsed, settings.sample_rate_hz, advice_on(summary.events))
