"""Message ports of a block whose thread still has things to say when GNU Radio calls the block done.

At the end of a stream the scheduler tells all that listen to a block's message ports ``done``, and only then calls its
``stop``. A listener that obeys at once, as all stock blocks do, never sees what the thread publishes after that. So the
listeners that are not ours are taken over by a block of no flowgraph, which nobody ends for us: they are told ``done``
after the last message. Our own listeners wait for the end message instead, which stock blocks would take for a bad one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import pmt
from gnuradio import gr

from semcom.blocks.orderly_end import DONE, listeners_of, promise_end, publish_end, targets_of

_DONE_PORT, _SYSTEM = pmt.intern("done"), pmt.intern("system")


class MessageOutlet:
    """Publishes on the message ports of a block, from a thread of its own, until that has said all.

    Parameters
    ----------
    block : Python block of GNU Radio
    ports : sequence of str
        They become its message output ports.
    """

    def __init__(self, block: Any, ports: Sequence[str]):
        self._block = block
        self._ports = {name: pmt.intern(name) for name in ports}
        self._speaker = gr.basic_block(f"{block.name()} outlet", None, None)
        for port in self._ports.values():
            block.message_port_register_out(port)
            self._speaker.message_port_register_out(port)
        self._speaker.message_port_register_out(_DONE_PORT)

    def open(self) -> None:
        """Take over the listeners that are not ours. To be called in ``start``, before any thread publishes."""
        promise_end(self._block, tuple(self._ports.values()))
        self._forget()
        for port in self._ports.values():
            ours = {name for name, _, _ in listeners_of(self._block, port)}
            for name, target in targets_of(self._block, port):
                if name not in ours:
                    self._block.message_port_unsub(port, target)
                    self._speaker.message_port_sub(port, target)
                    self._speaker.message_port_sub(_DONE_PORT, pmt.cons(pmt.intern(name), _SYSTEM))

    def publish(self, port: str, message: Any) -> None:
        """One message to all that listen to the port."""
        for block in (self._block, self._speaker):
            block.message_port_pub(self._ports[port], message)

    def end(self) -> None:
        """The end message to our own listeners: nothing follows."""
        publish_end(self._block, self._ports.values())

    def done(self) -> None:
        """Tell the other listeners what GNU Radio would have told them earlier. After the last message."""
        with contextlib.suppress(RuntimeError):  # one that no longer exists needs no telling
            self._speaker.message_port_pub(_DONE_PORT, DONE)

    def _forget(self) -> None:
        """Listeners of an earlier run: GNU Radio connects all of them anew at each start."""
        for port in (*self._ports.values(), _DONE_PORT):
            for _, target in targets_of(self._speaker, port):
                self._speaker.message_port_unsub(port, target)
