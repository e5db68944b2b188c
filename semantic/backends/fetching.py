"""Bringing models from the hub: the one place that uses a network. What was brought once is locked.

```
name ─► revision: the locked one, else the hub's newest, once ─► files by pattern, resumed ─► hashes ─► models.lock
```
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from semcom.semantic.backends.catalogue import Entry
from semcom.semantic.backends.lock import FILE, Locked, hash_of, read_lock, write_lock
from semcom.semantic.backends.runtime import COMMAND
from semcom.semantic.errors import ModelError

MAX_FILES = 64


def fetch(
    entry: Entry, models: Path, revision: str | None = None, say: Callable[[str], None] = lambda line: None
) -> Locked:
    """Bring a model into ``models/NAME``, or complete it there.

    Parameters
    ----------
    entry : Entry
    models : Path
        The folder of models; ``models.lock`` lies in it.
    revision : str or None
        A branch, tag or commit, where nothing is locked yet; None is the hub's newest.
    say : callable
        Called with a line of words now and then.

    Raises
    ------
    ModelError
        No hub, no such revision, another than the locked one, no safetensors, or files that changed under it.
    """
    if entry.by_hand:
        raise ModelError(
            f"model {entry.name} is on no hub: put {entry.by_hand} into a folder of its own and name it, folder=FOLDER"
        )
    lock_path = models / FILE
    locked = read_lock(lock_path)
    before = locked.get(entry.name)
    if before is not None and revision not in (None, before.revision):
        raise ModelError(
            f"model {entry.name} is locked to revision {before.revision} in {lock_path}, got {revision!r}; "
            "remove its entry there to take another"
        )
    with _online():
        hub = _hub()
        endpoint = os.environ.get("HF_ENDPOINT") or None
        wanted = before.revision if before is not None else revision
        info = _asked(entry, wanted, lambda: hub.HfApi(endpoint=endpoint).model_info(entry.repository, revision=wanted))
        names = sorted(
            name
            for name in (sibling.rfilename for sibling in info.siblings)
            if any(fnmatchcase(name, pattern) and name.count("/") == pattern.count("/") for pattern in entry.files)
        )
        _check_names(entry, names)
        say(f"{entry.repository} at {info.sha}: {len(names)} files")
        for name in names:
            _asked(
                entry,
                info.sha,
                lambda name=name: hub.hf_hub_download(
                    entry.repository, name, revision=info.sha, local_dir=models / entry.name, endpoint=endpoint
                ),
            )
    made = Locked(entry.repository, info.sha, {name: hash_of(models / entry.name / name) for name in names})
    if before is not None:
        for name, wanted_hash in before.files.items():
            if made.files.get(name) != wanted_hash:
                raise ModelError(
                    f"model {entry.name}: SHA-256 of {name} must be {wanted_hash[:16]}…, as {lock_path} says, "
                    f"got {made.files.get(name, 'no such file')[:16]}…"
                )
    write_lock(lock_path, read_lock(lock_path) | {entry.name: made})
    return made


def _check_names(entry: Entry, names: list[str]) -> None:
    if not any(name.endswith(".safetensors") for name in names):
        raise ModelError(f"model {entry.name}: {entry.repository} must have safetensors, got {len(names)} other files")
    if len(names) > MAX_FILES:
        raise ModelError(
            f"model {entry.name}: {entry.repository} must have {MAX_FILES} files or less, got {len(names)}"
        )
    for name in names:
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise ModelError(f"model {entry.name}: files must lie below its folder, got {name!r}")


def _asked(entry: Entry, revision: str | None, ask: Callable[[], Any]) -> Any:
    """What the hub gives; its errors in one sentence."""
    from huggingface_hub import errors

    at = f"{entry.repository} at {revision or 'its newest revision'}"
    try:
        return ask()
    except errors.RevisionNotFoundError:
        raise ModelError(f"model {entry.name}: the hub has no {at}: the revision is gone, or was never there") from None
    except errors.GatedRepoError:
        raise ModelError(
            f"model {entry.name}: {entry.repository} is given to those alone who accept its licence on the hub; "
            "do, and set HF_TOKEN"
        ) from None
    except errors.RepositoryNotFoundError:
        raise ModelError(
            f"model {entry.name}: the hub has no {entry.repository}, or hides it without HF_TOKEN"
        ) from None
    except Exception as error:  # connections, disks, and whatever else a download meets
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ModelError(f"model {entry.name}: {at} could not be brought ({said}); try again to go on") from error


@contextmanager
def _online() -> Iterator[None]:
    """The hub's library allowed to use the network, for as long as this takes."""
    before = {name: os.environ.pop(name, None) for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    constants = sys.modules.get("huggingface_hub.constants")
    was = getattr(constants, "HF_HUB_OFFLINE", None)
    if constants is not None:
        constants.HF_HUB_OFFLINE = False
    try:
        yield
    finally:
        os.environ.update({name: value for name, value in before.items() if value is not None})
        if constants is not None:
            constants.HF_HUB_OFFLINE = was


def _hub() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise ModelError(f"bringing models needs the package huggingface_hub, not installed: {COMMAND}") from error
    return huggingface_hub
