"""The errors that rooms raise on purpose: what a person is told in one line instead of a traceback."""

from __future__ import annotations


def known_errors() -> tuple[type[Exception], ...]:
    """Base classes of the rooms' errors, and a sentence where GNU Radio itself is not there."""
    from semcom.link.errors import LinkError
    from semcom.phy.errors import PhyError
    from semcom.sdr_configs.errors import ConfigError
    from semcom.semantic.errors import SemanticError

    known: tuple[type[Exception], ...] = (SemanticError, LinkError, PhyError, ConfigError, MissingGnuRadioError)
    try:
        from semcom.flowgraphs.errors import FlowgraphError
    except ImportError:
        return known
    return (*known, FlowgraphError)


class MissingGnuRadioError(Exception):
    """GNU Radio's Python modules cannot be imported."""


def require_gnu_radio() -> None:
    """Say what to install where GNU Radio is missing.

    Raises
    ------
    MissingGnuRadioError
    """
    try:
        from gnuradio import gr  # noqa: F401
    except ImportError as error:
        raise MissingGnuRadioError(
            "GNU Radio's Python modules cannot be imported: install GNU Radio 3.10 from your distribution "
            "(Debian, Ubuntu: apt-get install gnuradio) and make the environment with --system-site-packages from the "
            f"distribution's own Python ({error})"
        ) from error
