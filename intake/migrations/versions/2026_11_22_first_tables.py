"""The first tables, and the triggers that keep the history.

There is no way back: a ledger is restored from its backup, never downgraded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("token_hash", name="pk_api_token"),
    )
    op.create_table(
        "attempt",
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_attempt"),
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64)),
        sa.Column("sealed_state", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("spoken_at", MOMENT, nullable=False),
    )
    op.create_index("ix_conversation_spoken_at", "conversation", ["spoken_at"])
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sm3", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_evidence"),
    )
    op.create_table(
        "idempotent_answer",
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("client", "key", name="pk_idempotent_answer"),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_hash", sa.String(length=64), nullable=False),
        sa.Column("phone_hash", sa.String(length=64)),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_identity_account_hash", "identity", ["account_hash"])
    op.create_index("ix_identity_phone_hash", "identity", ["phone_hash"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "sequence",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sequence"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("telegram", sa.String(length=40)),
        sa.Column("interests", sa.String(length=400), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('officer', 'leader', 'supervisor', 'administrator')", name="known_role"),
        sa.UniqueConstraint("username", name="uq_staff_username"),
    )
    op.create_index("ix_staff_authority", "staff", ["authority"])
    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("handler_id", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("institution", sa.String(length=200)),
        sa.Column("subject", sa.String(length=120)),
        sa.Column("organ", sa.String(length=200)),
        sa.Column("place", sa.String(length=6)),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("routing", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=32)),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("next_due", sa.Date()),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        sa.UniqueConstraint("number", name="uq_case_number"),
    )
    op.create_index("ix_case_queue", "case", ["authority", "closed_at", "next_due"])
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in"),
    )
    op.create_table(
        "turn",
        sa.Column("conversation_id", sa.String(length=64), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "message_id", name="pk_turn"),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended", sa.Integer(), nullable=False),
        sa.Column("derivation", sa.JSON(), nullable=False),
        sa.Column("stopped_at", MOMENT),
        sa.Column("wake_on", sa.Date()),
        sa.CheckConstraint("state IN ('running', 'met', 'cancelled')", name="known_state"),
    )
    op.create_index("ix_clock_case_id", "clock", ["case_id"])
    op.create_index(
        "ix_clock_wake",
        "clock",
        ["wake_on"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id")),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
    )
    op.create_index("ix_event_case_id", "event", ["case_id"])
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("identity_id", sa.Integer(), sa.ForeignKey("identity.id"), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("query_hash", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("telling", sa.String(length=64)),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("redacted", sa.Text(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("institution", sa.String(length=200)),
        sa.Column("organ", sa.String(length=200)),
        sa.Column("place", sa.String(length=6)),
        sa.Column("place_text", sa.String(length=200)),
        sa.Column("period_first", sa.Date()),
        sa.Column("period_last", sa.Date()),
        sa.Column("ongoing", sa.Boolean(), nullable=False),
        sa.Column("amount_yuan", sa.Numeric(precision=14, scale=2)),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("wants_reward", sa.Boolean()),
        sa.Column("match", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("derivation", sa.Text(), nullable=False),
        sa.UniqueConstraint("number", name="uq_report_number"),
        sa.UniqueConstraint("query_hash", name="uq_report_query_hash"),
    )
    op.create_index("ix_report_case_id", "report", ["case_id"])
    op.create_index("ix_report_conversation", "report", ["conversation"])
    op.create_index("ix_report_telling", "report", ["telling"])
    op.create_table(
        "evidence_use",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sha256", sa.String(length=64), sa.ForeignKey("evidence.sha256"), nullable=False),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_evidence_use_report_id", "evidence_use", ["report_id"])
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("from_teller", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("redacted", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_letter_report_id", "letter", ["report_id"])
    op.create_table(
        "match_key",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.PrimaryKeyConstraint("key", "report_id", name="pk_match_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id")),
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id")),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id")),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.Column("last_error", sa.String(length=300)),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed')", name="known_state"),
        sa.CheckConstraint("(report_id IS NULL) <> (staff_id IS NULL)", name="one_recipient"),
        sa.UniqueConstraint("key", name="uq_notice_key"),
    )
    op.create_index("ix_notice_case_id", "notice", ["case_id"])
    op.create_index("ix_notice_staff_id", "notice", ["staff_id"])
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_table(
        "rating",
        sa.Column("report_id", sa.Integer(), sa.ForeignKey("report.id"), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars_one_to_five"),
        sa.PrimaryKeyConstraint("report_id", name="pk_rating"),
    )
    _keep_events()


def _keep_events() -> None:
    """Refuse every change of an event that was written, whoever asks: the ledger, a tool, an administrator."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER event_refuses_{verb.lower()} BEFORE {verb} ON event "
                "BEGIN SELECT RAISE(ABORT, 'an event is appended, never changed or removed'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION event_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'an event is appended, never changed or removed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER event_refuses_change BEFORE UPDATE OR DELETE ON event "
        "FOR EACH ROW EXECUTE FUNCTION event_refuses()"
    )
    op.execute(
        "CREATE TRIGGER event_refuses_truncate BEFORE TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_refuses()"
    )
