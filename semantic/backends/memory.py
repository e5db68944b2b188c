"""Memory that models need and that a device has: what does not fit is refused before it is loaded, with numbers."""

from __future__ import annotations

from pathlib import Path

from semcom.semantic.errors import ModelError

WORKING_BYTES = {
    "captioner": 600 << 20,
    "segmenter": 400 << 20,
    "detailer": 1200 << 20,
    "detector": 600 << 20,
    "repairer": 300 << 20,
    "reconstructor": 1500 << 20,
    "adapter": 0,
    "metric": 300 << 20,
}
"""Beside the weights, by role, at the sizes used here: activations, and what the libraries keep. An upper estimate."""


def bytes_per_value(device: str) -> int:
    """Models compute in float16 on a GPU and in float32 on a CPU."""
    return 4 if device == "cpu" else 2


def needed_bytes(values: int, role: str, device: str) -> int:
    """Weights of so many values, and room to work."""
    return values * bytes_per_value(device) + WORKING_BYTES[role]


def free_bytes(device: str) -> int | None:
    """What is free on a device now; None where nobody can tell."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.mem_get_info(torch.device(device))[0]
    meminfo = Path("/proc/meminfo")
    if device != "cpu" or not meminfo.is_file():
        return None
    lines = [line.split() for line in meminfo.read_text(encoding="ascii").splitlines() if line.startswith("MemAvail")]
    return int(lines[0][1]) * 1024 if lines else None


def check_fits(name: str, values: int, role: str, device: str, free: int | None = None) -> None:
    """Refuse a model that does not fit.

    Parameters
    ----------
    name : str
    values : int
        Of its weights.
    role : str
        Of `WORKING_BYTES`.
    device : str
    free : int or None
        Bytes; None asks the device.

    Raises
    ------
    ModelError
        With both numbers.
    """
    free = free_bytes(device) if free is None else free
    needed = needed_bytes(values, role, device)
    if free is not None and needed > free:
        raise ModelError(
            f"model {name} must fit the memory of {device}: it needs {in_gb(needed)}, and {in_gb(free)} are free"
        )


def in_gb(num_bytes: int) -> str:
    """``1.73 GB``, decimal."""
    return f"{num_bytes / 1e9:.2f} GB"
