"""Which layers the layers that came require, directly or through others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from semcom.link.item import Key

RequiresOf = Callable[[Key, bytes], Mapping[Sequence[int], Sequence[Sequence[int]]] | None]
"""(key, payload) → what the payload tells of its picture: each layer there is, and the keys of those it requires; None
where it tells nothing. The link cannot read payloads: whoever can hands this in. It must not raise."""


def tells_nothing(key: Key, payload: bytes) -> None:
    """The `RequiresOf` of payloads that nobody reads: requirements are those that items name themselves."""


def required_by(layers: Iterable[Key], requires: Mapping[Key, Sequence[Key]]) -> set[Key]:
    """All keys that these layers require, directly or through one another."""
    required: set[Key] = set()
    waiting = list(layers)
    while waiting:
        new = [key for key in requires.get(waiting.pop(), ()) if key not in required]
        required.update(new)
        waiting += new
    return required
