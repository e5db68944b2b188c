"""Radios that answer. Run as a process of its own, one library at a time: drivers may hang or crash.

python -m semcom.flowgraphs.radios.discovery iio|uhd|soapy        prints a JSON list of {address, description}
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

TIMEOUT_S = 20.0
MAX_OUTPUT_BYTES = 1 << 20
MARK = "semcom-radios:"
"""Before our line: drivers print banners."""


def discover(library: str, timeout_s: float = TIMEOUT_S) -> list[dict[str, str]]:
    """Radios that a library finds.

    Raises
    ------
    OSError
        The search failed, crashed or took too long; says which.
    """
    command = [sys.executable, "-m", "semcom.flowgraphs.radios.discovery", library]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout_s, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise OSError(f"search took longer than {timeout_s:g} s") from None
    for line in done.stdout[:MAX_OUTPUT_BYTES].decode("utf-8", "replace").splitlines():
        if line.startswith(MARK):
            return json.loads(line.removeprefix(MARK))
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
    raise OSError(f"search failed: {last[0][:200]}")


def _iio() -> list[dict[str, str]]:
    import iio

    try:
        found = iio.scan_contexts()
    except OSError:  # neither USB nor a network to look in: libiio calls that an error
        return []
    return [{"address": uri, "description": words} for uri, words in found.items()]


def _uhd() -> list[dict[str, str]]:
    from gnuradio import uhd

    return [{"address": entry.to_string(), "description": "USRP"} for entry in uhd.find("")]


def _soapy() -> list[dict[str, str]]:
    program = shutil.which("SoapySDRUtil")
    if program is None:
        raise FileNotFoundError("SoapySDRUtil is not installed (apt-get install soapysdr-tools)")
    text = subprocess.run([program, "--find"], capture_output=True, timeout=TIMEOUT_S, check=False).stdout
    devices: list[dict[str, str]] = []
    for line in text.decode("utf-8", "replace").splitlines():
        if line.startswith("Found device"):
            devices.append({"address": "", "description": ""})
        name, _, value = (part.strip() for part in line.partition("="))
        if devices and name == "driver":
            devices[-1]["address"] = f"driver={value}"
        if devices and name == "label":
            devices[-1]["description"] = value
    return devices


LIBRARIES = {"iio": _iio, "uhd": _uhd, "soapy": _soapy}

if __name__ == "__main__":
    print(MARK + json.dumps(LIBRARIES[sys.argv[1]]()), flush=True)
