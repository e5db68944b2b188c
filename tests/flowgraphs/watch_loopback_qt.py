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
    """Goes through its steps, one after the other, each as soon as its condition holds."""

    def __init__(self, window, screenshot: Path):
        self.window, self.screenshot, self.seen = window, screenshot, {"states": []}
        window.resize(WIDTH, HEIGHT)
        self.steps = [self.building_up, self.complete, self.after_changes]
        self.timer = QtCore.QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(POLL_MS)

    def look(self):
        size, caption, state = self.window.picture_display.widget.shown
        if state and state not in self.seen["states"]:
            self.seen["states"].append(state)
        if self.steps[0](size, caption, state):
            self.steps.pop(0)
        if not self.steps:
            print(json.dumps(self.seen))
            self.timer.stop()
            self.window.close()

    def building_up(self, size, caption, state):
        if size is None or "building up" not in state:
            return False
        self.save("-building-up")
        return True

    def complete(self, size, caption, state):
        if not state.endswith("complete"):
            return False
        self.seen |= {"size": size, "caption": caption, "snr": self.gauge("snr"), "cfo": self.gauge("cfo")}
        self.save("")
        self.window.set_mcs("qpsk-1/2")
        self.window.set_snr_db(24.0)
        return True

    def after_changes(self, size, caption, state):
        snr = self.gauge("snr")
        if abs(snr - 24) > 1.5:
            return False
        self.seen |= {"later_snr": snr, "later_mcs": self.window.burst_modulator.mcs.name}
        self.seen["lost"] = self.gauge("per")
        return True

    def gauge(self, name):
        """The number that a gauge shows in its label."""
        return float(getattr(self.window, f"{name}_gauge").lblcontrol.text().split(" - ", 1)[1])

    def save(self, suffix):
        path = self.screenshot.with_name(f"{self.screenshot.stem}{suffix}.png")
        self.window.grab().save(str(path))


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
