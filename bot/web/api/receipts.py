"""What the holder of a query code may do: look, add, rate."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from bot import enquiry, papers, rewards, wire
from bot.web.api.incoming import Incoming, documented, read
from bot.web.api.shapes import Add, Ask, OfPaper, OfReward, PaperFile, Problem, ProofShape, Rate, StatusShape, Thanks
from bot.web.door import app_of, now, origin

_NO_ENTRY: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "No report has this code (`code_wrong`)."},
    410: {"model": Problem, "description": "The data of whoever told were erased (`erased`)."},
    429: {"model": Problem, "description": "Too many wrong codes; see Retry-After."},
}
_LARGE: dict[int | str, dict[str, Any]] = {
    413: {"model": Problem, "description": "More than the service takes at once; nothing was kept."}
}
router = APIRouter(prefix="/api/v1/receipts", tags=["receipt"], responses=_NO_ENTRY)


@router.post("/status", response_model=StatusShape)
def status(request: Request, ask: Ask) -> JSONResponse:
    """How the report with this query code stands."""
    found = enquiry.look_up(app_of(request), ask.query_code, origin=origin(request), now=now())
    return JSONResponse(wire.status(found))


@router.post("/proof", response_model=ProofShape)
def prove(request: Request, ask: Ask) -> JSONResponse:
    """What proves the report with this query code: commitment, place in the order of all channels, proof file."""
    found = enquiry.prove(app_of(request), ask.query_code, origin=origin(request), now=now())
    return JSONResponse(wire.proof(found))


@router.post("/paper", response_model=PaperFile)
def paper(request: Request, asked: OfPaper) -> JSONResponse:
    """One of the papers addressed to whoever holds this query code, to read and as the file that went out."""
    content = papers.fetch(app_of(request), asked.query_code, asked.number, origin=origin(request), now=now())
    return JSONResponse(papers.shape(content))


async def _added(request: Request) -> Incoming[Add]:
    return await read(request, Add)


@router.post("/messages", response_model=Thanks, responses=_LARGE, openapi_extra=documented("Add", "query_code"))
def add(request: Request, added: Annotated[Incoming[Add], Depends(_added)]) -> JSONResponse:
    """Add text or files to the report with this query code."""
    app, body = app_of(request), added.body
    caller = origin(request)
    with added:
        # The code is checked before a file is stored: a stranger's files are not kept.
        if added.uploads:
            enquiry.look_up(app, body.query_code, origin=caller, now=now())
        files = added.keep(app)
    sentence = enquiry.add(app, body.query_code, body.text, files, origin=caller, now=now())
    return JSONResponse({"message": sentence})


@router.post("/rating", response_model=Thanks)
def rate(request: Request, rating: Rate) -> JSONResponse:
    """Rate how it was handled, one to five stars; open once the matter is answered."""
    app = app_of(request)
    code, caller = rating.query_code, origin(request)
    sentence = enquiry.rate(app, code, rating.stars, rating.comment, origin=caller, now=now())
    return JSONResponse({"message": sentence})


@router.post("/reward", response_model=Thanks)
def reward(request: Request, asked: OfReward) -> JSONResponse:
    """Claim the reward of this report, or give it up; a claim is refused (409) when its period has run out."""
    wanted = asked.model_dump(include={"how", "place", "name", "phone", "account"})
    sentence = rewards.act(app_of(request), asked.query_code, asked.act, wanted, origin=origin(request), now=now())
    return JSONResponse({"message": sentence})
