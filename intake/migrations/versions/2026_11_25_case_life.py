"""Clocks that stand still or were extended by fewer days than the law's, and the tickets of hotlines."""

import sqlalchemy as sa
from alembic import op

revision = "case_life"
down_revision = "same_matter"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "state IN ('running', 'suspended', 'met', 'cancelled')"


def upgrade() -> None:
    with op.batch_alter_table("clock") as clock:
        clock.add_column(sa.Column("granted", sa.JSON(), nullable=False, server_default="[]"))
        clock.add_column(sa.Column("spans", sa.JSON(), nullable=False, server_default="[]"))
        clock.drop_constraint(op.f("ck_clock_known_state"), type_="check")
        clock.create_check_constraint(op.f("ck_clock_known_state"), STATES)
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("result", sa.String(length=16)),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Integer()),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint("state IN ('open', 'supervised', 'closed')", name=op.f("ck_ticket_known_state")),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_ticket_closed_has_time")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_ticket_report_id_report"),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name="fk_ticket_clock_id_clock"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.UniqueConstraint("report_id", name="uq_ticket_report_id"),
    )
