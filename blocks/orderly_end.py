"""Ending a flowgraph without losing its last messages.

GNU Radio ends a block that has finished, and tells those it sends messages to by ``done`` on their port ``system``.
That message can overtake others on other ports: a block then ends with messages unread. Blocks of this room therefore
read all that is waiting before they obey, and pass the end on as a message of its own, in order (`pdu.END`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pmt

_SYSTEM = pmt.intern("system")
_DONE = pmt.cons(pmt.intern("done"), pmt.from_long(1))


class OrderlyEnd:
    """To be mixed into a Python block: input ports whose messages are all handled before the block ends."""

    def receive_in_order(self, port: str, handler: Callable[[Any], None]) -> None:
        """Make an input port and let ``handler`` have its messages, one at a time."""
        name = pmt.intern(port)
        self.message_port_register_in(name)
        self.set_msg_handler(name, handler)
        self.__dict__.setdefault("_ordered_ports", []).append((name, handler))
        self.set_msg_handler(_SYSTEM, self.on_system)

    def on_system(self, message: Any) -> None:
        """``done`` from upstream: handle what is waiting, then obey."""
        for name, handler in self._ordered_ports:
            while (waiting := self.gateway.delete_head_nowait(name)) is not None:
                handler(waiting)
        self.obey(message)

    def obey(self, message: Any) -> None:
        """What ``done`` does to this block. A block with a stream to finish overrides it."""
        self.gateway.system_handler(message)

    def finish_block(self) -> None:
        """End this block after the present message, and tell its neighbours."""
        self.gateway.system_handler(_DONE)
