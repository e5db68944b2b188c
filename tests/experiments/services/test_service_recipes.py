"""The recipes of the services: what they send, and what they say of it."""

from __future__ import annotations

import multiprocessing
import socket

import numpy as np
import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.experiments.services.service_flood import flood
from semcom.experiments.services.service_kills import _report
from semcom.experiments.services.service_load import Outcome, photos, report
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


def test_memory_is_flat_within_a_tenth_of_the_second_quarter() -> None:
    memory = {"tx": [9, 9, 100, 100, 50, 50, 109, 109], "radio": [5] * 8, "rx": [5] * 8}
    outcome = Outcome(10, 10, 10, bytes_of=memory)
    assert outcome.drift("tx") == pytest.approx(0.09) and outcome.is_good
    memory["tx"][-1] = 113
    assert not outcome.is_good and not Outcome(10, 10, 9, bytes_of={name: [5] * 8 for name in memory}).is_good
    assert "10 put in, 10 confirmed, 10 complete results" in report(outcome, "Packets", "the command")


def test_photos_are_put_in_again_where_there_are_too_few(tmp_path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    for name in ("a.png", "b.jpg", "c.txt"):
        (tmp_path / "from" / name).write_text(name)
    assert photos(tmp_path / "from", 3)(tmp_path / "to") == 3
    assert [path.read_text() for path in sorted((tmp_path / "to").iterdir())] == ["a.png", "b.jpg", "a.png"]


def test_a_flood_reaches_a_listener_at_its_rate() -> None:
    stop, made = multiprocessing.Event(), multiprocessing.Value("q", 0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        stranger = multiprocessing.Process(target=flood, args=(server.getsockname()[1], 1000, False, stop, made))
        stranger.start()
        for _ in range(20):
            server.accept()[0].close()
        stop.set()
        stranger.join(60)
    assert stranger.exitcode == 0 and made.value >= 20
