"""Who told: sealed apart from what was told, and known again only by keyed hashes."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.confidentiality import Vault
from intake.errors import NotFound
from intake.models import FiledReport, Identity
from intake.report import Teller

ERASED = "erased-"
"""What stands in place of an account's hash once its person was erased; the row's number makes it unique."""


def account_hash(vault: Vault, channel: str, account: str) -> str:
    """By which the same account of the same channel is known again."""
    return vault.fingerprint(f"{channel}\0{account}", "account")


def phone_hash(vault: Vault, phone: str | None) -> str | None:
    """By which the same telephone is known again, however it was typed; None where there are no digits."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone or ""), flags=re.ASCII)
    # 0086 and 86 before a mobile number are the country, not the number.
    digits = re.sub(r"^(00)?86(?=1\d{10}$)", "", digits)
    return vault.fingerprint(digits, "phone") if digits else None


def sealed_identity(teller: Teller, number: str, vault: Vault, now: datetime) -> dict[str, Any]:
    """The values of the row that holds the teller of report `number`; only that report's context opens it."""
    known = {"channel": teller.channel, "account": teller.account, "name": teller.name, "phone": teller.phone}
    return {
        "mode": teller.mode,
        "channel": teller.channel,
        "sealed": vault.seal(json.dumps(known, ensure_ascii=False).encode(), f"identity {number}"),
        "account_hash": account_hash(vault, teller.channel, teller.account),
        "phone_hash": phone_hash(vault, teller.phone),
        "created_at": now,
    }


def address_of(session: Session, report_id: int, vault: Vault) -> tuple[str, str]:
    """Channel and account of a report's teller, for the courier that brings a notice; name and phone stay sealed."""
    query = select(FiledReport.number, Identity.sealed).join(Identity, Identity.id == FiledReport.identity_id)
    row = session.execute(query.where(FiledReport.id == report_id)).one_or_none()
    if row is None:
        raise NotFound
    known = json.loads(vault.unseal(row.sealed, f"identity {row.number}"))
    return known["channel"], known["account"]


def revealed(session: Session, report_id: int, vault: Vault) -> dict[str, str | None]:
    """Name, phone and account behind a report: for `intake.unmasking` alone, which asks for a living grant first."""
    query = select(FiledReport.number, Identity.sealed).join(Identity, Identity.id == FiledReport.identity_id)
    row = session.execute(query.where(FiledReport.id == report_id)).one_or_none()
    if row is None:
        raise NotFound
    known = json.loads(vault.unseal(row.sealed, f"identity {row.number}"))
    return {field: known[field] for field in ("name", "phone", "account")}
