"""Layers of a group at the receiving host: shared, kept over a restart, and asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.delivery.packet_items import items_of
from semcom.apps.services.receiving import received_pictures
from semcom.apps.services.receiving.received_pictures import ReceivedPictures
from semcom.apps.services.receiving.result_folders import ResultFolders
from semcom.apps.services.records import frame_record, group_frames, spilled_pictures
from semcom.link import Item, Key, Scope, Sender
from semcom.link.parity.set_frame import read_frame
from semcom.semantic import SemanticPacket

from ....group_layers import packet_of_group, shared_layer, without_shared

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
    (folder,) = (path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert folder.endswith("_0-0-1")
    payloads = {layer.key: layer.payload for layer in packet_of_group(1).layers}
    assert results.payloads(picture.scope) == payloads
    pictures.close()


def test_layers_of_a_group_outlive_the_process_and_every_compaction(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(frame_record, "COMPACT_BYTES", 0)
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
    monkeypatch.setattr(group_frames, "MAX_GROUP_BYTES", 400)
    pictures = pictures_in(tmp_path)
    for group in (1, 2, 3):
        frames = Sender(256).frames([Item(Key(0, group, 0, 5), 6, bytes([group]) * 150)])
        pictures.take([(frame.data, QUALITY) for frame in frames])
    assert [read_frame(frame).key.scope.group for frame in pictures._groups] == [2, 3]
    assert pictures.counts["dropped_group_frames"] == 1
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


def offered(pictures: ReceivedPictures, *packets: SemanticPacket) -> int:
    return pictures.room_for([data for packet in packets for data, _ in frames_of(packet)])


def test_a_frame_that_would_begin_one_picture_too_many_is_not_taken(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(received_pictures, "MAX_PICTURES", 2)
    pictures = pictures_in(tmp_path)
    packets = [packet_of_group(number) for number in (1, 2, 3)]
    first_two = sum(len(frames_of(packet)) for packet in packets[:2])
    assert offered(pictures, *packets) == first_two
    for packet in packets[:2]:
        pictures.take(frames_of(packet))
    assert offered(pictures, packets[2]) == 0 and pictures.room[0] == 0
    assert offered(pictures, packets[0]) == len(frames_of(packets[0])), "repeats of open ones are taken"
    assert pictures.room_for([b"no frame", *[data for data, _ in shared_frames()]]) == 1 + len(shared_frames())
    (picture, _) = pictures.to_write(quiet_s=60)
    pictures.forget(picture)
    assert offered(pictures, packets[2]) == len(frames_of(packets[2])) and pictures.room[0] == 1
    pictures.close()


def test_bytes_are_bounded_too_but_a_picture_alone_may_be_as_long_as_it_is(tmp_path: Path, monkeypatch) -> None:
    packets = [packet_of_group(number) for number in (1, 2)]
    num_bytes = sum(len(data) for data, _ in frames_of(packets[0]))
    monkeypatch.setattr(received_pictures, "MAX_BYTES", num_bytes - 1)
    pictures = pictures_in(tmp_path)
    own = [entry for entry in frames_of(without_shared(packets[0]))]
    assert offered(pictures, without_shared(packets[0])) == len(own)
    pictures.take(own)
    assert offered(pictures, packets[1]) < len(frames_of(packets[1])) and pictures.counts["evicted"] == 0
    pictures.close()


def test_an_unfinished_picture_makes_room_and_is_finished_when_the_rest_comes(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(received_pictures, "MAX_PICTURES", 1)
    frames = frames_of(packet_of_group(1))
    pictures = pictures_in(tmp_path)
    pictures.take(frames[:-1])
    assert offered(pictures, packet_of_group(2)) == 0, "not shown yet: nobody would know what of it came"
    for picture in pictures.to_write(quiet_s=-1):
        picture.written = picture.version
    assert pictures.room[0] == 1 and offered(pictures, packet_of_group(2)) == len(frames_of(packet_of_group(2)))
    assert len(pictures.spilled) == 1 and not pictures.pictures and pictures.counts["evicted"] == 0
    pictures._compact()
    pictures.close()
    pictures = pictures_in(tmp_path)
    pictures.take(frames[-1:])
    (picture,) = pictures.pictures.values()
    assert picture.complete and len(pictures.spilled) == 0
    pictures.close()


def test_what_the_assembler_gives_up_is_shown_later_all_the_same(tmp_path: Path) -> None:
    pictures = pictures_in(tmp_path)
    pictures.take(frames_of(packet_of_group(1)))
    pictures.assembler.evict(next(iter(pictures.pictures)))
    assert not pictures.pictures and pictures.counts["evicted"] == 1
    pictures.show_spilled()
    (picture,) = pictures.to_write(quiet_s=60)
    assert picture.complete and len(pictures.spilled) == 0
    pictures.close()


def test_frames_are_dropped_only_after_their_results_are_on_the_disk(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(frame_record, "COMPACT_BYTES", 0)
    sizes: list[int] = []

    def fail() -> None:
        sizes.append((tmp_path / "frames").stat().st_size)
        raise OSError(5, "Input/output error")

    pictures = pictures_in(tmp_path)
    pictures._records._results_to_disk = fail
    pictures.take(frames_of(packet_of_group(1)))
    (picture,) = pictures.to_write(quiet_s=60)
    pictures.forget(picture)
    assert pictures.take(frames_of(packet_of_group(2))), "they are confirmed: they are on the disk"
    assert sizes and pictures.counts["disk_errors"] >= 1
    pictures.close()
    again = pictures_in(tmp_path)
    assert {scope.picture for scope in again.pictures} == {1, 2}
    again.close()


def test_what_is_refused_is_said_with_its_reason(tmp_path: Path, caplog) -> None:
    pictures = pictures_in(tmp_path)
    assert pictures.take([(b"no frame of ours", QUALITY)]) == []
    assert pictures.counts["refused_frame"] == 1 and "refused (1 so far): " in caplog.text
    pictures.close()


def test_another_content_under_the_name_of_a_finished_picture_is_refused_and_not_confirmed(tmp_path, caplog) -> None:
    """Whoever has taken the same numbers must not be told that it came: its picture would never be shown."""
    known = {layer.key: layer.payload for layer in packet_of_group(1).layers}
    pictures = pictures_in(tmp_path, lambda scope: known if scope == Scope(0, 0, 1) else None)
    other = Item(Key(*next(key for key in known if key.picture)), 7, b"another")
    frames = [(frame.data, QUALITY) for frame in Sender(64).frames([other])]
    assert pictures.take(frames) == [] and pictures.counts["refused_content"] == 1 and not pictures.pictures
    assert "layer must be that of the finished picture 0/0/1" in caplog.text
    pictures.close()


def spill(pictures: ReceivedPictures) -> None:
    """What is in memory is shown as far as it came, and makes room."""
    for picture in pictures.to_write(quiet_s=-1):
        picture.written = picture.version
    while pictures._spill_one(besides=None):
        pass


def long_picture() -> list[tuple[bytes, dict[str, float]]]:
    """Frames of a picture of one long layer."""
    return [(frame.data, QUALITY) for frame in Sender(64).frames([Item(Key(0, 0, 1, 1), 5, b"\x1e" + bytes(300))])]


def full(*args: object, **more: object) -> None:
    raise OSError(28, "No space left on device")


def test_frames_that_cannot_be_read_for_a_while_are_not_given_up(tmp_path: Path, monkeypatch) -> None:
    frames, pictures = long_picture(), pictures_in(tmp_path)
    pictures.take(frames[:-2])
    spill(pictures)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", full)
        pictures.take(frames[-2:-1])
        spill(pictures)
    pictures.take(frames[-1:])
    spill(pictures)
    pictures.show_spilled()
    assert [picture.complete for picture in pictures.to_write(quiet_s=60)] == [True]
    pictures.close()


def test_what_is_to_be_shown_comes_back_though_the_disk_is_full(tmp_path: Path, monkeypatch) -> None:
    pictures = pictures_in(tmp_path)
    pictures.take(frames_of(packet_of_group(1)))
    pictures.assembler.evict(next(iter(pictures.pictures)))
    with monkeypatch.context() as patched:
        patched.setattr(pictures._records, "append", full)
        for _ in range(2):
            pictures.show_spilled()
            assert [picture.complete for picture in pictures.to_write(quiet_s=60)] == [True]
    (picture,) = pictures.pictures.values()
    pictures.forget(picture)
    assert not len(pictures.spilled)
    pictures.close()


def test_what_the_full_disk_did_not_take_is_shown_all_the_same(tmp_path: Path, monkeypatch) -> None:
    pictures = pictures_in(tmp_path)
    pictures.take(frames_of(packet_of_group(1)))
    with monkeypatch.context() as patched:
        patched.setattr(spilled_pictures, "write_file_whole", full)
        pictures.assembler.evict(next(iter(pictures.pictures)))
    pictures.show_spilled()
    assert [picture.complete for picture in pictures.to_write(quiet_s=60)] == [True]
    pictures.close()


def test_what_is_to_be_shown_takes_the_room_of_what_waits_for_more(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(received_pictures, "MAX_PICTURES", 1)
    pictures = pictures_in(tmp_path)
    pictures.take(frames_of(packet_of_group(1)))
    pictures.assembler.evict(next(iter(pictures.pictures)))
    pictures.take(frames_of(packet_of_group(2))[:1])
    pictures.show_spilled()
    assert [scope.picture for scope in pictures.pictures] == [2], "it is not shown yet"
    for picture in pictures.to_write(quiet_s=-1):
        picture.written = picture.version
    pictures.show_spilled()
    assert [scope.picture for scope in pictures.pictures] == [1] and len(pictures.spilled) == 1
    pictures.close()
