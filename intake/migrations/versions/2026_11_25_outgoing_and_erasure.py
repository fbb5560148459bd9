"""Texts that wait before they leave, tombstones, and the words of acts in rows of their own.

Events are never changed, so nothing that may have to be erased may stand in them (PIPL Art. 47). The words that an
earlier release wrote into events are moved out here, once; this must run before events are chained by hash.
"""

import hashlib
import json
import secrets

import sqlalchemy as sa
from alembic import op

revision = "outgoing_and_erasure"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WORDS = {
    "asked": "question",
    "decided": "finding",
    "declined": "text",
    "extended": "reason",
    "replied": "text",
    "transferred": "reason",
}
AT_ONCE = 1000


def upgrade() -> None:
    op.create_table(
        "remark",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_remark_event_id_event"),
        sa.PrimaryKeyConstraint("event_id", name="pk_remark"),
    )
    op.create_table(
        "outgoing_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.Integer()),
        sa.CheckConstraint(
            "state IN ('waiting', 'asked', 'released', 'sent', 'changed', 'dropped')",
            name=op.f("ck_outgoing_hold_known_state"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_outgoing_hold_case_id_case"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_outgoing_hold_staff_id_staff"),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name="fk_outgoing_hold_settled_by_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_hold"),
    )
    op.create_index("ix_outgoing_hold_case_id_state", "outgoing_hold", ["case_id", "state"])
    op.create_table(
        "tombstone",
        sa.Column("report_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ground", sa.String(length=24), nullable=False),
        sa.Column("files", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_tombstone_report_id_report"),
        sa.PrimaryKeyConstraint("report_id", name="pk_tombstone"),
    )
    _move_words()


def _move_words() -> None:
    """Each text out of its event into a remark; in its place the commitment that new events hold."""
    connection = op.get_bind()
    event = sa.table("event", sa.column("id", sa.Integer), sa.column("kind", sa.String), sa.column("data", sa.JSON))
    remark = sa.table("remark", sa.column("event_id", sa.Integer), sa.column("salt", sa.LargeBinary), sa.column("text"))
    wanted = sa.select(event).where(event.c.kind.in_(WORDS)).order_by(event.c.id).limit(AT_ONCE)
    _let_change(allowed=True)
    last = 0
    while rows := connection.execute(wanted.where(event.c.id > last)).all():
        for row in rows:
            data = dict(row.data if isinstance(row.data, dict) else json.loads(row.data))
            text = data.pop(WORDS[row.kind], None)
            if not text:
                continue
            salt = secrets.token_bytes(16)
            data["words"] = hashlib.sha256(salt + text.encode()).hexdigest()
            connection.execute(remark.insert().values(event_id=row.id, salt=salt, text=text))
            connection.execute(event.update().where(event.c.id == row.id).values(data=data))
        last = rows[-1].id
    _let_change(allowed=False)


def _let_change(*, allowed: bool) -> None:
    """Lift the guard of the history for this one move, and put it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE event {'DISABLE' if allowed else 'ENABLE'} TRIGGER event_refuses_change")
    elif allowed:
        op.execute("DROP TRIGGER event_refuses_update")
    else:
        op.execute(
            "CREATE TRIGGER event_refuses_update BEFORE UPDATE ON event "
            "BEGIN SELECT RAISE(ABORT, 'an event is appended, never changed or removed'); END"
        )
