"""Layers of a group at the receiving host: shared, kept over a restart, and asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.services import received_pictures
from semcom.apps.services.received_pictures import ReceivedPictures
from semcom.apps.services.result_folders import ResultFolders
from semcom.link import Item, Key, Scope, Sender
from semcom.semantic import SemanticPacket

from ...group_layers import packet_of_group, shared_layer, without_shared

QUALITY = {"snr_db": 10.0}


def frames_of(packet: SemanticPacket) -> list[tuple[bytes, dict[str, float]]]:
    return [(frame.data, QUALITY) for frame in Sender(64).frames(items_of(packet))]


def shared_frames() -> list[tuple[bytes, dict[str, float]]]:
    return frames_of(SemanticPacket(0, 0, 0, (shared_layer(),)))


def pictures_in(folder: Path, finished=lambda scope: None) -> ReceivedPictures:
    return ReceivedPictures(folder / "frames", finished)


def test_a_picture_is_shown_without_its_group_and_again_with_it(tmp_path: Path) -> None:
    results, pictures = ResultFolders(tmp_path / "out"), pictures_in(tmp_path)
    pictures.take(frames_of(without_shared(packet_of_group(1))))
    assert pictures.to_write(quiet_s=60) == []  # it is not complete
    (picture,) = pictures.to_write(quiet_s=-1)
    assert picture.required == (shared_layer().key,) and not picture.complete
    results.write(picture)
    picture.written = picture.version
    assert not results.is_finished(picture.scope)
    pictures.take(shared_frames())
    assert pictures.to_write(quiet_s=60) == [picture] and picture.complete and picture.required == ()
    results.write(picture)
    assert results.is_finished(picture.scope)
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir()) == ["0-0-1"]
    payloads = {layer.key: layer.payload for layer in packet_of_group(1).layers}
    assert results.payloads(picture.scope) == payloads
    pictures.close()


def test_layers_of_a_group_outlive_the_process_and_every_compaction(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(received_pictures, "COMPACT_BYTES", 0)
    pictures = pictures_in(tmp_path)
    pictures.take(shared_frames())
    for number in range(1, 20):
        pictures.take(frames_of(without_shared(packet_of_group(number))))
        (picture,) = pictures.to_write(quiet_s=60)
        pictures.forget(picture)
    pictures.close()
    assert (tmp_path / "frames").stat().st_size < 1000  # finished pictures are gone from it
    pictures = pictures_in(tmp_path)
    assert len(shared_frames()) <= pictures.replayed < 16  # of the layer of the group, and of the last pictures
    pictures.take(frames_of(without_shared(packet_of_group(20))))
    *_, picture = pictures.to_write(quiet_s=60)
    assert picture.scope.picture == 20 and picture.payloads[shared_layer().key] == shared_layer().payload
    pictures.close()


def test_frames_of_groups_are_bounded_and_the_oldest_group_goes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(received_pictures, "MAX_GROUP_BYTES", 400)
    pictures = pictures_in(tmp_path)
    for group in (1, 2, 3):
        frames = Sender(256).frames([Item(Key(0, group, 0, 5), 6, bytes([group]) * 150)])
        pictures.take([(frame.data, QUALITY) for frame in frames])
    assert [scope.group for scope in pictures._groups] == [2, 3] and pictures.counts["dropped_group_frames"] == 1
    pictures.close()


def test_a_report_names_the_group_only_where_its_layer_is_required(tmp_path: Path) -> None:
    pictures = pictures_in(tmp_path)
    pictures.take([*shared_frames()[:1], *frames_of(without_shared(packet_of_group(1)))])
    (picture,) = pictures.pictures.values()
    own, of_group = pictures.reports(picture)
    assert (own.scope, own.layers, own.snr_db) == (Scope(0, 0, 1), frozenset({0, 1}), 10.0)
    (part,) = of_group.parts
    assert of_group.scope == Scope(0, 0, 0) and (part.number, part.received) == (5, {0})
    pictures.take(shared_frames())
    assert [report.scope for report in pictures.reports(picture)] == [Scope(0, 0, 1)]
    pictures.close()


def test_more_of_a_finished_picture_is_put_to_what_its_result_has(tmp_path: Path) -> None:
    known = {layer.key: layer.payload for layer in packet_of_group(1).layers}
    pictures = pictures_in(tmp_path, lambda scope: known if scope == Scope(0, 0, 1) else None)
    pictures.take(frames_of(packet_of_group(1)))
    assert not pictures.pictures and not pictures.assembler.scopes()
    more = Item(Key(0, 0, 1, 9), 2, b"more")
    pictures.take([(frame.data, QUALITY) for frame in Sender(64).frames([more], whole=False)])
    (picture,) = pictures.to_write(quiet_s=60)
    assert picture.reopened and picture.complete and picture.payloads == {**known, more.key: more.payload}
    pictures.close()


@pytest.mark.parametrize("limit", ["MAX_PICTURES", "MAX_BYTES"])
def test_the_oldest_picture_makes_room_and_can_come_again(tmp_path: Path, monkeypatch, limit) -> None:
    packets = [without_shared(packet_of_group(number)) for number in (1, 2, 3)]
    num_bytes = sum(len(data) for data, _ in frames_of(packets[0]))
    monkeypatch.setattr(received_pictures, limit, 2 if limit == "MAX_PICTURES" else 2 * num_bytes)
    pictures = pictures_in(tmp_path)
    for packet in packets:
        pictures.take(frames_of(packet))
    assert [scope.picture for scope in pictures.pictures] == [2, 3] and pictures.counts["evicted"] == 1
    pictures.take([*shared_frames(), *frames_of(packets[0])])
    assert pictures.pictures[Scope(0, 0, 1)].complete and [scope.picture for scope in pictures.pictures] == [3, 1]
    pictures.close()
