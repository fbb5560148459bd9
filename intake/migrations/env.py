"""Alembic's entry: runs on the connection that `intake.schema.migrate` hands over."""

from alembic import context

import intake.models  # noqa: F401  (registers the tables)
from intake.db import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
