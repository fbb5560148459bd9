"""Evidence, opened for those who handle the case: each opening is written into the history."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from bot.web import door
from bot.web.desk.casebook import VIEWABLE
from bot.web.desk.labels import label, section
from bot.web.desk.opening import OpenedCase, absent_case
from bot.web.desk.seat import PATH, SeatHere
from bot.web.errors import Refused
from intake import audit, queries, traits, transcript
from intake.errors import EvidenceMissing, NotAllowed, NotFound
from intake.models import FiledReport

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
    """The file as a download, or shown where a browser can show it without running anything."""
    app, now = door.app_of(request), door.now()
    try:
        with app.database.transaction() as session:
            file = queries.file_of(session, report_id, digest, viewer=here.staff, case_id=case)
            kept = app.evidence.about(digest)
            hide = traits.hider(session, session.get_one(FiledReport, report_id), app.vault)
            audit.append(
                session, case, "evidence_viewed", f"staff:{here.staff.id}", {"digest": digest}, now
            )  # fmt: skip
    except (NotFound, NotAllowed) as absent:
        raise absent_case() from absent
    except EvidenceMissing as missing:
        raise Refused(404, "not_found", label("refused", "file")) from missing
    shown = bool(view) and file.media_type in VIEWABLE
    # The name says nothing of the teller: the case and the beginning of the hash.
    name = f"{number}-{digest[:8]}{section('suffix').get(file.media_type, '.bin')}"
    headers = {
        "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{name}"',
        "Content-Security-Policy": SANDBOX,
        "Content-Length": str(kept.size),
    }
    pieces = app.evidence.pieces(digest)
    if file.media_type.startswith("text/"):
        # The teller's own words, such as a telling too long for one message: staff read them masked, like the report.
        del headers["Content-Length"]
        words = transcript.masked_pieces(pieces, hide=hide, now=now)
        return StreamingResponse(words, media_type=f"{file.media_type}; charset=utf-8", headers=headers)
    return StreamingResponse(pieces, media_type=file.media_type, headers=headers)
