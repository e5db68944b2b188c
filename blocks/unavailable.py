"""What stands for a block whose packages are missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn


def unavailable(error: ImportError) -> Callable[..., NoReturn]:
    """A stand-in for the class of a block: building it says what is missing, importing it does not."""
    sentence = str(error)

    def build(*_: Any, **__: Any) -> NoReturn:
        raise type(error)(sentence)

    return build
