"""The packages of sweeps, in one sentence where one is missing."""

from __future__ import annotations

from importlib.util import find_spec

from semcom.semantic.errors import ModelError

PACKAGES = ("distributed", "pyarrow", "matplotlib")


def require_sweep_packages() -> None:
    """Raise `ModelError` where one is not installed."""
    for name in PACKAGES:
        if find_spec(name) is None:
            raise ModelError(f'sweeps need {name}: pip install "gr-semcom[sweep]"')
