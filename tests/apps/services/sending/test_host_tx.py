"""The sending host with a radio in this process: losses, reports that mend them, answers to refinement requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.delivery.frame_plan import FALLBACK_DB, FramePlan
from semcom.apps.delivery.outgoing import AirSettings
from semcom.apps.services.sending import sent_pictures
from semcom.apps.services.sending.host_tx import HostTx, TxSettings
from semcom.apps.services.sending.picture_source import PictureSource
from semcom.apps.services.sending.sent_pictures import SentPictures
from semcom.link import Feedback, Reporter
from semcom.link.messages import Kind, Role
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import Layer, LayerKey

from ..radio_bench import Bench


class Sending:
    """A host tx with one picture, turned together with the bench."""

    def __init__(
        self, bench: Bench, folder: Path, patience_s: float = 10.0, policy: str | None = None, combine: bool = True
    ) -> None:
        (folder / "photos").mkdir()
        layers = (Layer(LayerKey(0, 0, 1, 1), 14, 5, None, b"\x1e" + bytes(600)),)
        (folder / "photos" / "a.sem").write_bytes(SemanticPacket(0, 0, 1, layers).to_bytes())
        self.sent_pictures = SentPictures(folder / "journal")
        source = PictureSource(folder / "photos", folder / "requests", self.sent_pictures.is_done)
        client = bench.join("tx", Role.TX)
        del bench.clients["tx"]  # the host turns it itself
        plan = FramePlan(AirSettings(policy=policy), Waveform.load("ofdm64"))
        self.host = HostTx(client, source, self.sent_pictures, TxSettings(patience_s, combine=combine), folder, plan)
        self.reporter, self.bench = Reporter(), bench

    def turn(self) -> None:
        """The host's step, and what a receiving host does: receipts for what came."""
        self.host.step()
        received = self.bench.bodies("rx", Kind.RECEIVED)
        if received:
            names = tuple(self.reporter.block(body["frame"]).name for body in received)
            self.bench.clients["rx"].send(Kind.RECEIPT, up_to=received[-1]["number"], names=names)
            self.bench.heard["rx"].clear()

    def until_closed(self) -> dict:
        self.bench.until(lambda: self.turn() or self.sent_pictures.totals["pictures"])
        self.host.close()
        return self.sent_pictures.as_dict()


def test_frames_that_come_are_delivered(bench: Bench, tmp_path: Path) -> None:
    bench.join("rx", Role.RX)
    account = Sending(bench, tmp_path).until_closed()
    assert account["totals"]["delivered"] == account["totals"]["sent"] == 4 and account["totals"]["complete"] == 1


def test_frames_lost_on_the_air_are_lost_by_cause(bench: Bench, tmp_path: Path) -> None:
    bench.join("rx", Role.RX)
    bench.air.losing = True
    account = Sending(bench, tmp_path, patience_s=0.2).until_closed()
    assert account["lost_by_cause"] == {"block CRC failed": 4} and account["totals"]["complete"] == 0


@pytest.mark.parametrize(("policy", "num_frames", "combine"), [(None, 4, True), (None, 4, False), ("flat", 3, False)])
def test_a_report_mends_what_was_lost(
    bench: Bench, tmp_path: Path, policy: str | None, num_frames: int, combine: bool
) -> None:
    rx = bench.join("rx", Role.RX)
    bench.air.losing = True
    sending = Sending(bench, tmp_path, policy=policy, combine=combine)
    bench.until(lambda: sending.turn() or sending.host.counts["outcome_crc"] == num_frames)
    bench.air.losing = False
    (picture,) = sending.sent_pictures.open.values()
    scope = next(iter(picture.frames)).key.scope
    for noise in (b"all that you have", Feedback(scope).to_bytes()[:-1]):
        rx.send(Kind.FEEDBACK, feedback=noise)
    rx.send(Kind.FEEDBACK, feedback=Feedback(scope).to_bytes())
    account = sending.until_closed()
    mended = {"repaired": num_frames, "delivered": 0, "lost": 0, "transmissions": 2 * num_frames}
    assert account["totals"] | mended == account["totals"] and sending.host.counts["refused_feedback"] == 2
    first, again = bench.air.schemes[:num_frames], bench.air.schemes[num_frames:]
    if combine:
        assert again == first, "only what is sent in the same MCS can be combined"
        told = bench.air.repeats
        before, after = ({tuple(entry.values()) for entry in told[at : at + num_frames]} for at in (0, num_frames))
        assert before == {(process, 0, True) for process in range(1, num_frames + 1)}
        assert after == {(process, 2, False) for process in range(1, num_frames + 1)}  # heard, and not decoded
        return
    needs_db = thresholds_db(Waveform.load("ofdm64"))
    assert all(needs_db[then] <= needs_db[now] - FALLBACK_DB for now, then in zip(first, again, strict=True))
    assert set(bench.air.repeats) == {None}


def test_without_a_receiving_host_the_account_says_so(bench: Bench, tmp_path: Path) -> None:
    account = Sending(bench, tmp_path, patience_s=0.3).until_closed()
    assert account["lost_by_cause"] == {"receiving host did not confirm": 4}


def test_files_that_were_sent_are_remembered_while_their_folder_is_away(bench: Bench, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(sent_pictures, "MAX_DONE", 0)
    sending = Sending(bench, tmp_path)
    sending.sent_pictures.skip("photos/b.jpg:1:1")
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    sending.host.step()
    assert sending.sent_pictures.is_done("photos/b.jpg:1:1")
    (tmp_path / "elsewhere").rename(tmp_path / "photos")
    sending.host.source._look_again_at_s = 0.0
    sending.host.step()
    assert not sending.sent_pictures.is_done("photos/b.jpg:1:1")
    sending.host.close()
