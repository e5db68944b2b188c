"""A picture of which layers have come, at the receiving host."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from semcom.link import Item, Picture, Scope
from semcom.semantic import LayerKey


@dataclass
class ReceivedPicture:
    """Layers of a picture as they come.

    Attributes
    ----------
    payloads : dict
        Layers that came, those of the group that they require too. Replaced as a whole: another thread may read it.
    damaged : dict of LayerKey to bytes
        Layers that came as soft values, with their LLRs.
    required : tuple of LayerKey
        Layers that others require and that are not there.
    frames : list of bytes
        All that came of its own, for the record file.
    complete : bool
        All its layers came, and all that they require.
    reopened : bool
        Its result was complete before; these are layers that were asked for.
    version, written : int
        Number of layers that came; how many of them the result shows.
    heard_at_s, completed_at_s : float, float or None
        When its first frame came, and the last one that it needed: seconds since 1970, by this computer's clock. Of
        one that was on its way when the process was started anew: since then.
    settled : bool
        Nothing has come of it for so long that it was shown as it is, or had nothing to show.
    """

    scope: Scope
    payloads: dict[LayerKey, bytes] = field(default_factory=dict)
    frames: list[bytes] = field(default_factory=list)
    complete: bool = False
    written: int = 0
    reopened: bool = False
    changed_at_s: float = 0.0
    quality: dict[str, float] = field(default_factory=dict)
    damaged: dict[LayerKey, bytes] = field(default_factory=dict)
    required: tuple[LayerKey, ...] = ()
    settled: bool = False
    heard_at_s: float = field(default_factory=time.time)
    completed_at_s: float | None = None

    def is_now(self, came: Picture) -> None:
        """What has come of it."""
        self.payloads = {LayerKey(*key): payload for key, payload in came.payloads.items()}
        self.damaged = {LayerKey(*key): llr for key, llr in came.damaged.items()}
        self.required = tuple(LayerKey(*key) for key in came.missing.required)
        self.changed_at_s = time.monotonic()
        self.complete = came.complete
        if came.complete and self.completed_at_s is None:
            self.completed_at_s = time.time()

    @property
    def version(self) -> int:
        return len(self.payloads)

    @property
    def is_shown(self) -> bool:
        """Whether all that can be shown of what came is shown, and nothing more has come for a while."""
        return self.written == self.version and self.settled


def contradiction(scope: Scope, known: Mapping[LayerKey, bytes], items: Iterable[Item]) -> str:
    """Why a layer is none of the finished picture of its name: another sender has taken the same numbers."""
    wrong = [item.key for item in items if known.get(LayerKey(*item.key), item.payload) != item.payload]
    return f"layer must be that of the finished picture {scope}, got {wrong[0]} with another content" if wrong else ""
