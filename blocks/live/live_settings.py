"""Settings that change while a flowgraph runs: what cannot be is logged, and the old value stays.

A setter is called from a Qt slot or a message handler, where an exception would end the whole program.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container
from numbers import Real
from typing import Any

import pmt

from semcom.blocks.errors import PduError
from semcom.blocks.pdu import is_end
from semcom.phy.errors import ConfigurationError

MAX_SHOWN = 80
"""Characters of a refused value that are logged."""


def setting(setter: Callable[[Any, Any], None]) -> Callable[[Any, Any], bool]:
    """A method that sets one value and may refuse it by an exception, as one that logs it instead.

    The method then returns whether the value was taken. Its block must have a ``logger`` and ``counts``.
    """

    @functools.wraps(setter)
    def guarded(block: Any, value: Any) -> bool:
        try:
            setter(block, value)
        except Exception as error:
            refuse(block, f"{setter.__name__.removeprefix('set_')} stays as it is: {one_line(error)}")
            return False
        return True

    return guarded


def refuse(block: Any, words: str) -> None:
    """Count a setting that was refused, and say so in GNU Radio's log."""
    block.counts["refused_settings"] += 1
    block.logger.warn(words)


def obey_command(
    block: Any, setters: dict[str, Callable[[Any], Any]], message: Any, others: Container[str] = ()
) -> None:
    """Handler of a port ``command``: a dictionary of settings, or a pair of name and value. Never raises.

    Parameters
    ----------
    block : Python block of GNU Radio
    setters : dict
        What sets which setting.
    message : pmt
    others : container of str, optional
        Settings that are another block's, and left alone.
    """
    if is_end(message):
        return
    try:
        values = _read(message)
    except Exception as error:
        refuse(block, f"command refused: {one_line(error)}")
        return
    for name, value in values.items():
        if name in setters:
            setters[name](value)
        elif name not in others:
            refuse(block, f"command refused: setting must be one of {', '.join(setters)}, got {shown(name)}")


def real_number(name: str, value: Any) -> float:
    """The value as a float; raises `ConfigurationError` where it is no real number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ConfigurationError(f"{name} must be a number, got {shown(value)}")
    return float(value)


def shown(value: Any) -> str:
    """The value for a person to read, not too long."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 4]} ..."


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _read(message: Any) -> dict[str, Any]:
    """Name and value of each setting of a command."""
    if pmt.is_pair(message) and pmt.is_symbol(pmt.car(message)):
        return {pmt.symbol_to_string(pmt.car(message)): pmt.to_python(pmt.cdr(message))}
    if pmt.is_dict(message) and not pmt.is_null(message):
        return {str(name): value for name, value in pmt.to_python(message).items()}
    raise PduError("command must be a dictionary of settings, or a pair of name and value")
