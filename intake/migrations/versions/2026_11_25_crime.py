"""Transfers of suspected crimes to the police; a case that was decided as one starts without such a row."""

import sqlalchemy as sa
from alembic import op

revision = "crime"
down_revision = "handovers"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PEOPLE = ("first", "second", "decider")
STEPS = ("reported_at", "decided_at", "transfer_by", "received_at", "ended_at")


def upgrade() -> None:
    op.create_table(
        "crime_transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        *(sa.Column(f"{who}_id", sa.Integer(), nullable=who == "decider") for who in PEOPLE),
        sa.Column("yuan", sa.Numeric(14, 2)),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("organ", sa.String(length=80)),
        sa.Column("receipt", sa.String(length=60)),
        sa.Column("found_at", MOMENT, nullable=False),
        *(sa.Column(step, MOMENT) for step in STEPS),
        sa.CheckConstraint(
            "state IN ('team', 'reported', 'approved', 'packed', 'sent', 'not_filed', 'reconsidering', 'upheld', "
            "'supervising', 'filed', 'with_police', 'refused', 'returned')",
            name=op.f("ck_crime_transfer_known_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('refused', 'returned')) = (ended_at IS NOT NULL)",
            name=op.f("ck_crime_transfer_ended_has_time"),
        ),
        sa.CheckConstraint("first_id <> second_id", name=op.f("ck_crime_transfer_two_people")),
        sa.CheckConstraint(
            "decider_id <> first_id AND decider_id <> second_id", name=op.f("ck_crime_transfer_head_apart")
        ),
        sa.CheckConstraint("yuan >= 0", name=op.f("ck_crime_transfer_no_debt")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_crime_transfer_case_id_case"),
        *(
            sa.ForeignKeyConstraint([f"{who}_id"], ["staff.id"], name=f"fk_crime_transfer_{who}_id_staff")
            for who in PEOPLE
        ),
        sa.PrimaryKeyConstraint("id", name="pk_crime_transfer"),
    )
    op.create_index("ix_crime_transfer_case_id", "crime_transfer", ["case_id"])
    unended = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_crime_transfer_open",
        "crime_transfer",
        ["case_id"],
        unique=True,
        sqlite_where=unended,
        postgresql_where=unended,
    )
