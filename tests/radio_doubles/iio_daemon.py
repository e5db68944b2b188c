"""An IIO daemon without a radio: answers like a Pluto's `iiod` (text protocol of libiio 0.x), TX comes back as RX.

Runs as a process of its own (``python iio_daemon.py``), prints its port, and ends with its standard input; to unplug
it, kill it. Samples are 16 bit words; the DAC takes the upper twelve, so what comes back is shifted right by four.
Writing a sample rate or gain outside of the device's range is refused with EINVAL, gains are rounded to their step.
"""

from __future__ import annotations

import re
import socketserver
import sys
import threading
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np

CONTEXT = Path(__file__).with_name("pluto_context.xml")
EINVAL, ENOENT, ENODEV = 22, 2, 19
MAX_RING_BYTES = 1 << 22
PATIENCE_S = 0.5
"""So long one end waits for the other; then RX is silence, and TX is lost."""

RX_DEVICE = "iio:device2"
RANGES = {
    "sampling_frequency": (520_833, 61_440_000),
    "rf_bandwidth": (200_000, 56_000_000),
    "frequency": (46_875_001, 6_000_000_000),
}
GAINS = {"INPUT": (-3.0, 71.0, 1.0), "OUTPUT": (-89.75, 0.0, 0.25)}

Key = tuple[str, str, str | None, str]


class Pluto:
    """The device's attributes, and the samples on their way from TX to RX."""

    def __init__(self, context: Path = CONTEXT):
        self.xml = re.sub(r">\s+<", "><", context.read_text(encoding="utf-8").strip())
        self.attributes: dict[Key, str] = {}
        for device in ElementTree.fromstring(self.xml).iter("device"):
            name = device.get("id", "")
            for kind, tag in (("", "attribute"), ("DEBUG", "debug-attribute"), ("BUFFER", "buffer-attribute")):
                for entry in device.findall(tag):
                    self.attributes[(name, kind, None, entry.get("name", ""))] = entry.get("value", "0")
            for channel in device.findall("channel"):
                for entry in channel.findall("attribute"):
                    key = (name, channel.get("type", "").upper(), channel.get("id"), entry.get("name", ""))
                    self.attributes[key] = entry.get("value", "0")
        self._ring = bytearray()
        self._changed = threading.Condition()
        self._heard = False

    def write_attribute(self, key: Key, value: str) -> int:
        """0, or the negative error number."""
        if key not in self.attributes:
            return -ENOENT
        name = key[3]
        try:
            if name in RANGES and not RANGES[name][0] <= float(value) <= RANGES[name][1]:
                return -EINVAL
            if name == "hardwaregain":
                low, high, step = GAINS[key[1]]
                if not low <= float(value.split()[0]) <= high:
                    return -EINVAL
                value = f"{round(float(value.split()[0]) / step) * step:.6f} dB"
        except ValueError:
            return -EINVAL
        self.attributes[key] = value
        if name == "sampling_frequency":  # one clock for both directions
            for other in self.attributes:
                if other[3] == name:
                    self.attributes[other] = value
        return 0

    def transmit(self, data: bytes) -> None:
        with self._changed:
            room = self._changed.wait_for(lambda: len(self._ring) < MAX_RING_BYTES, PATIENCE_S if self._heard else 0.01)
            self._heard = room
            if room:
                self._ring += (np.frombuffer(data, "<i2") >> 4).tobytes()
                self._changed.notify_all()

    def receive(self, count: int) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: len(self._ring) >= count, PATIENCE_S)
            data = bytes(self._ring[:count])
            del self._ring[:count]
            self._heard = True
            self._changed.notify_all()
        return data.ljust(count, b"\0")

    def forget_samples(self) -> None:
        with self._changed:
            self._ring.clear()


class Connection(socketserver.StreamRequestHandler):
    """One client: a command per line, answers as numbers and bytes."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.masks: dict[str, str] = {}
        try:
            while line := self.rfile.readline():
                words = line.decode().split()
                if words and words[0] == "EXIT":
                    return
                if words:
                    self.obey(words)
        except (ConnectionError, ValueError, IndexError):
            return

    def obey(self, words: list[str]) -> None:
        pluto: Pluto = self.server.pluto
        match words[0]:
            case "VERSION":
                self.wfile.write(b"0.24.double\n")
            case "PRINT":
                self.answer(len(pluto.xml), pluto.xml.encode() + b"\n")
            case "TIMEOUT" | "SET":
                self.answer(0)
            case "CLOSE":
                if words[1] == RX_DEVICE:
                    pluto.forget_samples()
                self.answer(0)
            case "GETTRIG":
                self.answer(-ENODEV)
            case "READ":
                value = pluto.attributes.get(attribute_key(words[1:]))
                if value is None:
                    self.answer(-ENOENT)
                else:
                    self.answer(len(value) + 1, value.encode() + b"\0\n")
            case "WRITE":
                count = int(words[-1])
                value = self.rfile.read(count).rstrip(b"\0\n").decode()
                self.answer(pluto.write_attribute(attribute_key(words[1:-1]), value) or count)
            case "OPEN":
                self.masks[words[1]] = words[3]
                self.answer(0)
            case "WRITEBUF":
                count = int(words[2])
                self.answer(count)
                pluto.transmit(self.rfile.read(count))
                self.answer(count)
            case "READBUF":
                count = int(words[2])
                data = pluto.receive(count)
                self.answer(count, self.masks[words[1]].encode() + b"\n" + data)
            case _:
                self.answer(-EINVAL)

    def answer(self, number: int, data: bytes = b"") -> None:
        self.wfile.write(f"{number}\n".encode() + data)
        self.wfile.flush()


def attribute_key(words: list[str]) -> Key:
    """``dev INPUT|OUTPUT channel name``, ``dev DEBUG|BUFFER name`` or ``dev name``."""
    if len(words) >= 4 and words[1] in ("INPUT", "OUTPUT"):
        return words[0], words[1], words[2], words[3]
    if len(words) >= 3 and words[1] in ("DEBUG", "BUFFER"):
        return words[0], words[1], None, words[2]
    return words[0], "", None, words[1]


class Daemon(socketserver.ThreadingTCPServer):
    """Listens on a free port of this computer."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0):
        super().__init__(("127.0.0.1", port), Connection)
        self.pluto = Pluto()


if __name__ == "__main__":
    daemon = Daemon(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(daemon.server_address[1], flush=True)
    threading.Thread(target=daemon.serve_forever, daemon=True).start()
    sys.stdin.read()
