"""Trials over Dask: on the cores of this machine, or on a cluster whose scheduler has an address.

```
rows without those on disk ─► a few per worker at a time ─► workers ─► results as they come ─► RowStore
```

Workers may die and come back, and so may the scheduler: what was on the way is handed out again, and a result counts
once, by the name of its trial.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from semcom.apps.sweeps.rows import Row
from semcom.apps.sweeps.store import RowStore
from semcom.apps.sweeps.trial import FAILED, UNAVAILABLE, run_trial
from semcom.flowgraphs.errors import FlowgraphError

AHEAD_PER_WORKER = 8
RETRIES = 3
"""Of a trial whose worker died, before the row says that it ends workers."""
PATIENCE_S = 60.0
"""For a scheduler that has gone."""
POLL_S = 1.0

Trial = Callable[[Row, bool], dict[str, Any]]


class SchedulerLostError(FlowgraphError):
    """The scheduler has gone and not come back; rows until then are on disk."""


def run_rows(
    rows: Sequence[Row],
    keeps: Callable[[Row], bool],
    store: RowStore,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    trial: Trial = run_trial,
    patience_s: float = PATIENCE_S,
    again: bool = False,
) -> int:
    """Run every trial that is not on disk; the number of those run now.

    Parameters
    ----------
    rows : sequence of Row
    keeps : callable
        Whether the picture of a row is kept.
    store : RowStore
    scheduler : str or None
        ``tcp://host:8786`` of a running cluster; None starts workers on this machine.
    workers : int or None
        How many, on this machine; None is one a core.
    progress : callable
        Called with (trials done, all).
    trial : callable
        What runs a row; the same on all machines.
    patience_s : float
        How long a scheduler may be away.
    again : bool
        Run those again that could not be run: packages or weights may have come since.

    Raises
    ------
    SchedulerLostError
        For longer than that.
    """
    done = store.done(but=(UNAVAILABLE, FAILED) if again else ())
    left = {row.trial: row for row in rows if row.trial not in done}
    total, before = len(rows), len(rows) - len(left)
    progress(before, total)
    started, away_since = len(left), None
    while left:
        try:
            with _client(scheduler, min(workers or _cores(), len(left)), patience_s) as client:
                for name, result in _results(client, left, keeps, trial):
                    away_since = None
                    store.add(result)
                    del left[name]
                    progress(total - len(left), total)
        except _lost() as error:
            if not left:  # all came; the cluster only closed badly
                break
            away_since = away_since or time.monotonic()
            if time.monotonic() - away_since > patience_s or scheduler is None:
                raise SchedulerLostError(
                    f"the scheduler {scheduler or 'of this machine'} has gone: {error}. Start again to go on"
                ) from None
            time.sleep(POLL_S)
        finally:
            store.flush()
    return started


def _results(client: Any, left: dict[str, Row], keeps, trial: Trial) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, result) of trials as they come; a few per worker wait at the scheduler, whatever the length of a sweep.

    A worker that dies takes with it whatever was handed to it, so those that were there each time are run again at the
    end, each alone: what ends a worker then is the trial.
    """
    from distributed import KilledWorker, as_completed

    suspects: list[Row] = []
    waiting = iter(list(left.values()))
    most = AHEAD_PER_WORKER * max(len(client.scheduler_info()["workers"]), 1)
    futures = as_completed(loop=client.loop)

    def submit(row: Row, tag: str = "") -> Any:
        return client.submit(trial, row, keeps(row), key=f"trial{tag}-{row.trial}", pure=True, retries=RETRIES)

    def hand_out() -> bool:
        row = next(waiting, None)
        if row is None:
            return False
        future = submit(row)
        future.row = row
        futures.add(future)
        return True

    while futures.count() < most and hand_out():
        pass
    for future in futures:
        row = future.row
        result, error = _ended(future)
        if isinstance(error, KilledWorker):
            suspects.append(row)
        else:
            yield row.trial, _failed(row, error) if error else result
        future.release()
        hand_out()
    for row in suspects:
        future = submit(row, "-alone")
        result, error = _ended(future)
        yield row.trial, _failed(row, error) if error else result
        future.release()


def _ended(future: Any) -> tuple[dict[str, Any] | None, BaseException | None]:
    """(result, error) of a trial, waited for: a worker that dies takes results with it that nobody had fetched yet,
    and the scheduler has them computed again."""
    from distributed import KilledWorker

    error = future.exception()
    if future.cancelled():
        raise ConnectionError("its trials were cancelled")
    if error is not None:
        return None, error
    try:
        return future.result(), None
    except KilledWorker as killed:  # lost on the way here, and what was computed again ended its workers
        return None, killed


def _failed(row: Row, error: BaseException) -> dict[str, Any]:
    """The result of a trial that no worker could end."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return {**row.asked, "outcome": FAILED, "reason": reason}


@contextmanager
def _client(scheduler: str | None, workers: int, patience_s: float):
    """A client of the cluster, or of one made for it on this machine."""
    from distributed import Client, LocalCluster

    if scheduler is not None:
        with Client(scheduler, timeout=patience_s, set_as_default=False) as client:
            yield client
        return
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50, host="127.0.0.1"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _lost() -> tuple[type[BaseException], ...]:
    """What is raised where a scheduler goes."""
    from concurrent.futures import CancelledError, TimeoutError

    from distributed.comm import CommClosedError

    return CommClosedError, CancelledError, TimeoutError, OSError


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))
