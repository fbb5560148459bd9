"""Envelope encryption: data keys in the ledger, the master key outside, and values of the first release still open."""

from __future__ import annotations

import hmac
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, strategies
from sqlalchemy import delete, select, update

from intake import keyring
from intake.confidentiality import HEADER, MARK, OTHER, PURPOSES, DataKey, Vault, derived
from intake.errors import BadMasterKey, KeyNotRotated, SealBroken, WrongMasterKey
from intake.identity import address_of
from intake.masterkey import MasterKey
from intake.models import FiledReport, Identity, WrappedKey
from tests.intake.conftest import NOW, REPORT, Ledger, by

SECRET = bytes(range(100, 132))
MASTER = MasterKey(SECRET)
OTHER_MASTER = MasterKey(bytes(32))


def sealed_as_released(plain: bytes, context: str, secret: bytes = SECRET) -> bytes:
    """What the first release wrote: nonce, ciphertext and tag under one derived key."""
    nonce = os.urandom(12)
    key = hmac.digest(secret, b"jianting seal", "sha256")[:16]
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(context.encode())
    return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def opened(ledger: Ledger, master: MasterKey = MASTER, algorithm: str = "sm4-gcm") -> Vault:
    """The vault as a starting service opens it."""

    def read() -> tuple[DataKey, ...]:
        with ledger.database.reading() as session:
            return keyring.read(session, master)

    if keyring.lacking(read(), algorithm):
        with ledger.database.transaction() as session:
            keyring.provide(session, master, algorithm, NOW)
    return Vault(read(), read)


def change(ledger: Ledger, what: str, *more: object) -> None:
    """Rotate or rewrap, committed."""
    with ledger.database.transaction() as session:
        getattr(keyring, what)(session, *more)


def key_number(sealed: bytes) -> int:
    """The data key that a sealed value names."""
    return int(HEADER.unpack(sealed[: HEADER.size])[3])


def test_every_purpose_has_a_key_of_its_own_and_all_are_random(ledger: Ledger) -> None:
    """The identity above all (DOMAIN.md §7.1); nothing follows from the master key."""
    vault = opened(ledger)
    contexts = ("identity 1", "text 1", "file name 1", "letter 1", "turn a", "answer b", "whatever")
    numbers = [key_number(vault.seal(b"x", context)) for context in contexts]
    assert len(set(numbers)) == len(PURPOSES)
    with ledger.database.reading() as session:
        first = keyring.read(session, MASTER)
        session.execute(delete(WrappedKey))
        keyring.provide(session, MASTER, "sm4-gcm", NOW)
        second = keyring.read(session, MASTER)
    assert {key.secret for key in first}.isdisjoint(key.secret for key in second)


def test_neither_master_key_nor_data_keys_stand_in_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    """The table holds wrapped keys; no form of a secret is found in the file or its log."""
    opened(ledger)
    with ledger.database.reading() as session:
        secrets = [SECRET, *(key.secret for key in keyring.read(session, MASTER))]
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("ledger.db*"))
    for secret in secrets:
        assert secret not in kept
        assert secret.hex().encode() not in kept


def test_no_print_of_a_key_shows_it() -> None:
    """Logs and error pages print what they find."""
    key = DataKey(1, OTHER, "sm4-gcm", SECRET)
    vault = Vault(SECRET)
    for thing in (MASTER, key, vault, (MASTER, key)):
        shown = f"{thing!r} {thing!s}"
        assert not any(form in shown for form in (SECRET.hex(), str(SECRET), repr(SECRET)[2:20]))
    with pytest.raises(TypeError):
        MASTER.__reduce__()


@pytest.mark.parametrize("algorithm", ["sm4-gcm", "aes-256-gcm"])
@given(plain=strategies.binary(max_size=300), at=strategies.integers(0), bit=strategies.integers(0, 7))
def test_every_changed_bit_is_noticed(algorithm: str, plain: bytes, at: int, bit: int) -> None:
    """Header, nonce, content and tag are all authenticated, with and without a key of the first release."""
    size = {"sm4-gcm": 16, "aes-256-gcm": 32}[algorithm]
    keys = (DataKey(7, OTHER, algorithm, bytes(size)), DataKey(2, "fingerprints", "hmac-sha256", b"h" * 32))
    for vault in (Vault(keys), Vault((*keys, derived(SECRET)[1]))):
        sealed = vault.seal(plain, "here")
        assert vault.unseal(sealed, "here") == plain
        place = at % len(sealed)
        changed = sealed[:place] + bytes((sealed[place] ^ 1 << bit,)) + sealed[place + 1 :]
        for wrong, context in ((changed, "here"), (sealed, "there"), (sealed[:-1], "here"), (sealed[:place], "here")):
            with pytest.raises(SealBroken):
                vault.unseal(wrong, context)


