"""Whatever goes wrong leaves as one shape: a code for programs, a Chinese sentence for people, the fields at fault."""

from __future__ import annotations

import errno
import math
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from bot.enquiry import Braked, EnquiryError, Erased, MistypedCode, NoSuchPaper, NothingToAdd, TooManyTries, WrongCode
from bot.trouble import described
from bot.web.fields import fields_of
from bot.web.templating import page
from bot.web.words import say
from bot.workorder import OrderRefused
from intake.errors import KeyReused, LedgerBusy, LedgerFull, LedgerUncertain
from routing.errors import DeskError
from routing.wording import snake

RETRY_AFTER_S = "5"
_HTTP_CODES = {
    400: "bad_request",
    401: "token_missing",
    404: "not_found",
    405: "method",
    413: "body_too_large",
    422: "invalid",
}
_ENQUIRY: Mapping[type[EnquiryError], tuple[int, str, str]] = {
    WrongCode: (404, "code_wrong", "query_code"),
    Erased: (410, "erased", "query_code"),
    MistypedCode: (422, "code_mistyped", "query_code"),
    TooManyTries: (429, "too_many_tries", "query_code"),
    Braked: (429, "too_many_tries", "query_code"),
    NoSuchPaper: (404, "no_such_paper", "number"),
    NothingToAdd: (422, "nothing_to_add", "text"),
}
_log = structlog.get_logger(__name__)


class Refused(Exception):
    """The request cannot be granted; carries status, code, sentence and the fields at fault."""

    def __init__(
        self,
        status: int,
        code: str,
        sentence: str | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        self.status, self.code = status, code
        self.sentence = sentence if sentence is not None else say("refused", code, **values)
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})
        super().__init__(self.sentence)


def body(code: str, sentence: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The one shape of an error, as in the OpenAPI schema `Problem`."""
    named = [{"field": field, "message": message} for field, message in (fields or {}).items()]
    return {"code": code, "message": sentence, "fields": named}


def install(web: FastAPI) -> None:
    """Every error that a request can meet gets its sentence."""
    web.add_exception_handler(Refused, _refused)
    web.add_exception_handler(RequestValidationError, _invalid)
    web.add_exception_handler(HTTPException, _http)
    for kind in (LedgerBusy, PoolTimeout):
        web.add_exception_handler(kind, _busy)
    web.add_exception_handler(LedgerUncertain, _uncertain)
    web.add_exception_handler(LedgerFull, _full)
    web.add_exception_handler(EnquiryError, _enquiry)
    web.add_exception_handler(OrderRefused, _order)
    web.add_exception_handler(DeskError, _desk)
    web.add_exception_handler(KeyReused, _reused)
    web.add_exception_handler(OperationalError, _operational)
    web.add_exception_handler(OSError, _operating_system)


def answer(
    request: Request,
    status: int,
    code: str,
    sentence: str,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """JSON for programs, a page for people."""
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(body(code, sentence, fields), status, dict(headers or {}))
    title = say("page", "title_404" if status == 404 else "title_other")
    return page("error.html", status=status, headers=headers, title=title, sentence=sentence)


def _refused(request: Request, refused: Any) -> Response:
    return answer(request, refused.status, refused.code, refused.sentence, refused.fields, refused.headers)


def _invalid(request: Request, invalid: Any) -> Response:
    return answer(request, 422, "invalid", say("refused", "invalid"), fields_of(invalid.errors()))


def _order(request: Request, refused: Any) -> Response:
    return answer(request, 422, "invalid", say("refused", "invalid"), refused.fields)


def _http(request: Request, error: Any) -> Response:
    code = _HTTP_CODES.get(error.status_code, "bad_request")
    sentence = say("refused", code if error.status_code != 413 else "bad_request")
    return answer(request, error.status_code, code, sentence, headers=error.headers)


def _enquiry(request: Request, error: Any) -> Response:
    """A wrong code is 404, a mistyped one 422, too many are 429 with the time to wait."""
    headers: dict[str, str] = {}
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = str(max(1, math.ceil(error.wait.total_seconds())))
    status, code, field = _ENQUIRY[type(error)]
    return answer(request, status, code, str(error), {field: str(error)}, headers)


def _desk(request: Request, refused: Any) -> Response:
    """What the desk refuses in the present state of a case; its sentence says why."""
    return answer(request, 409, snake(type(refused).__name__), refused.sentence)


def _reused(request: Request, _error: Any) -> Response:
    sentence = say("refused", "idempotency_reused")
    return answer(request, 409, "idempotency_reused", sentence, {"Idempotency-Key": sentence})


def _busy(request: Request, _error: Any) -> Response:
    headers = {"Retry-After": RETRY_AFTER_S}
    return answer(request, 503, "ledger_busy", say("refused", "ledger_busy"), headers=headers)


def _uncertain(request: Request, error: Any) -> Response:
    _log.error("a commit is in doubt", trouble=described(error), route=_route(request))
    headers = {"Retry-After": RETRY_AFTER_S}
    return answer(request, 503, "ledger_uncertain", say("refused", "ledger_uncertain"), headers=headers)


def _full(request: Request, error: Any) -> Response:
    _log.error("ledger full", trouble=described(error))
    headers = {"Retry-After": "60"}
    return answer(request, 503, "ledger_full", say("refused", "ledger_full"), headers=headers)


def _operational(request: Request, error: Any) -> Response:
    # PostgreSQL's driver and SQLite's speak differently; both name the disk when it is full.
    reason = str(error.orig).lower()
    return _full(request, error) if "full" in reason or "no space" in reason else _busy(request, error)


def _operating_system(request: Request, error: Any) -> Response:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(request, error)
    return broken(request, error)


def broken(request: Request, error: BaseException) -> Response:
    """What nobody foresaw; the log gets kind and place, since the message may quote what a person wrote."""
    _log.error("request failed", trouble=described(error), route=_route(request))
    return answer(request, 500, "broken", say("refused", "broken"))


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "unknown"))
