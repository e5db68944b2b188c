"""Keying an external amplifier or transceiver while we transmit."""

from __future__ import annotations

import subprocess

from semcom.flowgraphs.errors import RadioSettingError
from semcom.sdr_configs.real_radio import HardwareRadio, RealRadio

TIMEOUT_S = 5.0


class Ptt:
    """Runs ``ptt_command`` of the radio file with ``on`` before and ``off`` after, whatever happens between.

    Without a shell; a command that fails keeps us from transmitting.
    """

    def __init__(self, radio: RealRadio):
        self._command = radio.ptt_command if isinstance(radio, HardwareRadio) else ()

    @property
    def is_needed(self) -> bool:
        """Whether the radio file has a command."""
        return bool(self._command)

    def __enter__(self) -> Ptt:
        self._run("on")
        return self

    def __exit__(self, *_: object) -> None:
        self._run("off")

    def _run(self, state: str) -> None:
        if not self._command:
            return
        try:
            subprocess.run([*self._command, state], check=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as error:
            raise RadioSettingError(f"ptt_command must succeed with {state!r}, it did not: {error}") from None
