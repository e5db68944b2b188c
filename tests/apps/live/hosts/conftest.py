"""Two computers in this process, a radio at each, a virtual air between them: what is asked for goes the way back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from semcom.apps.live.hosts.host_thread import HostThread
from semcom.apps.live.hosts.rx_session import RxSession
from semcom.apps.live.hosts.tx_session import TxSession
from semcom.apps.services.radio_link import AirOptions, make_air
from semcom.apps.services.radio_process.air import AirService
from semcom.apps.services.radio_process.radio import RadioService
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.radio import Channel

from ....stand_ins import street_parts
from ..conftest import Client, served


@pytest.fixture(scope="module")
def two_pages(tmp_path_factory) -> Iterator[tuple[Client, Client]]:
    """The sender's page and the receiver's. What is tested with them is the way, not the understanding."""
    folder = tmp_path_factory.mktemp("two")
    make_acquainted(folder / "keys", ["air", "near", "far", "tx", "rx"])
    rings = {path.name: KeyRing.load(path) for path in (folder / "keys").iterdir()}
    with contextlib.ExitStack() as stack:
        stack.enter_context(street_parts())

        def run(name: str, make) -> str:
            """The service, on a thread; its address."""
            addresses: list[str] = []

            def made():
                service = make()
                addresses.append(service.server.address)
                return service

            thread = HostThread(name, made)
            stack.callback(thread.stop)
            thread.start_and_wait()
            return addresses[0]

        def radio(name: str) -> RadioService:
            air, about = make_air("loopback-clean", AirOptions(virtual=address), rings[name], print)
            return RadioService(air, "tcp://127.0.0.1:*", rings[name], about)

        address = run("air", lambda: AirService(Channel(snr_db=20.0), "tcp://127.0.0.1:*", rings["air"]))
        near, far = (run(name, lambda name=name: radio(name)) for name in ("near", "far"))
        tx = TxSession(near, rings["tx"], "near", folder / "tx", Waveform.load("ofdm64"))
        stack.callback(tx.close)
        rx = RxSession(far, rings["rx"], "far", folder / "rx")
        stack.callback(rx.close)
        yield stack.enter_context(served(tx)), stack.enter_context(served(rx))
