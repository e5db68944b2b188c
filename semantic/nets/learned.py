"""Parts that stand on networks: one sentence where their packages are missing, and a small part that serves instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from semcom.installation.packages import missing
from semcom.semantic.errors import ModelError

NEEDS_TORCH = 'the learned models need torch and safetensors: pip install "gr-semcom[models]"'


@contextmanager
def learned(purpose: str = "sending pictures") -> Iterator[None]:
    """Around the imports of a network, which stand where it is made: the core works without them.

    Parameters
    ----------
    purpose : str
        What the packages are for, one of those of `installation.packages`.

    Raises
    ------
    ModelError
        One of them is missing; with the command that brings it.
    """
    try:
        yield
    except ImportError as error:
        raise ModelError(missing(purpose) or NEEDS_TORCH) from error


def or_small(best: Callable[[], Any], small: Callable[[], Any], what: str) -> Any:
    """The part on the backbone; the small one, which says so in its `note`, where that cannot be made.

    Raises
    ------
    ModelError
        Neither can be made.
    """
    try:
        return best()
    except ModelError as error:
        part = small()
        part.note = f"the small {what} serves: {error}"
        return part
