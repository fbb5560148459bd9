"""Reminders as rows that wait for the opening of an office; oversight: what a leader wants answered, and by when."""

import sqlalchemy as sa
from alembic import op

revision = "reminders"
down_revision = "papers"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("clock_id", sa.Integer(), sa.ForeignKey("clock.id"), nullable=False),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("rung", sa.String(length=12), nullable=False),
        sa.Column("ready_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("notice_id", sa.Integer()),
        sa.UniqueConstraint(
            "clock_id", "staff_id", "stage", "on_day", name="uq_reminder_clock_id_staff_id_stage_on_day"
        ),
    )
    _some("ix_reminder_waiting", "reminder", ["ready_at", "staff_id"], "settled_at IS NULL")
    op.create_table(
        "oversight",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("opened_by", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("clock_id", sa.Integer(), sa.ForeignKey("clock.id"), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("talked_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint("state IN ('open', 'answered', 'summoned', 'talked', 'closed')", name="known_state"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
    )
    op.create_index("ix_oversight_case_id", "oversight", ["case_id"])
    op.create_index("ix_oversight_authority_state", "oversight", ["authority", "state"])
    _some("uq_oversight_open", "oversight", ["case_id", "authority"], "state <> 'closed'", unique=True)


def _some(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    """An index of those rows alone that somebody still asks for."""
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
