"""Commands for those who sign in: staff, and the programs of hotlines."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.frame import cli, opened

Username = Annotated[str, typer.Argument(help="Name for signing in, such as wangmin.")]
TokenName = Annotated[str, typer.Argument(help="Who uses it, such as 12345-platform.")]


@cli.command(name="add-staff")
def add_staff(
    username: Username,
    name: Annotated[str, typer.Option(help="Name as the desk shows it.")],
    role: Annotated[
        str, typer.Option(help="officer, leader, custodian, supervisor, federation, auditor or administrator.")
    ],
    place: Annotated[str, typer.Option(help="Division code of the authority, such as 621021.")],
    telegram: Annotated[str | None, typer.Option(help="Number of the Telegram chat that gets the reminders.")] = None,
) -> None:
    """Add a member of staff; the password is made here and shown once."""
    from bot import people

    with opened() as app:
        typer.echo(people.add(app, username, name=name, role=role, place=place, telegram=telegram))


@cli.command(name="staff-interests")
def staff_interests(
    username: Username,
    institutions: Annotated[
        list[str] | None, typer.Argument(help="Each institution in which the person has an interest; none clears.")
    ] = None,
) -> None:
    """Declare interests: the person neither sees nor handles any case of these institutions."""
    from bot import people

    with opened() as app:
        people.declare(app, username, institutions or ())


@cli.command(name="staff-password")
def staff_password(username: Username) -> None:
    """Give a member of staff a new password, shown once; every open sign-in ends."""
    from bot import people

    with opened() as app:
        typer.echo(people.new_password(app, username))


@cli.command(name="remove-staff")
def remove_staff(username: Username) -> None:
    """End an account: no further sign-in; what the person did keeps the name. The user name stays taken."""
    from bot import people

    with opened() as app:
        people.remove(app, username)


@cli.command(name="add-token")
def add_token(
    name: TokenName,
    days: Annotated[
        int | None, typer.Option(min=1, max=3660, help="How long it opens; default: until revoked.")
    ] = None,
) -> None:
    """Make an API token for a hotline; shown once."""
    from bot import people

    with opened() as app:
        typer.echo(people.issue_token(app, name, days))


@cli.command(name="revoke-token")
def revoke_token(name: TokenName) -> None:
    """Withdraw every API token of this name; prints how many there were."""
    from bot import people

    with opened() as app:
        typer.echo(people.revoke_token(app, name))
