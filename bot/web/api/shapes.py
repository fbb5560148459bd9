"""What goes over the wire, for validation of what comes and documentation of what leaves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.workorder import TEXT_MAX, Strict

MESSAGE_ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"

Text = Annotated[str, Field(max_length=TEXT_MAX)]
QueryCode = Annotated[str, Field(min_length=1, max_length=60, description="16 digits; spaces and hyphens are ignored")]


class FieldProblem(BaseModel):
    """One field at fault."""

    field: str
    message: str


class Problem(BaseModel):
    """The one shape of every error."""

    code: str
    message: str
    fields: list[FieldProblem]


class Say(Strict):
    """One message of the person; the same message_id again gets the same answer and has no second effect."""

    message_id: Annotated[str, Field(min_length=1, max_length=64, pattern=MESSAGE_ID)]
    text: Text = ""


class Said(BaseModel):
    """One reply; `choices` are quick replies, `asks` names what it wants to know."""

    text: str
    choices: list[str]
    asks: str | None


class Held(BaseModel):
    """A receipt: the query code is shown here and never again."""

    case_number: str
    query_code: str
    authority: str
    due_on: date
    derivation: str
    already_told: bool
    proof: str


class OfficeLate(BaseModel):
    """One office; `cases` is null where the number is too small to be told."""

    office: str
    cases: int | None


class LongLate(BaseModel):
    """How many cases have been overdue for more than five working days, by office."""

    on: date
    offices: list[OfficeLate]
    total: int | None


class Answered(BaseModel):
    """What came back for one message; two matters told in one conversation give two receipts."""

    replies: list[Said]
    receipts: list[Held]


class Begun(BaseModel):
    """A new conversation; the token opens it and is shown once."""

    conversation: str
    token: str
    replies: list[Said]


class Turn(Answered):
    """One turn: begun by the person with text and a number of files, or by the desk without."""

    begun_by: Literal["person", "desk"]
    message_id: str | None
    text: str
    files: int


class History(BaseModel):
    """A conversation so far; what the desk says later comes after `cursor`."""

    greeting: list[Said]
    turns: list[Turn]
    cursor: int


class Told(Said):
    """A message of the desk into this conversation."""

    cursor: int


class Waiting(BaseModel):
    """Messages of the desk since the given cursor."""

    messages: list[Told]


class Ask(Strict):
    """A query code."""

    query_code: QueryCode


class Add(Ask):
    """A supplement to a report."""

    text: Text = ""


class Rate(Ask):
    """A judgement of how the report was handled."""

    stars: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, Field(max_length=2000)] = ""


class OfReward(Ask):
    """What the teller wants done with his reward; how and where he wants to be paid is sealed for whoever pays."""

    act: Literal["claim", "waive"]
    how: Annotated[str, Field(max_length=20, description="claim: bank or window")] = ""
    place: Annotated[str, Field(max_length=200, description="claim: the bank, or the office he will come to")] = ""
    name: Annotated[str, Field(max_length=200)] = ""
    phone: Annotated[str, Field(max_length=200)] = ""
    account: Annotated[str, Field(max_length=200, description="claim: the account, where how is bank")] = ""


class StepShape(BaseModel):
    """One step of the way that a case goes: done, current or ahead."""

    title: str
    at: datetime | None
    state: str


class LetterShape(BaseModel):
    """One message between handler and teller."""

    from_person: bool
    kind: str
    text: str
    at: datetime


class EvidenceShape(BaseModel):
    """One file that the person gave, under the name it bore."""

    name: str
    media_type: str
    size: int
    at: datetime


class RewardShape(BaseModel):
    """The teller's own reward, from `undecided`, `not_wanted` or `not_said` on; the sum once he was notified."""

    state: str
    state_name: str
    text: str
    yuan: str | None
    claim_until: date | None
    may_claim: bool
    may_waive: bool


class PaperShape(BaseModel):
    """One paper addressed to the person."""

    number: str
    name: str
    at: datetime


class BlockShape(BaseModel):
    """One line of a paper in its style, or a table of two columns."""

    style: str | None
    text: str | None
    rows: list[tuple[str, str]] | None


class PaperFile(BaseModel):
    """A paper to read, and its DOCX file in base64, byte for byte as it went out."""

    blocks: list[BlockShape]
    file: str


class OfPaper(Ask):
    """One of the papers that the status lists."""

    number: Annotated[str, Field(min_length=1, max_length=60)]


class StatusShape(BaseModel):
    """How a report stands."""

    case_number: str
    state: str
    state_name: str
    explanation: str
    authority: str
    received_at: datetime
    due_on: date | None
    derivation: str
    outcome: str | None
    steps: list[StepShape]
    messages: list[LetterShape]
    evidence: list[EvidenceShape]
    papers: list[PaperShape]
    reward: RewardShape | None
    may_rate: bool
    rating: int | None


class ProofShape(BaseModel):
    """The proof of one report; `position` and `rank` are null until it is linked and signed, seconds after filing."""

    commitment: str
    position: int | None
    rank: int | None
    signed_at: datetime | None
    file: dict[str, object]


class Thanks(BaseModel):
    """A sentence that says what happened."""

    message: str


class Hear(Strict):
    """A text to understand: `asked` is the slot just asked, `home` the division code that a bare name is read from."""

    text: Text
    asked: str | None = Field(None, max_length=40)
    now: datetime | None = None
    home: str | None = Field(None, pattern=r"^\d{6}$")


class Span(BaseModel):
    """A category with the words that spoke for it, as half-open spans."""

    code: str
    probability: float
    words: list[tuple[int, int]]


class IntentShape(BaseModel):
    """What the person wants."""

    name: str
    probability: float


class EntityShape(BaseModel):
    """A named thing in the text; the keys of `value` depend on the kind."""

    kind: str
    start: int
    end: int
    text: str
    value: dict[str, object]


class FlagShape(BaseModel):
    """Something to know before reading on, and the stretch of the text that says so."""

    name: str
    words: list[int]


class Heard(BaseModel):
    """One text, understood."""

    side: str | None
    side_probability: float
    intents: list[IntentShape]
    categories: list[Span]
    entities: list[EntityShape]
    suggestions: list[Span]
    flags: list[FlagShape]
    abstained: bool
    engine: str
