"""Keys are made for their owner alone, and refused where anybody else could read them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import zmq

from semcom.link.errors import KeyFileError
from semcom.link.transports.key_files import KeyRing, make_acquainted, make_keys, names_made


def test_keys_fit_each_other_and_the_secret_one_is_private(tmp_path: Path) -> None:
    public = make_keys(tmp_path / "keys")
    ring = KeyRing.load(tmp_path / "keys")
    assert ring.public.decode() == public and zmq.curve_public(ring.secret) == ring.public
    assert stat.S_IMODE((tmp_path / "keys" / "secret.key").stat().st_mode) == 0o600
    assert ring.secret.decode() not in repr(ring)


def test_acquainted_peers_know_each_other_by_name(tmp_path: Path) -> None:
    publics = make_acquainted(tmp_path, ["tx", "radio", "rx"])
    ring = KeyRing.load(tmp_path / "radio")
    assert {name: key.decode() for name, key in ring.peers.items()} == {"tx": publics["tx"], "rx": publics["rx"]}
    assert ring.name_of(publics["tx"].encode()) == "tx" and ring.name_of(b"x" * 40) is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    make_keys(tmp_path)
    (tmp_path / "secret.key").chmod(mode)
    with pytest.raises(KeyFileError, match=rf"secret\.key: must be readable by its owner alone .* got mode {mode:o}"):
        KeyRing.load(tmp_path)


def test_a_credential_of_the_service_manager_goes_before_the_file(tmp_path: Path, monkeypatch) -> None:
    make_keys(tmp_path / "keys"), make_keys(tmp_path / "other")
    (tmp_path / "keys" / "secret.key").unlink()
    credential = tmp_path / "other" / "secret.key"
    credential.chmod(0o440)  # as systemd shows it: an access list lets the service alone read it
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "other"))
    ring = KeyRing.load(tmp_path / "keys")
    assert ring.secret.decode() in credential.read_text() and ring.folder == tmp_path / "keys"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))  # none of ours there
    with pytest.raises(KeyFileError, match="cannot be read"):
        KeyRing.load(tmp_path / "keys")


def test_keys_are_never_replaced(tmp_path: Path) -> None:
    make_keys(tmp_path)
    before = (tmp_path / "secret.key").read_bytes()
    with pytest.raises(KeyFileError, match="exists; keys are not replaced"):
        make_keys(tmp_path)
    assert (tmp_path / "secret.key").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"short\n", b"a" * 40 + b"\n" + b"b" * 40, b"\xff" * 40, b"a" * 100_000])
def test_malformed_keys_are_named(tmp_path: Path, content: bytes) -> None:
    make_keys(tmp_path)
    (tmp_path / "peers" / "stranger.key").write_bytes(content)
    with pytest.raises(KeyFileError, match=r"stranger\.key: must hold one key"):
        KeyRing.load(tmp_path)


def test_missing_keys_say_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="semcom keygen"):
        KeyRing.load(tmp_path / "nowhere")
    make_keys(tmp_path)
    with pytest.raises(KeyFileError, match=r"peer must be one of those in peers/ \(none\), got 'radio'"):
        KeyRing.load(tmp_path).key_of("radio")


@pytest.mark.parametrize("names", [["../evil"], ["a", "a"], [""]])
def test_names_of_peers_are_plain_and_differ(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(KeyFileError, match=r"of (a )?peer"):
        make_acquainted(tmp_path, names)
    assert not (tmp_path.parent / "evil").exists()


def test_names_that_are_added_later_are_made_known_to_the_others(tmp_path: Path) -> None:
    make_acquainted(tmp_path, ["tx", "radio"])
    make_acquainted(tmp_path, ["air"])
    assert names_made(tmp_path) == ["air", "radio", "tx"]
    assert set(KeyRing.load(tmp_path / "tx").peers) == {"radio", "air"}
    air = KeyRing.load(tmp_path / "air")
    assert air.peers == {name: KeyRing.load(tmp_path / name).public for name in ("tx", "radio")}


def test_where_one_name_cannot_be_used_none_is_made(tmp_path: Path) -> None:
    make_acquainted(tmp_path, ["tx", "radio"])
    with pytest.raises(KeyFileError, match="keys are not replaced"):
        make_acquainted(tmp_path, ["far_radio", "tx"])
    (tmp_path / "tx" / "peers" / "friend.key").write_text("of somebody elsewhere")
    with pytest.raises(KeyFileError, match=r"friend\.key: exists, and would be another key"):
        make_acquainted(tmp_path, ["far_radio", "friend"])
    assert names_made(tmp_path) == ["radio", "tx"]


def test_a_folder_holds_one_name_more_than_a_process_has_peers(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("semcom.link.transports.key_files.MAX_PEERS", 2)
    make_acquainted(tmp_path, ["tx", "radio"])
    make_acquainted(tmp_path, ["rx"])
    with pytest.raises(KeyFileError, match="must hold at most 3 names, got 4"):
        make_acquainted(tmp_path, ["air"])
    assert names_made(tmp_path) == ["radio", "rx", "tx"]


@pytest.mark.parametrize("file", ["secret.key", "peers/rx.key"])
def test_forty_characters_that_stand_for_more_than_32_bytes_are_no_key(tmp_path: Path, file: str) -> None:
    """Five characters of Z85 can say 85^5, four bytes hold 2^32: libzmq takes no such key."""
    make_acquainted(tmp_path, ["tx", "rx"])
    path = tmp_path / "tx" / file
    path.write_bytes(b"#" * 5 + b"a" * 35 + b"\n")
    with pytest.raises(KeyFileError, match=f"{path.name}: must hold a key, got 40 characters that stand for more"):
        KeyRing.load(tmp_path / "tx")
