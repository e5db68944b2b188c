"""How ports are written on the command line, and which kinds there are.

```
-                         standard input, standard output
FILE
udp:[HOST:]PORT           tunnel: udp:LISTEN[,TO]
kiss[:[HOST:]PORT]
zmq:ADDRESS               tunnel: zmq:PULL_ADDRESS,PUB_ADDRESS
tun:NAME[@NAMESPACE][,ADDRESS/PREFIX]        tunnel only
```
"""

from __future__ import annotations

from dataclasses import dataclass

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.byte_files import ByteSink, ByteSource
from semcom.apps.modem.ports.kiss_tcp import KissPort
from semcom.apps.modem.ports.port import Port
from semcom.apps.modem.ports.tun import TunPort, check_mtu
from semcom.apps.modem.ports.udp import UdpPort
from semcom.apps.modem.ports.zeromq import ZeromqPort

KINDS = ("udp", "kiss", "zmq", "tun")


@dataclass(frozen=True)
class PortOptions:
    """What holds for all ports.

    Attributes
    ----------
    framing : str
        Of files and pipes.
    piece_bytes : int
        Of a stream of bytes.
    mtu : int
        Of a TUN device.
    """

    framing: str = "stream"
    piece_bytes: int = 1024
    mtu: int = 1500


def open_source(text: str, options: PortOptions) -> Port:
    """Where packets come from.

    Raises
    ------
    PortError
        There is no such port, or it cannot be used.
    """
    kind, rest = _kind_of(text)
    match kind:
        case "udp":
            return UdpPort(listen=rest)
        case "kiss":
            return KissPort(rest)
        case "zmq":
            return ZeromqPort(listen=rest)
        case "tun":
            raise PortError("tun: is a port of both ways, `semcom modem tunnel tun:NAME` uses it")
    return ByteSource(text, options.framing, options.piece_bytes)


def open_sink(text: str, options: PortOptions) -> Port:
    """Where packets go to; raises as `open_source`."""
    kind, rest = _kind_of(text)
    match kind:
        case "udp":
            return UdpPort(to=rest)
        case "kiss":
            return KissPort(rest)
        case "zmq":
            return ZeromqPort(give=rest)
        case "tun":
            raise PortError("tun: is a port of both ways, `semcom modem tunnel tun:NAME` uses it")
    return ByteSink(text, options.framing)


def open_both_ways(text: str, options: PortOptions) -> Port:
    """A port of a tunnel; raises as `open_source`."""
    check_mtu(options.mtu)
    kind, rest = _kind_of(text)
    first, _, second = rest.partition(",")
    match kind:
        case "tun":
            return TunPort(rest, options.mtu)
        case "udp":
            return UdpPort(listen=first, to=second or None)
        case "kiss":
            return KissPort(rest)
        case "zmq":
            if not second:
                raise PortError(f"zmq: a tunnel needs two addresses, zmq:PULL_ADDRESS,PUB_ADDRESS, got {text!r}")
            return ZeromqPort(first, second)
    raise PortError(f"port of a tunnel must begin with {', '.join(f'{kind}:' for kind in KINDS)}, got {text!r}")


def _kind_of(text: str) -> tuple[str, str]:
    kind, colon, rest = text.partition(":")
    if kind in KINDS and (colon or kind == "kiss"):
        return kind, rest
    return "", text
