"""Run by test_loopback_qt.py in a process of its own, with a screen: watches the flowgraph as a person would.

    python watch_loopback_qt.py semcom_loopback_qt.py SCREENSHOT [options of the flowgraph]

Waits for pictures, moves the controls, waits for their effect, saves screenshots, closes the window. What it saw goes
to standard output as JSON. Qt's own loop does the waiting; whoever starts this sets the time limit.
"""

import json
import runpy
import sys
from pathlib import Path

from PyQt5 import Qt, QtCore

POLL_MS = 50
WIDTH, HEIGHT = 1500, 920


class Watcher:
    """Keeps what is shown, moves the controls when the first picture is complete, and waits for their effect."""

    def __init__(self, window, screenshot: Path):
        self.window, self.screenshot, self.seen = window, screenshot, {"states": []}
        self.is_complete = False
        window.resize(WIDTH, HEIGHT)
        self.widget = window.picture_display.widget
        self.widget.told.connect(self.see)
        self.timer = QtCore.QTimer()
        self.timer.timeout.connect(self.look)

    def see(self):
        """Something new is shown."""
        size, caption, state = self.widget.shown
        self.seen["states"].append(state)
        if self.is_complete:
            return
        if state.endswith("building up"):
            self.save(f"-building-up-{len(self.seen['states'])}", self.window)
            return
        self.is_complete = True
        self.seen |= {"size": size, "caption": caption, "snr": self.gauge("snr"), "cfo": self.gauge("cfo")}
        self.save("", self.window)
        self.save("-constellation", self.window._constellation_win)
        self.save("-channel", self.window._channel_gain_win)
        self.window.set_mcs("qpsk-1/2")
        self.window.set_snr_db(24.0)
        self.timer.start(POLL_MS)

    def look(self):
        """Have the changes come through?"""
        snr = self.gauge("snr")
        if abs(snr - 24) < 1.5:
            self.seen |= {"later_snr": snr, "later_mcs": self.window.burst_modulator.mcs.name}
            print(json.dumps({**self.seen, "lost": self.gauge("per")}))
            self.timer.stop()
            self.window.close()

    def gauge(self, name):
        """The number that a gauge shows in its label."""
        return float(getattr(self.window, f"{name}_gauge").lblcontrol.text().split(" - ", 1)[1])

    def save(self, suffix, widget):
        path = self.screenshot.with_name(f"{self.screenshot.stem}{suffix}.png")
        widget.grab().save(str(path))


def main():
    program, screenshot = sys.argv[1], Path(sys.argv[2])
    sys.argv = [program, *sys.argv[3:]]
    names = runpy.run_path(program)
    flowgraph = names["semcom_loopback_qt"]

    class Watched(flowgraph):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.watcher = Watcher(self, screenshot)

    assert issubclass(flowgraph, Qt.QWidget)
    names["main"](Watched)


main()