def test_a_ledger_of_the_first_release_opens_and_knows_its_people(ledger: Ledger) -> None:
    """Old values without a header open, old fingerprints are found again, and new values have the new format."""
    ledger.vault = Vault(SECRET)
    filed = ledger.file(by("anna"))
    known = Vault(SECRET).fingerprint("anna", "account")
    with ledger.database.transaction() as session:
        body = b'{"channel": "web", "account": "anna", "name": null, "phone": null}'
        old = sealed_as_released(body, f"identity {filed.number}")
        session.execute(update(Identity).values(sealed=old))
        session.execute(update(FiledReport).values(sealed_text=sealed_as_released(b"told", f"text {filed.number}")))
    vault = opened(ledger)
    assert vault.fingerprint("anna", "account") == known
    with ledger.database.reading() as session:
        assert address_of(session, filed.id, vault) == ("web", "anna")
        sealed = session.scalars(select(FiledReport.sealed_text)).one()
        assert vault.unseal(sealed, f"text {filed.number}") == b"told"
    assert vault.seal(b"new", "text 2").startswith(MARK)


def test_a_ledger_of_the_first_release_refuses_a_foreign_master_key(ledger: Ledger) -> None:
    """The mistake is told at the start, and nothing was written: the right key still opens."""
    ledger.vault = Vault(SECRET)
    filed = ledger.file(REPORT)
    with ledger.database.transaction() as session:
        session.execute(update(Identity).values(sealed=sealed_as_released(b"{}", f"identity {filed.number}")))
    with pytest.raises(WrongMasterKey):
        opened(ledger, OTHER_MASTER)
    opened(ledger)


