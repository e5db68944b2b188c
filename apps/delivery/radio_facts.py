"""A radio's settings as a person should see them before anything is sent, and as reports keep them."""

from __future__ import annotations

from typing import Any

from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.real_radio import HardwareRadio, RealRadio

POWER_KEYS = ("tx_attenuation_db", "tx_gain_db", "tx_backoff_db")
REPORTED_KEYS = ("driver", "waveform", "center_freq_hz", "sample_rate_hz", "rx_gain_db")


def transmit_facts(radio: RealRadio, occupied_hz: float) -> list[str]:
    """Frequency, bandwidth and power setting, a line each."""
    lines = []
    if isinstance(radio, HardwareRadio):
        low, high = (radio.center_freq_hz + sign * occupied_hz / 2 for sign in (-1, 1))
        lines.append(f"frequency {radio.center_freq_hz / 1e6:.6f} MHz")
        lines.append(f"bandwidth {occupied_hz / 1e3:.0f} kHz, {low / 1e6:.4f} to {high / 1e6:.4f} MHz")
    powers = [f"{key} {getattr(radio, key):g}" for key in POWER_KEYS if hasattr(radio, key)]
    lines.append("power setting " + ", ".join(powers))
    return lines


def require_confirmation(name: str, radio: RealRadio, confirmed: bool) -> None:
    """Refuse to transmit with a radio that only receives, or where nobody has said that it may be done."""
    if not getattr(radio, "can_transmit", True):
        raise ConfigError(f"{name}: can_transmit must be true for a radio that is to transmit, got false")
    if not (confirmed or radio.confirm_transmit):
        raise ConfigError(
            f"{name}: confirm_transmit must be true, or --confirm-transmit be given: transmitting needs a licence or a "
            "band that is free for it, a cable with attenuators, or a shielded box"
        )


def reported(name: str, radio: RealRadio) -> dict[str, Any]:
    """What ``report.json`` keeps of the radio."""
    return {"name": name, **{key: getattr(radio, key) for key in REPORTED_KEYS if hasattr(radio, key)}}
