"""A whole link: what was confirmed is shown, whatever happens to receiver, disk and sender; once each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcom.apps.services import receiver_credit as credit
from semcom.apps.services.receiving import received_pictures
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.sending import picture_source, watched_files
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.caption import Caption

from .one_process import Link

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Link]:
    monkeypatch.setattr(watched_files, "SETTLED_S", 0.0)
    monkeypatch.setattr(picture_source, "LOOK_EVERY_S", 0.0)
    link = Link(tmp_path)
    yield link
    link.close()


def account(link: Link) -> dict[str, int]:
    totals = link.tx.sent_pictures.totals
    assert totals["sent"] == totals["delivered"] + totals["repaired"] + totals["lost"]
    return totals


def test_250_small_packets_at_once_all_arrive(link: Link, monkeypatch) -> None:
    monkeypatch.setattr(received_pictures, "MAX_PICTURES", 8)
    link.put(250)
    link.start_rx(), link.start_tx()
    link.until(lambda: link.tx.sent_pictures.totals["pictures"] == 250)
    assert account(link)["complete"] == 250 and account(link)["lost"] == 0
    link.until(lambda: len(link.results.shown) == 250)
    assert link.results.numbers == list(range(250)) and set(link.results.times.values()) == {1}
    assert link.rx.pictures.counts["evicted"] == 0 and link.radio.counts["dropped"] == 0


def test_while_results_cannot_be_written_the_sender_waits_and_says_why(link: Link, monkeypatch, caplog) -> None:
    monkeypatch.setattr(received_pictures, "MAX_PICTURES", 8)
    link.put(60)
    link.start_rx(), link.start_tx(patience_s=0.3)
    link.until(lambda: link.results.shown)
    link.results.full = True
    link.until(lambda: link.tx.status()["receiving_host"]["state"] == "has no room" and not link.tx.source.waiting)
    confirmed = account(link)["complete"]
    waiting = len(link.rx.pictures.pictures)
    assert confirmed <= len(link.results.shown) + waiting and waiting <= 8
    begun = link.tx.counts["pictures"]
    assert begun < 60 and "results cannot be written: No space left on device" in caplog.text
    link.results.full = False
    link.until(lambda: account(link)["complete"] == 60 and len(link.results.shown) == 60)
    assert account(link)["lost"] == 0 and "receiving host has room again" in caplog.text


def test_a_receiver_that_is_away_for_300_pictures_gets_all_of_them(link: Link, monkeypatch) -> None:
    monkeypatch.setattr(credit, "AWAY_S", 0.3)
    monkeypatch.setattr(credit, "TELL_EVERY_S", 0.1)
    link.put(20)
    rx = link.start_rx()
    link.start_tx(patience_s=0.2)
    link.until(lambda: len(link.results.shown) == 20)
    link.kill(rx)
    link.put(300, first=20)
    link.until(lambda: link.tx.status()["receiving_host"]["state"] == "away" and link.tx.sent_pictures.open)
    for _ in range(300):  # far longer than its patience
        link.step()
    assert account(link)["lost"] == 0 and link.tx.counts["pictures"] < 50, "it waits"
    link.start_rx()
    link.until(lambda: len(link.results.shown) == 320)
    link.until(lambda: account(link)["complete"] == 320)
    assert link.results.numbers == list(range(320)) and set(link.results.times.values()) == {1}


def test_before_a_receiver_was_ever_heard_no_more_is_sent_than_can_be_sent_again(link: Link) -> None:
    link.put(60)
    link.start_tx(patience_s=0.05)
    link.until(lambda: link.tx.status()["queues"]["unheard_pictures"] == 16)
    for _ in range(300):
        link.step()
    assert link.tx.counts["pictures"] <= 16 + 8 + 2
    link.start_rx()
    link.until(lambda: len(link.results.shown) == 60)
    assert link.results.numbers == list(range(60)) and set(link.results.times.values()) == {1}


def test_a_sender_killed_at_any_moment_leaves_every_photo_once_in_the_results(link: Link) -> None:
    link.put(40)
    (link.photos / "again.sem").write_bytes((link.photos / "00003.sem").read_bytes())  # put in twice: two results
    link.start_rx()
    for kill_after in (1, 4, 9, 17, 30, 55, 2, 13):
        tx = link.start_tx()
        for _ in range(kill_after):
            link.step()
        link.kill(tx)
    link.start_tx()
    link.until(lambda: link.tx.sent_pictures.totals["complete"] == 41 and len(link.results.shown) >= 41)
    for _ in range(100):
        link.step()
    assert link.results.numbers == sorted([*range(40), 3]) and set(link.results.times.values()) == {1}
    assert account(link)["lost"] == 0


def test_a_sender_that_lost_its_state_is_not_taken_for_the_one_before(link: Link) -> None:
    """Its pictures have the same numbers; a receiving host that was started anew knows results only."""
    rx = link.start_rx()
    link.put(8)
    tx = link.start_tx(stream=4711)
    link.until(lambda: len(link.results.shown) == 8 and not tx.sent_pictures.open)
    link.kill(tx), link.kill(rx)
    for path in link.photos.iterdir():
        path.unlink()
    link.put(8, first=100)
    link.start_rx(), link.start_tx(state="elsewhere", stream=815)
    link.until(lambda: account(link)["complete"] == 8)
    link.until(lambda: len(link.results.shown) == 16)
    assert link.results.numbers == [*range(8), *range(100, 108)]


def test_names_are_given_out_after_the_frames_are_on_the_disk(link: Link, monkeypatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", lambda file: synced.append(os.fstat(file).st_size))
    rx = link.start_rx()
    sizes = [rx.pictures._records._file.num_bytes]
    link.put(1)
    link.start_tx()
    link.until(lambda: link.tx.sent_pictures.totals["complete"] == 1)
    assert max(synced) >= rx.pictures._records._file.num_bytes > sizes[0]


@pytest.mark.parametrize("kill_after", [0, 1, 3, 6, 10, 15, 25, 60])
def test_a_sender_whose_journal_is_lost_sends_again_what_is_once_in_the_results(
    link: Link, tmp_path: Path, kill_after: int
) -> None:
    """Killed between any two steps, started from another folder: at least once on the wire, once in the results."""
    link.results = ResultFolders(tmp_path / "out")
    for name, words in (("a", "One."), ("b", "Two."), ("again", "Two.")):  # put in twice: two results
        caption = encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, Caption(words))
        packet = SemanticPacket.build((64, 48), "es-isc", [caption])
        (link.photos / f"{name}.sem").write_bytes(packet.to_bytes())
    link.start_rx()
    tx = link.start_tx(stream=4711)
    link.until(lambda: link.tx.client.connected)
    for _ in range(kill_after):
        link.step()
    link.kill(tx)
    for restart, state in enumerate(("elsewhere", "nowhere")):
        tx = link.start_tx(state=state, stream=815 + restart)
        link.until(lambda: link.tx.sent_pictures.totals["complete"] == 3)
        link.kill(tx)
    link.until(lambda: not link.rx.pictures.pictures)
    captions = [json.loads(path.read_text())["caption"] for path in (tmp_path / "out").glob("*/result.json")]
    assert (
        sorted(captions) == ["One.", "Two.", "Two."]
        and link.results.counts()["pictures"] == link.results.counts()["complete"] == 3
    )
