"""What every route needs of the request: the application, the wall clock, a caller's keyed origin, a bearer token."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Network, ip_address

from fastapi import Request

from bot.app import App

LINE_BITS = 64


def app_of(request: Request) -> App:
    """The composition root behind this server."""
    app: App = request.app.state.jianting
    return app


def now() -> datetime:
    """The wall clock; only the door reads it."""
    return datetime.now(UTC)


def origin(request: Request) -> str:
    """A keyed hash of the caller's address: enough to slow down guessing, useless to find a person."""
    app = app_of(request)
    host = request.client.host if request.client else "unknown"
    if app.settings.trust_proxy:
        # Our own proxy appends the address that it saw; whatever stands before that may be invented.
        host = request.headers.get("x-forwarded-for", host).rpartition(",")[2].strip()
    return app.vault.fingerprint(neighbourhood(host), "origin")


def neighbourhood(host: str) -> str:
    """The address as tries are counted: of IPv6 the network, since one line has 2^64 addresses to try from."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, LINE_BITS), strict=False))


def bearer(request: Request) -> str | None:
    """The token of the Authorization header, if there is one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
