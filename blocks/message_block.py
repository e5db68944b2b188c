"""What the blocks without streams have in common: one port in, some out, and nothing a message says can stop them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pmt
from gnuradio import gr

from semcom.blocks.orderly_end import OrderlyEnd, publish_end
from semcom.blocks.pdu import END, is_end, make_pdu

log = logging.getLogger("semcom.blocks")


class MessageBlock(OrderlyEnd, gr.basic_block):
    """A block of message ports only.

    Subclasses say what to do with a message (`handle`) and at the end of a transmission (`finish`). What cannot be
    handled is logged, counted as ``refused``, and dropped.

    Parameters
    ----------
    name : str
    port_in : str
    ports_out : sequence of str
        The end of a transmission is passed on to those of our own blocks that listen to them.
    """

    def __init__(self, name: str, port_in: str, ports_out: tuple[str, ...] = ()):
        gr.basic_block.__init__(self, name=name, in_sig=None, out_sig=None)
        self.counts: Counter[str] = Counter()
        self._ended = False
        self._port_in = port_in
        self._ports_out = {port: pmt.intern(port) for port in ports_out}
        for port in self._ports_out.values():
            self.message_port_register_out(port)
        self.receive_in_order(port_in, self.on_message)

    def handle(self, message: Any) -> None:
        """One message that is not the end. May raise: then it is refused."""
        raise NotImplementedError

    def finish(self) -> None:
        """Nothing follows: publish what is left."""

    def publish(self, port: str, meta: Mapping[str, Any], data: bytes | np.ndarray = b"") -> None:
        """Send a PDU."""
        self.message_port_pub(self._ports_out[port], make_pdu(meta, data))

    def start(self) -> bool:
        self._ended = False
        return OrderlyEnd.start(self)

    def on_message(self, message: Any) -> None:
        """Handler of the input port."""
        if not is_end(message):
            self.guarded(self.handle, message)
        elif self.is_last_end() and not self._ended:
            self._ended = True
            self.guarded(self.finish)
            publish_end(self, self._ports_out.values())
            self.finish_block()

    def obey(self, message: Any) -> None:
        """Nothing more will come from upstream: that is an end, too."""
        self.on_message(END)

    def guarded(self, action: Any, *arguments: Any) -> None:
        """Do it; on failure log, count, go on. An exception in a handler would end the whole flowgraph."""
        try:
            action(*arguments)
        except Exception as error:
            self.counts["refused"] += 1
            text = " ".join(str(error).split())
            log.warning("%s: message refused: %s: %s", self.name(), type(error).__name__, text)
            log.debug("%s", self.name(), exc_info=True)
