"""Offers of cases between authorities, what superiors assign, and what a registry says of an office."""

import sqlalchemy as sa
from alembic import op

revision = "handovers"
down_revision = "case_life"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = "state IN ('offered', 'disputed')"


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        *(sa.Column(name, sa.String(length=32), nullable=False) for name in ("giver", "taker", "superior")),
        sa.Column("ground", sa.String(length=24)),
        sa.Column("designated", sa.String(length=32)),
        sa.Column("clock_id", sa.Integer()),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'refused', 'disputed', 'designated', 'withdrawn')",
            name=op.f("ck_handover_known_state"),
        ),
        sa.CheckConstraint("giver <> taker", name=op.f("ck_handover_two_authorities")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_handover_case_id_case"),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name="fk_handover_clock_id_clock"),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    for column in ("case_id", "giver", "taker", "superior"):
        op.create_index(f"ix_handover_{column}", "handover", [column])
    op.create_index(
        "uq_handover_open",
        "handover",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("assigner", sa.String(length=32), nullable=False),
        sa.Column("weight", sa.String(length=12), nullable=False),
        sa.Column("paper", sa.String(length=60)),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("clock_id", sa.Integer(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("reported_at", MOMENT),
        sa.CheckConstraint("state IN ('given', 'reported', 'ended')", name=op.f("ck_assignment_known_state")),
        sa.CheckConstraint("weight IN ('ordinary', 'complex', 'major')", name=op.f("ck_assignment_known_weight")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_assignment_case_id_case"),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name="fk_assignment_clock_id_clock"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_case_id", "assignment", ["case_id"])
    # What a registry of authorities may say beside the name.
    op.add_column("office", sa.Column("superior", sa.String(length=32)))
    op.add_column("office", sa.Column("handled_by", sa.String(length=32)))
    op.add_column("office", sa.Column("contact", sa.String(length=200)))
