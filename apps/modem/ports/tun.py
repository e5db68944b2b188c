"""A TUN device: IP packets of the operating system, both ways.

The kernel cuts packets to the device's MTU, or tells the sender that they are too long; nothing is left to do here.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import ipaddress
import os
import re
import socket
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.port import MAX_READS, Quiet
from semcom.link.packets.packet import MAX_PACKET_BYTES

DEVICE = "/dev/net/tun"
LEAST_MTU, LEAST_MTU_IPV6 = 68, 1280
NAMESPACES = Path("/run/netns")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}")
_TUNSETIFF, _IFF_TUN_NO_PI = 0x400454CA, 0x1001
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFMTU, _SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8916, 0x891C, 0x8922, 0x8913, 0x8914
_IFF_UP_RUNNING = 0x41
_CLONE_NEWNET = 0x40000000


class TunPort(Quiet):
    """One TUN device, up and with its MTU.

    Parameters
    ----------
    text : str
        ``NAME[@NAMESPACE][,ADDRESS/PREFIX]``: a network namespace made by ``ip netns add``, an IPv4 address.
    mtu : int
        Longest packet that the kernel may hand us, bytes.

    Raises
    ------
    PortError
        No rights, a name that is taken, an MTU above the longest packet.
    """

    def __init__(self, text: str, mtu: int = 1500) -> None:
        check_mtu(mtu)
        place, _, address = text.partition(",")
        name, _, namespace = place.partition("@")
        if not _NAME.fullmatch(name):
            raise PortError(f"tun: name must be 1 to 15 letters, digits, _ . and -, got {name!r}")
        network = _network(address) if address else None
        self.name, self._counts, self._told = name, Counter(), False
        try:
            with _inside(namespace):
                self._fd = _open(name)
                try:
                    _set_up(name, mtu, network)
                except OSError:
                    os.close(self._fd)
                    raise
        except PermissionError:
            raise PortError(
                f"tun: making {name} needs the right to administer the network: run as root, or have it made once by "
                f"`sudo ip tuntap add dev {name} mode tun user $USER`, `sudo ip link set {name} mtu {mtu} up`"
            ) from None
        except OSError as error:
            why = "is in use by another program" if error.errno == errno.EBUSY else f"cannot be used: {error.strerror}"
            raise PortError(f"tun: {name} {why}") from None

    def waits_on(self) -> Sequence[Any]:
        return (self._fd,)

    def read(self) -> list[bytes]:
        packets = []
        for _ in range(MAX_READS):
            try:
                packets.append(os.read(self._fd, MAX_PACKET_BYTES + 1))
            except BlockingIOError:
                break
            except OSError as error:  # taken down by hand
                self._counts[error.strerror or "error"] += 1
                break
        return packets

    def write(self, data: bytes) -> None:
        try:
            os.write(self._fd, data)
        except OSError as error:  # no IP packet, or the device is down
            self._counts[error.strerror or "error"] += 1

    def notes(self) -> list[str]:
        if self._told or not self._counts:
            return []
        self._told = True
        why = ", ".join(f"{name} {count}" for name, count in self._counts.items())
        return [f"tun: {self.name} does not take or give packets ({why}); the first is said, the rest is counted"]

    def close(self) -> None:
        os.close(self._fd)


def check_mtu(mtu: int) -> None:
    """Raises `PortError` for one that no packet or no IP could do with."""
    if not LEAST_MTU <= mtu <= MAX_PACKET_BYTES:
        raise PortError(
            f"mtu must be {LEAST_MTU} (IPv4; IPv6 needs {LEAST_MTU_IPV6}) to {MAX_PACKET_BYTES} bytes, the longest "
            f"packet, got {mtu}"
        )


def _open(name: str) -> int:
    try:
        fd = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise PortError(f"tun: {DEVICE} must be there: `sudo modprobe tun`; TUN devices are Linux's") from None
    try:
        fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN_NO_PI))
    except OSError:
        os.close(fd)
        raise
    return fd


def _set_up(name: str, mtu: int, network: ipaddress.IPv4Interface | None) -> None:
    """MTU, address, up; what is already so is left alone: it may have been set by one with more rights."""
    folder = Path("/sys/class/net") / name
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16s24x", name.encode())
        (flags,) = struct.unpack("16xH22x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))
        if not (flags & 1 and (folder / "mtu").exists() and (folder / "mtu").read_text().strip() == str(mtu)):
            fcntl.ioctl(control, _SIOCSIFMTU, struct.pack("16si20x", name.encode(), mtu))
        if network is not None:
            for number, address in ((_SIOCSIFADDR, network.ip), (_SIOCSIFNETMASK, network.netmask)):
                packed = struct.pack("16sH2x4s16x", name.encode(), socket.AF_INET, address.packed)
                fcntl.ioctl(control, number, packed)
        if not flags & 1:
            fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), flags | _IFF_UP_RUNNING))


def _network(text: str) -> ipaddress.IPv4Interface:
    try:
        return ipaddress.IPv4Interface(text)
    except ValueError:
        raise PortError(f"tun: address must be like 10.73.0.1/24, got {text!r}") from None


@contextmanager
def _inside(namespace: str) -> Iterator[None]:
    """This thread in another network namespace, for a while. A device stays where it was made."""
    if not namespace:
        yield
        return
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", namespace) or not (NAMESPACES / namespace).exists():
        raise PortError(f"tun: network namespace must be made before: `sudo ip netns add NAME`, got {namespace!r}")
    with Path("/proc/thread-self/ns/net").open() as home, (NAMESPACES / namespace).open() as away:
        _set_namespace(away.fileno())
        try:
            yield
        finally:
            _set_namespace(home.fileno())


def _set_namespace(fd: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
