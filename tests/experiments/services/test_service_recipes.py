"""The recipes of the services: what they send, and what they say of it."""

from __future__ import annotations

import numpy as np

from semcom.apps.delivery.packet_items import items_of
from semcom.experiments.services.service_kills import _report
from semcom.experiments.services.service_throughput import FRAME_BYTES, packet_of
from semcom.link import Sender
from semcom.semantic import SemanticPacket


def test_a_packet_of_so_many_frames_survives_the_file(rng: np.random.Generator) -> None:
    packet = SemanticPacket.from_bytes(packet_of(4100, rng).to_bytes())
    frames = Sender(FRAME_BYTES).frames(items_of(packet, 1, 1))
    assert len(frames) == 4100 and {len(frame.data) for frame in frames} <= {FRAME_BYTES, FRAME_BYTES - 1}


def test_kills_are_told_with_account_and_times() -> None:
    totals = {"sent": 10, "delivered": 7, "repaired": 2, "lost": 1}
    results = {"pictures": 3, "complete": 3, "unreadable": [], "left_over": 0, "account": totals}
    results["lost_by_cause"] = {"sender was started anew": 1}
    text = _report([("tx", 1.0, 2.0), ("tx", 3.0, 4.0), ("rx", 0.5, 0.6)], results, 12.0)
    assert "10 frames sent = 7 delivered + 2 repaired + 1 lost (1 sender was started anew)" in text
    assert "| rx | 1 | 0.5 s | 0.5 s | 0.6 s | 0.6 s |" in text and "| tx | 2 | 2.0 s | 3.0 s | 3.0 s | 4.0 s |" in text
