"""Keys: who we are and whom we trust, as files in one folder.

    KEYS/secret.key          ours alone (mode 0600); refused when others may read it; one that systemd hands over as
                             the credential ``secret.key`` goes before it
    KEYS/public.key          to be given to the other computers, as peers/NAME.key there
    KEYS/peers/NAME.key      public keys of those we talk to

A file holds comments (``#``) and one key: 40 characters of Z85 (ZeroMQ RFC 32). A comment ``# roles: tx, asking`` says
what its owner may be; without one its name does (`ROLES_BY_NAME`), and a key of another name may be anything. Files of
peers are read again when they change: a key that is taken away, or put in another's place, counts within a second.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import zmq
from zmq.utils import z85

from semcom.link.errors import KeyFileError

SECRET, PUBLIC, PEERS = "secret.key", "public.key", "peers"
MAX_FILE_BYTES = 4096
MAX_PEERS = 64
LOOK_EVERY_S = 1.0
ROLES = ("tx", "rx", "radio", "asking")
ROLES_BY_NAME = {"tx": "tx", "rx": "rx", "radio": "radio", "far_radio": "radio", "air": "radio", "me": "asking"}
"""Of keys whose file does not say it; also with digits, or more after a ``-`` or ``_``: ``tx2``, ``rx-roof``."""

log = logging.getLogger("semcom.link")
_ROLES_LINE = re.compile(r"#\s*roles:\s*(.*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_Z85 = re.compile(rb"[0-9A-Za-z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")


@dataclass
class KeyRing:
    """Keys as CURVE wants them; ``peers`` by name, and the roles of those whose file says them.

    Attributes
    ----------
    revision : int
        Counts how often the peers have changed.
    """

    secret: bytes
    public: bytes
    peers: dict[str, bytes]
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    folder: Path | None = None
    revision: int = 0
    _signature: object = None
    _look_at_s: float = 0.0

    def __repr__(self) -> str:
        return f"KeyRing({self.public.decode()}, peers: {', '.join(self.peers)})"

    @classmethod
    def load(cls, folder: Path) -> KeyRing:
        """Read a folder that `make_keys` made.

        Raises
        ------
        KeyFileError
            A key is missing or malformed, or others may read the secret one.
        """
        secret = _read_key(_credential() or _guarded(folder / SECRET))
        signature = _signature_of(folder / PEERS)
        peer_files = sorted((folder / PEERS).glob("*.key"))
        if len(peer_files) > MAX_PEERS:
            raise KeyFileError(f"{folder / PEERS}: must hold at most {MAX_PEERS} keys, got {len(peer_files)}")
        peers = {path.stem: _read_key(path) for path in peer_files}
        roles = {path.stem: said for path in peer_files if (said := _read_roles(path)) is not None}
        return cls(secret, zmq.curve_public(secret), peers, roles, folder, 0, signature)

    def look(self) -> None:
        """Read the keys of peers again where their files have changed; to be called again and again.

        A file that cannot be read, or holds no key, counts as taken away, and is named in the log.
        """
        now_s = time.monotonic()
        if self.folder is None or now_s < self._look_at_s:
            return
        self._look_at_s = now_s + LOOK_EVERY_S
        signature = _signature_of(self.folder / PEERS)
        if signature == self._signature:
            return
        self._signature = signature
        peers, roles = {}, {}
        for path in sorted((self.folder / PEERS).glob("*.key"))[:MAX_PEERS]:
            try:
                peers[path.stem] = _read_key(path)
                if (said := _read_roles(path)) is not None:
                    roles[path.stem] = said
            except KeyFileError as error:
                log.error("%s", error)
        gone = ", ".join(sorted(name for name, key in self.peers.items() if peers.get(name) != key)) or "none"
        log.info("keys of peers have changed: %d are known now; changed or taken away: %s", len(peers), gone)
        self.peers, self.roles = peers, roles
        self.revision += 1

    def refuses_role(self, name: str, role: str) -> str:
        """Why the owner of a key may not have a role; empty where it may."""
        stem = re.sub(r"\d*([-_].*)?$", "", name) if name not in ROLES_BY_NAME else name
        by_name = ROLES_BY_NAME.get(stem)
        roles = self.roles.get(name, frozenset({by_name}) if by_name else frozenset(ROLES))
        if role in roles:
            return ""
        return f"key {name} is meant for {' or '.join(sorted(roles)) or 'nothing'}, not for {role}"

    def name_of(self, public: bytes) -> str | None:
        """Name of the peer with this public key."""
        return next((name for name, key in self.peers.items() if key == public), None)

    def key_of(self, name: str) -> bytes:
        """Public key of a peer."""
        if name not in self.peers:
            known = ", ".join(self.peers) or "none"
            raise KeyFileError(f"peer must be one of those in {PEERS}/ ({known}), got {name!r}")
        return self.peers[name]


def _credential() -> Path | None:
    """The secret key that systemd hands over (``LoadCredential=``); it sees to who may read it."""
    path = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), SECRET)
    return path if path.is_absolute() and path.exists() else None


def _guarded(secret_file: Path) -> Path:
    """The same file, which only its owner may read; raises `KeyFileError` otherwise."""
    try:
        status = secret_file.stat()
    except OSError as error:
        hint = "make keys with: semcom keygen --out DIR"
        raise KeyFileError(f"{secret_file}: cannot be read: {error.strerror}; {hint}") from None
    if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid not in (os.geteuid(), 0):
        mode = stat.S_IMODE(status.st_mode)
        raise KeyFileError(f"{secret_file}: must be readable by its owner alone (mode 600), got mode {mode:o}")
    return secret_file


def make_keys(folder: Path) -> str:
    """A new pair of keys in a folder; the public one is returned. Keys that are there are never replaced."""
    if (folder / SECRET).exists():
        raise KeyFileError(f"{folder / SECRET}: exists; keys are not replaced, remove it first if you mean it")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / PEERS).mkdir(exist_ok=True)
    public, secret = zmq.curve_keypair()
    handle = os.open(folder / SECRET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(b"# Secret key of this computer: leave it here.\n" + secret + b"\n")
    (folder / PUBLIC).write_bytes(b"# Public key: copy it to the other computers, as peers/NAME.key\n" + public + b"\n")
    return public.decode()


def make_acquainted(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Keys for several processes in ``folder/NAME``, each of which knows the public keys of the others.

    Those that an earlier call made in the folder are made acquainted with the new ones too. Nothing is made where a
    name cannot be used.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise KeyFileError(f"name of a peer must be letters, digits, - and _, got {name!r}")
        if (folder / name / SECRET).exists():
            raise KeyFileError(f"{folder / name / SECRET}: exists; keys are not replaced, leave {name} out of --for")
    if len(set(names)) < len(names):
        raise KeyFileError(f"names of peers must differ, got {', '.join(names)}")
    before = names_made(folder)
    for known in (folder / other / PEERS / f"{name}.key" for name in names for other in before):
        if known.exists():
            raise KeyFileError(f"{known}: exists, and would be another key; remove it first if you mean it")
    if len(before) + len(names) > MAX_PEERS + 1:
        raise KeyFileError(f"{folder}: must hold at most {MAX_PEERS + 1} names, got {len(before) + len(names)}")
    publics = {name: make_keys(folder / name) for name in names}
    for name in names:
        for other in (*before, *names):
            if other != name:
                _introduce(folder, name, to=other)
                _introduce(folder, other, to=name)
    return publics


def names_made(folder: Path) -> list[str]:
    """Those for whom `make_acquainted` made keys in a folder."""
    found = (path.parent.name for path in folder.glob(f"*/{SECRET}") if (path.parent / PUBLIC).is_file())
    return sorted(name for name in found if _NAME.fullmatch(name))


def _introduce(folder: Path, name: str, to: str) -> None:
    peers = folder / to / PEERS
    peers.mkdir(exist_ok=True)
    (peers / f"{name}.key").write_bytes((folder / name / PUBLIC).read_bytes())


def _signature_of(folder: Path) -> object:
    """What changes whenever a file in a folder does; None where it cannot be read."""
    try:
        found = [(path.name, path.stat()) for path in folder.glob("*.key")]
    except OSError:
        return None
    return sorted((name, status.st_ino, status.st_size, status.st_mtime_ns) for name, status in found)


def _read_roles(path: Path) -> frozenset[str] | None:
    """What a file of a key says of its owner's roles.

    Raises
    ------
    KeyFileError
        A role that does not exist.
    """
    lines = path.read_bytes()[:MAX_FILE_BYTES].decode("utf-8", "replace").splitlines()
    said = next((match[1] for line in lines if (match := _ROLES_LINE.fullmatch(line.strip()))), None)
    if said is None:
        return None
    roles = frozenset(filter(None, re.split(r"[\s,]+", said)))
    if wrong := roles - {*ROLES}:
        raise KeyFileError(f"{path}: roles must be of {', '.join(ROLES)}, got {', '.join(sorted(wrong))}")
    return roles


def _read_key(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from None
    lines = [line.strip() for line in data.splitlines()]
    keys = [line for line in lines if line and not (line.startswith(b"#") and len(line) != 40)]
    if len(data) > MAX_FILE_BYTES or len(keys) != 1 or not _Z85.fullmatch(keys[0]):
        raise KeyFileError(f"{path}: must hold one key of 40 characters (Z85), got {len(keys)} lines")
    try:
        z85.decode(keys[0])
    except struct.error:  # five characters can say more than four bytes hold
        raise KeyFileError(f"{path}: must hold a key, got 40 characters that stand for more than 32 bytes") from None
    return keys[0]
