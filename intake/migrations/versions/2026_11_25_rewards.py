"""Rewards of reports, and the ledger of payments, which is only appended to."""

import sqlalchemy as sa
from alembic import op

revision = "rewards"
down_revision = "proof"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
YUAN = sa.Numeric(14, 2)
REFUSAL = "a payment is appended, never changed or removed"


def upgrade() -> None:
    op.create_table(
        "reward",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=6)),
        sa.Column("law_day", sa.Date()),
        sa.Column("reporter", sa.String(length=16), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("opinion", sa.String(length=16)),
        sa.Column("matter", sa.JSON(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("amount", YUAN),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("citations", sa.JSON(), nullable=False),
        sa.Column("schemes", sa.JSON(), nullable=False),
        sa.Column("proposer_id", sa.Integer()),
        sa.Column("approver_id", sa.Integer()),
        sa.Column("clock_id", sa.Integer()),
        sa.Column("paper", sa.String(length=60)),
        sa.Column("sealed_claim", sa.LargeBinary()),
        *(sa.Column(f"{step}_at", MOMENT) for step in ("proposed", "decided", "notified", "claimed", "ended")),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'notified', 'claimed', 'paid', 'waived', 'lapsed', "
            "'recovered')",
            name=op.f("ck_reward_known_state"),
        ),
        sa.CheckConstraint("approver_id <> proposer_id", name=op.f("ck_reward_second_person")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_reward_no_debt")),
        sa.CheckConstraint("people >= 1", name=op.f("ck_reward_somebody")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_reward_report_id_report"),
        sa.ForeignKeyConstraint(["proposer_id"], ["staff.id"], name="fk_reward_proposer_id_staff"),
        sa.ForeignKeyConstraint(["approver_id"], ["staff.id"], name="fk_reward_approver_id_staff"),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name="fk_reward_clock_id_clock"),
        sa.PrimaryKeyConstraint("id", name="pk_reward"),
        sa.UniqueConstraint("report_id", name="uq_reward_report_id"),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("yuan", YUAN, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('paid', 'recovered')", name=op.f("ck_payment_known_kind")),
        sa.CheckConstraint("yuan > 0", name=op.f("ck_payment_something")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name="fk_payment_reward_id_reward"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_payment_staff_id_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint("reward_id", "kind", "share", name="uq_payment_reward_id_kind_share"),
    )
    _keep_history()


def _keep_history() -> None:
    """The database itself refuses to change or remove a payment."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER payment_refuses_{verb.lower()} BEFORE {verb} ON payment "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION payment_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER payment_refuses_change BEFORE UPDATE OR DELETE ON payment "
        "FOR EACH ROW EXECUTE FUNCTION payment_refuses()"
    )
    op.execute(
        "CREATE TRIGGER payment_refuses_truncate BEFORE TRUNCATE ON payment "
        "FOR EACH STATEMENT EXECUTE FUNCTION payment_refuses()"
    )
