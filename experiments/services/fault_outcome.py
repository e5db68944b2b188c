"""What came of a run of `service_faults`, and the run in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What came of a run.

    Attributes
    ----------
    put, confirmed, shown : int
        Pictures put into the folder; those that host tx calls complete; results.
    missing, torn, twice : list of str
        Confirmed and not in the results; results with a file that cannot be read; in the results more than once.
    faults : Counter
        By kind.
    recovery_s : dict of list
        From a process started again to its first answer, by process.
    sums_match : bool
        sent = delivered + repaired + lost.
    """

    put: int = 0
    confirmed: int = 0
    shown: int = 0
    missing: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    recovery_s: dict[str, list[float]] = field(default_factory=dict)
    sums_match: bool = False
    account: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return not (self.missing or self.torn or self.twice) and self.sums_match and self.confirmed == self.put


def report(outcome: Outcome, command: str) -> str:
    """The run in words."""
    kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(outcome.faults.items()))
    totals = outcome.account
    lines = [
        "# Faults by a random schedule",
        "",
        f"`{command}`",
        "",
        f"{outcome.seconds / 60:.1f} minutes, {sum(outcome.faults.values())} faults: {kinds}.",
        "",
        "| what | pictures |",
        "|---|---|",
        f"| put into the folder | {outcome.put} |",
        f"| confirmed | {outcome.confirmed} |",
        f"| results | {outcome.shown} |",
        f"| put in and missing | {len(outcome.missing)} |",
        f"| torn | {len(outcome.torn)} |",
        f"| twice in the results | {len(outcome.twice)} |",
        "",
        f"Frames: {totals['sent']} sent = {totals['delivered']} delivered + {totals['repaired']} repaired + "
        f"{totals['lost']} lost; the sums {'match' if outcome.sums_match else 'do not match'}.",
        "",
        "| process | killed and started | up again, median | longest |",
        "|---|---|---|---|",
    ]
    for name, times in sorted(outcome.recovery_s.items()):
        lines.append(f"| {name} | {len(times)} | {sorted(times)[len(times) // 2]:.1f} s | {max(times):.1f} s |")
    return "\n".join(lines) + "\n"
