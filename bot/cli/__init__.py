"""The command `jianting`: one file a family of verbs; everything heavy is imported by the verb that needs it."""

from bot.cli import (  # noqa: F401 — each registers its verbs
    archive,
    ear,
    importing,
    keeping,
    keys,
    law,
    matching,
    people,
    proof,
    rewards,
    service,
)
from bot.cli.frame import cli

__all__ = ["cli", "main"]


def main() -> None:
    """Run the command line."""
    cli()
