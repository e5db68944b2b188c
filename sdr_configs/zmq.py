"""Virtual air: samples over a local ZeroMQ socket between two processes of one computer."""

from __future__ import annotations

from typing import Literal

from semcom.sdr_configs.real_radio import RealRadio
from semcom.sdr_configs.schema import Field

_LOCAL = r"^(tcp://(127\.0\.0\.1|localhost|\[::1\]):[0-9]{1,5}|ipc:///[^\s]{1,90})$"


class ZmqRadio(RealRadio):
    """Raw complex64 over PUSH/PULL, on loopback addresses only: the samples are neither signed nor encrypted."""

    driver: Literal["zmq"]
    address: str = Field("tcp://127.0.0.1:55455", pattern=_LOCAL, description="where the transmitter binds")
    rx_address: str = Field(
        "", pattern=rf"(^$|{_LOCAL})", description="both ways: where the other end's transmitter binds; empty: address"
    )
