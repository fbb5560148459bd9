"""Working copies of evidence, opened for those who handle the case: each opening is written into the history.

The original stays sealed: whoever must see it asks for it by unmasking.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from bot.app import App
from bot.web import door
from bot.web.desk.casebook import VIEWABLE
from bot.web.desk.labels import label, section
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.seat import PATH, SeatHere
from bot.web.errors import Refused
from intake import custody, queries, traits, transcript
from intake.copies import WorkingCopy
from intake.errors import EvidenceMissing, NotAllowed, NotFound
from intake.models import FiledReport, Staff

# A file comes from a stranger: it runs nothing, loads nothing, and is nobody's page.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

router = APIRouter()


@router.get(f"{PATH}/cases/{{number}}/evidence/{{report_id}}/{{digest}}")
def fetch(
    request: Request,
    number: str,
    report_id: int,
    digest: str,
    here: SeatHere,
    case: OpenedCase,
    view: str = "",
) -> StreamingResponse:
    """The working copy as a download, or shown where a browser can show it without running anything.

    A text is masked like a report: it may be a telling too long for one message.
    """
    app, now = door.app_of(request), door.now()
    try:
        copy, hide = _opened(app, case, report_id, digest, here.staff, now)
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except EvidenceMissing as missing:
        raise Refused(404, "not_found", label("refused", "file")) from missing
    if copy.withheld:
        raise Refused(409, "withheld", label("withheld", copy.withheld))
    shown = bool(view) and copy.media_type in VIEWABLE
    # The name says nothing of the teller: the case and the beginning of the hash.
    name = f"{number}-{digest[:8]}{section('suffix').get(copy.media_type, '.bin')}"
    headers = {
        "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{name}"',
        "Content-Security-Policy": SANDBOX,
        "Content-Length": str(copy.size),
    }
    pieces = app.evidence.copy_pieces(digest)
    if not copy.media_type.startswith("text/"):
        return StreamingResponse(pieces, media_type=copy.media_type, headers=headers)
    del headers["Content-Length"]
    words = transcript.masked_pieces(pieces, hide=hide, now=now)
    return StreamingResponse(words, media_type=f"{copy.media_type}; charset=utf-8", headers=headers)


def _opened(
    app: App, case: int, report_id: int, digest: str, viewer: Staff, now: datetime
) -> tuple[WorkingCopy, Callable[[str], str]]:
    """The copy for somebody who may see it, its opening written down before a byte leaves; and what masks its words."""
    with app.database.reading() as session:
        queries.file_of(session, report_id, digest, viewer=viewer, case_id=case)
    # A file of long ago is cleaned now, which takes its time: nobody else's writing waits for it.
    copy = app.evidence.copy_of(digest)
    with app.database.transaction() as session:
        queries.file_of(session, report_id, digest, viewer=viewer, case_id=case)
        report = session.get_one(FiledReport, report_id)
        custody.cleaned(session, digest, copy, now)
        if not copy.withheld:
            custody.viewed(session, report, digest, copy, viewer.id, now)
        return copy, traits.hider(session, report, app.vault)