def test_a_value_of_the_first_release_that_looks_like_a_new_one_opens(ledger: Ledger) -> None:
    """A random nonce may begin like a header."""
    vault = opened(ledger)
    with ledger.database.reading() as session:
        keys = keyring.read(session, MASTER)
    number = key_number(vault.seal(b"", "text 1"))
    old = derived(SECRET)[1]
    nonce = HEADER.pack(MARK, 1, 1, number) + b"rest"
    body = algorithms.SM4(old.secret)
    encryptor = Cipher(body, modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(b"text 1")
    sealed = nonce + encryptor.update(b"told") + encryptor.finalize() + encryptor.tag
    assert Vault((*keys, replace(old, id=99))).unseal(sealed, "text 1") == b"told"
    with pytest.raises(SealBroken):
        vault.unseal(sealed, "text 1")


def test_rotation_rewrites_nothing_and_other_processes_learn_of_it(ledger: Ledger) -> None:
    """Old values open, new ones name the new key, and a process with old keys reads them at the first meeting."""
    here, elsewhere = opened(ledger), opened(ledger)
    old = here.seal(b"before", "letter 1")
    change(ledger, "rotate", MASTER, ("letters",), "sm4-gcm", NOW + timedelta(days=1))
    assert key_number(here.seal(b"still", "letter 1")) == key_number(old)
    here.refresh()
    new = here.seal(b"after", "letter 1")
    assert key_number(new) > key_number(old)
    assert [vault.unseal(one, "letter 1") for vault in (here, elsewhere) for one in (old, new)] == [
        b"before", b"after", b"before", b"after",
    ]  # fmt: skip
    assert key_number(elsewhere.seal(b"x", "letter 1")) == key_number(new)
    assert key_number(here.seal(b"x", "identity 1")) == key_number(elsewhere.seal(b"x", "identity 1"))


def test_keyed_hashes_stay_whatever_is_rotated_or_moved(ledger: Ledger) -> None:
    """Else the same person would not be known again."""
    known = opened(ledger).fingerprint("anna", "account")
    change(ledger, "rotate", MASTER, (), "aes-256-gcm", NOW)
    change(ledger, "rewrap", MASTER, OTHER_MASTER, "sm4-gcm")
    assert opened(ledger, OTHER_MASTER, "aes-256-gcm").fingerprint("anna", "account") == known
    for purpose in ("fingerprints", "released", "nonsense"):
        with pytest.raises(KeyNotRotated):
            change(ledger, "rotate", OTHER_MASTER, (purpose,), "sm4-gcm", NOW)


def test_another_algorithm_is_for_new_values_only(ledger: Ledger) -> None:
    """The setting changes what is sealed from the next start on."""
    old = opened(ledger).seal(b"sm4", "text 1")
    vault = opened(ledger, algorithm="aes-256-gcm")
    new = vault.seal(b"aes", "text 1")
    assert (HEADER.unpack(old[:8])[2], HEADER.unpack(new[:8])[2]) == (1, 2)
    assert (vault.unseal(old, "text 1"), vault.unseal(new, "text 1")) == (b"sm4", b"aes")
    with ledger.database.reading() as session:
        before = len(keyring.rows(session))
    opened(ledger, algorithm="aes-256-gcm")
    with ledger.database.reading() as session:
        assert len(keyring.rows(session)) == before


def test_moving_under_a_new_master_key_is_whole_or_nothing(ledger: Ledger) -> None:
    """Interrupted, the old master key opens everything; done, the new one does and the old one nothing."""
    sealed = opened(ledger).seal(b"told", "text 1")

    def interrupted() -> None:
        with ledger.database.transaction() as session:
            keyring.rewrap(session, MASTER, OTHER_MASTER, "sm4-gcm")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert opened(ledger).unseal(sealed, "text 1") == b"told"
    change(ledger, "rewrap", MASTER, OTHER_MASTER, "sm4-gcm")
    assert opened(ledger, OTHER_MASTER).unseal(sealed, "text 1") == b"told"
    for again in (lambda: opened(ledger), lambda: change(ledger, "rewrap", MASTER, OTHER_MASTER, "sm4-gcm")):
        with pytest.raises(WrongMasterKey):
            again()


def test_a_wrong_master_key_is_told_at_the_start_and_makes_no_keys(ledger: Ledger) -> None:
    """Not at the first read, and not after a second set of keys was mixed in."""
    opened(ledger)
    with pytest.raises(WrongMasterKey):
        opened(ledger, OTHER_MASTER)
    with pytest.raises(WrongMasterKey):
        change(ledger, "rotate", OTHER_MASTER, (), "sm4-gcm", NOW)


def test_a_data_key_put_into_another_row_or_changed_does_not_open(ledger: Ledger) -> None:
    """Who can write the table cannot make identities open with another purpose's key."""
    opened(ledger)
    with ledger.database.transaction() as session:
        first, second = keyring.rows(session)[:2]
        first.wrapped, second.wrapped = second.wrapped, first.wrapped
    with pytest.raises(WrongMasterKey):
        opened(ledger)


def test_a_running_process_keeps_its_keys_when_the_master_key_was_moved(ledger: Ledger) -> None:
    """It goes on with what it knows; a key it does not know is a broken seal told as such, not a crash later."""
    vault = opened(ledger)
    sealed = vault.seal(b"told", "text 1")
    change(ledger, "rewrap", MASTER, OTHER_MASTER, "sm4-gcm")
    with pytest.raises(WrongMasterKey):
        vault.refresh()
    assert vault.unseal(sealed, "text 1") == b"told"


IN_BASE64 = b"ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=\n"


@pytest.mark.parametrize(
    "written", [SECRET, SECRET.hex().encode(), b" " + SECRET.hex().upper().encode() + b"\n", IN_BASE64]
)
def test_a_master_key_is_read_as_people_keep_it(written: bytes) -> None:
    """Raw, in hexadecimal digits, in base64; a newline at the end is nobody's key."""
    assert MasterKey.read(written).mark == MASTER.mark


@pytest.mark.parametrize("written", [b"", b"short", SECRET[:31], SECRET + b"x", b"0123456789abcdef" * 2, b"g" * 64])
def test_what_is_no_master_key_is_refused_without_being_shown(written: bytes) -> None:
    """A passphrase, or half a key, is not stretched into one in silence."""
    with pytest.raises(BadMasterKey) as refused:
        MasterKey.read(written)
    assert not written or written.decode("latin-1") not in str(refused.value)
    assert refused.value.__cause__ is None
