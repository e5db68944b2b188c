"""The Qt widget of `picture_display`: a picture that fits itself to its room, its caption below."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QImage, QPainter, QPixmap
from PyQt5.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

MAX_CAPTION_CHARACTERS = 500
SMALLEST_SIDE = 120
DIMMED = 0.3
"""Brightness that is left of a picture that is no longer the one spoken of."""


class PictureWidget(QWidget):
    """Shows what it is told from any thread.

    Parameters
    ----------
    title : str
        Above the picture; empty: none.
    width_pixels : int
        At first.
    parent : QWidget, optional
    """

    told = pyqtSignal(object, str, str, bool)
    """Picture, caption, state, and whether the picture shown is an older one. Who is connected later finds it shown."""

    def __init__(self, title: str = "", width_pixels: int = 480, parent: Any = None):
        QWidget.__init__(self, parent)
        self._pixmap: QPixmap | None = None
        self.is_dimmed = False
        self._width_pixels = max(width_pixels, SMALLEST_SIDE)
        self._title, self._picture = QLabel(title), QLabel("waiting for a picture")
        self._caption, self._state = QLabel(), QLabel()
        self._title.setVisible(bool(title))
        self._picture.setAlignment(Qt.AlignCenter)
        self._picture.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Ignored)  # else it would never shrink again
        self._picture.setMinimumSize(SMALLEST_SIDE, SMALLEST_SIDE)
        self._picture.setStyleSheet("background: #202020; color: #a0a0a0")
        self._caption.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        for label in (self._title, self._picture, self._caption, self._state):
            label.setTextFormat(Qt.PlainText)  # a caption comes from outside: never markup
            layout.addWidget(label, stretch=int(label is self._picture))
        self.told.connect(self._show)

    def sizeHint(self):  # noqa: N802 (Qt's name)
        hint = QWidget.sizeHint(self)
        hint.setWidth(self._width_pixels)
        hint.setHeight(self._width_pixels)
        return hint

    def show_later(self, image: np.ndarray | None, caption: str, state: str, is_older: bool = False) -> None:
        """Show a picture, uint8 [height, width, 3], from whatever thread. None keeps the one that is shown, dimmed
        where it is older than the words."""
        self.told.emit(image, caption, state, is_older)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        QWidget.resizeEvent(self, event)
        self._fit()

    @property
    def shown(self) -> tuple[tuple[int, int] | None, str, str]:
        """Width and height of the picture, or None; caption; state."""
        size = (self._pixmap.width(), self._pixmap.height()) if self._pixmap is not None else None
        return size, self._caption.text(), self._state.text()

    def _show(self, image: np.ndarray | None, caption: str, state: str, is_older: bool) -> None:
        if image is not None:
            height, width = image.shape[:2]
            data = np.ascontiguousarray(image).tobytes()
            self._pixmap = QPixmap.fromImage(QImage(data, width, height, 3 * width, QImage.Format_RGB888))
        self.is_dimmed = is_older
        if is_older and self._pixmap is not None:
            state += " (the picture shown is an older one)"
        self._caption.setText(caption[:MAX_CAPTION_CHARACTERS])
        self._state.setText(state)
        self._fit()

    def _fit(self) -> None:
        if self._pixmap is not None:
            room = self._picture.size()
            scaled = self._pixmap.scaled(room, Qt.KeepAspectRatio, Qt.SmoothTransformation)
            self._picture.setPixmap(_dimmed(scaled) if self.is_dimmed else scaled)


def _dimmed(pixmap: QPixmap) -> QPixmap:
    """The same picture, hardly visible."""
    dark = QPixmap(pixmap.size())
    dark.fill(Qt.black)
    painter = QPainter(dark)
    painter.setOpacity(DIMMED)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return dark
