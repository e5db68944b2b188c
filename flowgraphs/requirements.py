"""Whether GNU Radio is there, said in a sentence instead of a traceback."""

from __future__ import annotations

from semcom.flowgraphs.errors import MissingGnuRadioError


def require_gnu_radio() -> None:
    """Import GNU Radio, or say what to install.

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
