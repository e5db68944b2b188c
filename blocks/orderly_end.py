"""Ending a flowgraph without losing its last messages.

GNU Radio ends a block that has finished, and tells those it sends messages to by ``done`` on their port ``system``.
That message can overtake others on other ports: a block then ends with messages unread. Blocks of this room therefore
read all that is waiting before they obey, and pass the end on as a message of its own, in order (`pdu.END`).
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import pmt

from semcom.blocks.pdu import END, is_end

_SYSTEM = pmt.intern("system")
DONE = pmt.cons(pmt.intern("done"), pmt.from_long(1))
"""What GNU Radio tells the port ``system`` of those that listened to a block that has ended."""

_lock = threading.Lock()
_blocks: weakref.WeakSet[OrderlyEnd] = weakref.WeakSet()


class OrderlyEnd:
    """To be mixed into a Python block: input ports whose messages are all handled before the block ends."""

    promised_ends = 0
    """End messages still to come from blocks that send them even after GNU Radio has called them done."""

    _has_run = False

    def receive_in_order(self, port: str, handler: Callable[[Any], None]) -> None:
        """Make an input port and let ``handler`` have its messages, one at a time."""
        name = pmt.intern(port)
        self.message_port_register_in(name)
        self.set_msg_handler(name, handler)
        self.__dict__.setdefault("_ordered_ports", []).append((name, handler))
        self.set_msg_handler(_SYSTEM, self.on_system)
        _blocks.add(self)

    def start(self) -> bool:
        """A run may have left its end in a queue, or a ``done`` that came after it: the next run must not obey them.

        GNU Radio lets no block work before all have started, so nothing of this run is waiting yet.
        """
        if self._has_run:
            while self.gateway.delete_head_nowait(_SYSTEM) is not None:
                pass
            for name, _ in self._ordered_ports:
                waiting = iter(lambda name=name: self.gateway.delete_head_nowait(name), None)
                for message in [message for message in waiting if not is_end(message)]:
                    self.gateway._post(name, message)
        self._has_run = True
        return True

    def stop(self) -> bool:
        self.promised_ends = 0
        return True

    def on_system(self, message: Any) -> None:
        """``done`` from upstream: handle what is waiting, then obey."""
        for name, handler in self._ordered_ports:
            while (waiting := self.gateway.delete_head_nowait(name)) is not None:
                handler(waiting)
        if not self.promised_ends:
            self.obey(message)

    def obey(self, message: Any) -> None:
        """What ``done`` does to this block."""
        raise NotImplementedError

    def is_last_end(self) -> bool:
        """To be asked at each end message: whether no other one has been promised."""
        with _lock:
            self.promised_ends = max(0, self.promised_ends - 1)
            return self.promised_ends == 0

    def finish_block(self) -> None:
        """End this block after the present message, and tell its neighbours."""
        self.gateway.system_handler(DONE)


def promise_end(block: Any, ports: tuple[Any, ...]) -> None:
    """Tell our blocks that listen to these ports: wait for the end message, whatever GNU Radio says before it.

    For a block with a thread of its own, which still has things to say when its stream has ended. To be called in
    ``start``.
    """
    listening = {name: listener for port in ports for name, listener, _ in listeners_of(block, port)}
    for listener in listening.values():
        with _lock:
            listener.promised_ends += 1


def publish_end(block: Any, ports: Iterable[Any]) -> None:
    """The end message to each of our own blocks that listen to these ports, once. Others know ``done``; many of them,
    QT GUI sinks and sockets among them, take an end message for a bad PDU and end the flowgraph."""
    listening = {name: (listener, port_in) for port in ports for name, listener, port_in in listeners_of(block, port)}
    for listener, port_in in listening.values():
        listener.gateway._post(port_in, END)


def listeners_of(block: Any, port: Any) -> list[tuple[str, OrderlyEnd, Any]]:
    """Our own blocks among those that listen to a port: name, block, and the port it listens with."""
    ours = {listener.gateway.alias(): listener for listener in list(_blocks)}
    return [(name, ours[name], pmt.cdr(target)) for name, target in targets_of(block, port) if name in ours]


def targets_of(block: Any, port: Any) -> list[tuple[str, Any]]:
    """Whatever listens to a port: name, and pair (name, port) as GNU Radio keeps it."""
    targets = block.gateway.message_subscribers(port)
    pairs = [pmt.nth(at, targets) for at in range(pmt.length(targets))]
    return [(pmt.symbol_to_string(pmt.car(pair)), pair) for pair in pairs]
