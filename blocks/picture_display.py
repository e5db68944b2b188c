"""Pictures in, onto the screen, with their captions."""

from __future__ import annotations

from typing import Any

from semcom.blocks.errors import BlockError
from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import read_pdu
from semcom.blocks.semantic_encoder import read_image


class picture_display(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Shows the newest picture and what is known of it, in a Qt widget.

    A decoder that rebuilds after each layer lets the picture be watched as it builds up. Needs PyQt5 and a running
    QApplication, which the graphical flowgraphs of GNU Radio Companion have; nothing of Qt is imported before.

    Parameters
    ----------
    title : str
    width_pixels : int
        Width of the widget at first; the picture fits itself to whatever room there is.
    parent : QWidget, optional

    Ports
    -----
    pictures : in
        PDUs of RGB bytes, row by row from the top; metadata width, height; may have caption, num_layers, complete,
        stream, group, picture. Without width: no picture yet, only a caption; a picture of before is then dimmed.

    Raises
    ------
    BlockError
        There is no QApplication.
    """

    def __init__(self, title: str = "", width_pixels: int = 480, parent: Any = None):
        MessageBlock.__init__(self, "semcom picture display", "pictures")
        from PyQt5.QtWidgets import QApplication  # Qt only where something is shown

        if QApplication.instance() is None:  # Qt would end the whole program
            raise BlockError("picture_display needs a QApplication: in GNU Radio Companion, Generate Options: QT GUI")
        from semcom.blocks.picture_widget import PictureWidget

        self.widget = PictureWidget(title, width_pixels, parent)
        self._shown: tuple[Any, ...] | None = None

    def handle(self, message: Any) -> None:
        meta, _ = read_pdu(message)
        image = read_image(message) if "width" in meta else None
        caption = meta.get("caption", "")
        of = tuple(meta.get(name) for name in ("stream", "group", "picture"))
        is_older = image is None and "picture" in meta and of != self._shown
        self._shown = of if image is not None else self._shown
        self.widget.show_later(image, caption if isinstance(caption, str) else "", _state(meta), is_older)
        self.counts["pictures"] += 1


def _state(meta: dict[str, Any]) -> str:
    """What there is of the picture, in words."""
    words = [f"picture {meta['picture']}"] if "picture" in meta else []
    if "num_layers" in meta:
        words.append(f"{meta['num_layers']} layer{'s' if meta['num_layers'] != 1 else ''}")
    if meta.get("complete") is not None:
        words.append("complete" if meta["complete"] else "building up")
    return ", ".join(words)
