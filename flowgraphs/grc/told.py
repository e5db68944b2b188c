"""For flowgraphs of GNU Radio Companion that receive pictures without a screen: each one said in a line.

GNU Radio Companion imports this while a flowgraph is drawn, also in a Python that lacks what the modem needs: nothing
beyond the standard library is imported before it is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def tell_pictures(top_block: Any, receiver: Any, folder: str) -> Any:
    """Print caption and folder of each picture that a `semantic_receiver` gives out.

    To be called before the flowgraph starts. Gives the block that listens: keep a reference.
    """
    from semcom.blocks.message_block import MessageBlock
    from semcom.blocks.pdu import read_pdu

    class teller(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
        """Prints what came."""

        def handle(self, message: Any) -> None:
            print(line_of(read_pdu(message)[0], folder), flush=True)

    listener = teller("semcom teller", "in")
    top_block.msg_connect(receiver, "reconstructions", listener, "in")
    return listener


def line_of(meta: dict[str, Any], folder: str) -> str:
    """What the metadata of a reconstruction say, for a person: caption, how much came, and where it lies."""
    scope = "-".join(str(meta.get(name, "?")) for name in ("stream", "group", "picture"))
    words = meta.get("caption") or "(no caption came)"
    came = "" if meta.get("complete") else " (incomplete)"
    return f"{words}{came} {Path(folder).absolute() / scope}"
