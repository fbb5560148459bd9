"""The chain: a digest on each row that may never change, links, signed heads, and the triggers that keep them."""

import sqlalchemy as sa
from alembic import op

revision = "proof"
down_revision = "roles"
branch_labels = None
depends_on = None

WITNESSED = ("event", "report", "identity", "letter", "rating", "evidence_use", "evidence")


def upgrade() -> None:
    for table in WITNESSED:
        op.add_column(table, sa.Column("digest", sa.LargeBinary(length=32)))
    op.add_column("report", sa.Column("files", sa.JSON(none_as_null=True)))
    op.create_table(
        "link",
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.Column("relayed", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_link"),
        sa.UniqueConstraint("source", "row_id", name="uq_link_source_row_id"),
    )
    op.create_table(
        "head",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_head"),
    )
    op.create_index("ix_head_position", "head", ["position"])
    _keep("link")
    _keep("head")


def _keep(table: str) -> None:
    """Refuse every change of what was written."""
    told = f"a {table} is appended, never changed or removed"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{told}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuses()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    )
