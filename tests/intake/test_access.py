"""Signing in, and machine clients."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from intake import staffing, tokens
from intake.errors import KeyReused, LedgerBusy, NotFound, TooManyTries, UsernameTaken, WeakPassword
from intake.models import ApiToken, Staff
from tests.intake.conftest import NOW, Ledger

PASSWORD = "a long enough one"


def _hire(session: Session, username: str = "wang", password: str = PASSWORD) -> Staff:
    return staffing.hire(
        session, username=username, password=password, name="王", role="officer", authority="YB-621021", now=NOW
    )


def _sign_in(
    session: Session, ledger: Ledger, password: str = PASSWORD, origin: str = "10.0.0.1", username: str = "wang"
):
    return staffing.sign_in(session, username, password, origin=origin, vault=ledger.vault, now=NOW)


def test_a_sign_in_holds_until_its_hour_or_until_signing_out(ledger: Ledger, session: Session) -> None:
    """The cookie opens the desk for twelve hours, and not after signing out."""
    staff = _hire(session)
    signed = _sign_in(session, ledger)
    assert signed is not None
    assert staffing.signed_in(session, signed.token, NOW) is staff
    assert staffing.signed_in(session, signed.token, NOW + staffing.LIFETIME) is None
    assert staffing.signed_in(session, "guess", NOW) is None
    staffing.sign_out(session, signed.token)
    assert staffing.signed_in(session, signed.token, NOW) is None


def test_neither_password_nor_cookie_stands_in_the_ledger(ledger: Ledger, session: Session) -> None:
    """Whoever reads the tables cannot sign in."""
    staff = _hire(session)
    signed = _sign_in(session, ledger)
    assert signed is not None
    assert staff.password_hash.startswith("$argon2id$")
    kept = session.execute(text("SELECT token_hash FROM sign_in")).scalars().all()
    assert signed.token not in kept


def test_wrong_passwords_slow_down_address_and_name(ledger: Ledger, session: Session) -> None:
    """After five, the address waits, and so does the name from elsewhere; a colleague elsewhere does not."""
    _hire(session)
    _hire(session, "li")
    for _ in range(5):
        assert _sign_in(session, ledger, "wrong password") is None
    with pytest.raises(TooManyTries):
        _sign_in(session, ledger)
    with pytest.raises(TooManyTries):
        _sign_in(session, ledger, origin="10.9.9.9")
    assert _sign_in(session, ledger, origin="10.9.9.9", username="li")


def test_an_unknown_name_is_refused_like_a_wrong_password(ledger: Ledger, session: Session) -> None:
    """Names cannot be found out."""
    assert _sign_in(session, ledger, username="nobody") is None


def test_who_leaves_is_out_at_once(ledger: Ledger, session: Session) -> None:
    """Open sign-ins end, new ones fail."""
    _hire(session)
    signed = _sign_in(session, ledger)
    assert signed is not None
    staffing.dismiss(session, "wang")
    assert staffing.signed_in(session, signed.token, NOW) is None
    assert _sign_in(session, ledger) is None
    with pytest.raises(NotFound):
        staffing.dismiss(session, "nobody")


def test_a_new_password_ends_what_the_old_one_opened(ledger: Ledger, session: Session) -> None:
    """A stolen cookie does not outlive the change."""
    staff = _hire(session)
    signed = _sign_in(session, ledger)
    assert signed is not None
    staffing.change_password(session, staff, "another long one")
    assert staffing.signed_in(session, signed.token, NOW) is None
    assert _sign_in(session, ledger) is None
    assert _sign_in(session, ledger, "another long one")


def test_a_short_password_and_a_taken_name_are_refused(session: Session) -> None:
    """Each with its own error."""
    _hire(session)
    with pytest.raises(UsernameTaken):
        _hire(session)
    with pytest.raises(WeakPassword):
        _hire(session, "li", "short")


def test_a_damaged_hash_fits_no_password() -> None:
    """An entry that is no hash refuses, and does not break."""
    assert not staffing.password_fits(PASSWORD, "none")


def _client(session: Session, ledger: Ledger, name: str = "12345") -> ApiToken:
    token = tokens.issue(session, name, vault=ledger.vault, now=NOW)
    client = tokens.client_of(session, token, vault=ledger.vault, now=NOW)
    assert client is not None
    return client


def test_a_token_opens_until_it_is_withdrawn(ledger: Ledger, session: Session) -> None:
    """It is known by its hash only."""
    token = tokens.issue(session, "12345", vault=ledger.vault, now=NOW)
    client = tokens.client_of(session, token, vault=ledger.vault, now=NOW)
    assert client is not None
    assert client.name == "12345"
    assert token not in client.token_hash
    assert tokens.client_of(session, "jt_guess", vault=ledger.vault, now=NOW) is None
    assert tokens.revoke(session, "12345", NOW) == 1
    assert tokens.client_of(session, token, vault=ledger.vault, now=NOW) is None


def test_a_repeated_request_gets_the_same_answer(ledger: Ledger, session: Session) -> None:
    """Sealed, since it holds a query code; each client has its own keys."""
    client, other = _client(session, ledger), _client(session, ledger, "12393")
    assert tokens.recall(session, client, "k", b"request", vault=ledger.vault) is None
    tokens.remember(session, client, "k", b"request", b"code 4711", vault=ledger.vault, now=NOW)
    assert tokens.recall(session, client, "k", b"request", vault=ledger.vault) == b"code 4711"
    assert tokens.recall(session, other, "k", b"request", vault=ledger.vault) is None
    assert b"4711" not in session.execute(text("SELECT sealed FROM idempotent_answer")).scalar_one()
    with pytest.raises(KeyReused):
        tokens.recall(session, client, "k", b"another", vault=ledger.vault)


def test_the_second_of_two_equal_requests_is_turned_back(ledger: Ledger, session: Session) -> None:
    """Two at once: one files, the other is told to try again, and finds the answer then."""
    client = _client(session, ledger)
    tokens.remember(session, client, "k", b"request", b"one", vault=ledger.vault, now=NOW)
    with pytest.raises(LedgerBusy):
        tokens.remember(session, client, "k", b"request", b"two", vault=ledger.vault, now=NOW)
    assert tokens.recall(session, client, "k", b"request", vault=ledger.vault) == b"one"


def test_old_answers_are_forgotten(ledger: Ledger, session: Session) -> None:
    """After a month nobody asks again."""
    client = _client(session, ledger)
    tokens.remember(session, client, "k", b"request", b"one", vault=ledger.vault, now=NOW)
    tokens.forget_old(session, NOW + timedelta(days=31))
    session.expire_all()
    assert tokens.recall(session, client, "k", b"request", vault=ledger.vault) is None
