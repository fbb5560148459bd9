"""One after the other where it may be one matter: two who tell the same at one instant must find each other.

Whoever looks for the same matter does not see what another has not committed yet. On SQLite writers come one by one
anyway. On PostgreSQL those that name one institution do, until the first has committed; all others pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from intake.names import normal_form, organ_form
from intake.report import Report

_HOLD = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


def hold(session: Session, reports: Iterable[Report]) -> None:
    """Wait for those who are just filing what may be the same matters; call it before matches are looked for.

    In one order, so that no two wait for each other.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_HOLD, {"keys": sorted({_key(report) for report in reports})})


def _key(report: Report) -> int:
    """By institution, without one by organ, without either by place and act: as 64 bits."""
    if report.institution:
        about = normal_form(report.institution)
    elif report.organ:
        about = organ_form(report.organ)
    else:
        about = f"{report.place} {report.claims[0].code if report.claims else ''}"
    digest = hashlib.blake2b(f"{report.side} {about}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
