"""Where the master key comes from, and the vault that opens with it; no error names more of it than its source."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import stat
import subprocess
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from bot.settings import Settings
from intake import audit, keyring
from intake.confidentiality import DataKey, Vault, sync_folder
from intake.db import Database
from intake.errors import BadMasterKey
from intake.masterkey import MasterKey

COMMAND_SECONDS = 30
MOST_BYTES = 4096
"""More than any spelling of a master key: what is longer is another file."""


class KeyTrouble(ValueError):
    """The master key cannot be had; the text says from where it was expected, and what to do."""


def open_vault(settings: Settings, database: Database, now: datetime) -> Vault:
    """The vault of this ledger; makes data keys that are absent. KeyTrouble, BadMasterKey, WrongMasterKey."""
    with database.reading() as session:
        sealed = keyring.has_sealed(session)
    master = master_key(settings, may_make=not sealed)
    algorithm = settings.seal_algorithm

    def read() -> tuple[DataKey, ...]:
        with database.reading() as session:
            return keyring.read(session, master)

    if keyring.lacking(read(), algorithm):
        with database.transaction() as session:
            keyring.provide(session, master, algorithm, now)
    return Vault(read(), read)


def rotate(settings: Settings, database: Database, purposes: Collection[str], now: datetime) -> int:
    """New data keys for what is sealed from now on, and how many."""
    master = master_key(settings, may_make=False)
    with database.transaction() as session:
        made = keyring.rotate(session, master, purposes, settings.seal_algorithm, now)
        audit.append(session, None, "keys_rotated", "system", {"purposes": list(purposes), "keys": made}, now)
    return made


def rewrap(settings: Settings, database: Database, new: MasterKey, now: datetime) -> int:
    """Move all data keys under `new`, all or none, and tell how many."""
    old = master_key(settings, may_make=False)
    with database.transaction() as session:
        moved = keyring.rewrap(session, old, new, settings.seal_algorithm)
        audit.append(session, None, "master_key_changed", "system", {"from": old.mark, "to": new.mark}, now)
    return moved


def master_key(settings: Settings, *, may_make: bool) -> MasterKey:
    """The master key from the one source that is set; a trial makes a file of its own where `may_make`."""
    serving = settings.mode == "service"
    source = _only_source(settings)
    if source == "key" and settings.key:
        return from_text(settings.key, "JIANTING_KEY")
    if source == "key_command":
        return from_command(settings.key_command)
    if serving and not source:
        raise KeyTrouble(
            "The mode is service, and no master key is set: name its file (JIANTING_KEY_FILE), a command that prints it"
            " (JIANTING_KEY_COMMAND), or give it in JIANTING_KEY. `jianting keys make FILE` makes a new one."
        )
    path = settings.key_path()
    if not path.exists():
        if serving or not may_make:
            raise KeyTrouble(
                f"The master key is not there: {path}. Put the file back"
                f"{', or make one with `jianting keys make` for a new ledger' if may_make else ''}."
            )
        make_file(path)
    return from_file(path, private=serving)


def known_mark(settings: Settings) -> str | None:
    """The mark of the master key where one can be had already; None where its place is still empty."""
    if not _only_source(settings) and not settings.key_path().exists():
        return None
    return master_key(settings, may_make=False).mark


def _only_source(settings: Settings) -> str:
    """The name of the setting that gives the master key; empty where none does. Two are one too many."""
    given = [name for name in ("key_file", "key", "key_command") if getattr(settings, name)]
    if len(given) > 1:
        names = " and ".join(f"JIANTING_{name.upper()}" for name in given)
        raise KeyTrouble(f"The master key has more than one source: {names}. Keep one.")
    return given[0] if given else ""


def from_file(path: Path, *, private: bool) -> MasterKey:
    """The master key in a file; with `private` only from a file that is the service's own and nobody else may read."""
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise KeyTrouble(f"The master key's file is not a file: {path}.")
        if private and found.st_uid != os.geteuid():
            raise KeyTrouble(
                f"The master key's file belongs to another user: {path}. Give it to the service's own user."
            )
        if private and stat.S_IMODE(found.st_mode) & 0o077:
            mode = stat.S_IMODE(found.st_mode)
            raise KeyTrouble(f"Others may use the master key's file ({mode:04o}): chmod 600 {path}")
        return _read(file.read(MOST_BYTES), str(path))


def from_text(given: SecretStr, source: str) -> MasterKey:
    """The master key that a variable held."""
    return _read(given.get_secret_value().encode(), source)


def from_command(command: str) -> MasterKey:
    """What a command prints; neither its output nor its complaints are repeated, either could hold the key."""
    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 — whoever runs the service names the command in its settings
            words, capture_output=True, stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, ValueError, IndexError):
        raise KeyTrouble("The key command cannot be run: see that the program is there and may be executed.") from None
    except subprocess.TimeoutExpired:
        raise KeyTrouble(f"The key command gave nothing within {COMMAND_SECONDS} seconds.") from None
    if done.returncode:
        raise KeyTrouble(f"The key command failed with exit code {done.returncode}.")
    return _read(done.stdout, "the key command")


def make_file(path: Path) -> MasterKey:
    """A new master key in a new file that only its owner reads; where another process was first, its key counts."""
    # Written whole under another name first: a second process must never read half a key.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(MasterKey.new()[1])
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    sync_folder(path.parent)
    return from_file(path, private=False)


def _read(given: bytes, source: str) -> MasterKey:
    """The master key as it was written, or a refusal that names the source."""
    try:
        return MasterKey.read(given)
    except BadMasterKey as bad:
        raise KeyTrouble(f"{bad} ({source})") from None
