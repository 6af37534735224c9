"""The letters about an account itself: whatever is changed in it, its person hears of it, whoever did it."""

from __future__ import annotations

from typing import Any

from solidarity.letters import compose
from solidarity.letters.models import Kind

_LINKS = {
    Kind.ADDRESS_CHANGED: "reading.concern",
    Kind.ADDRESS_TAKEN: "security.forgot_password",
    Kind.ROLES_CHANGED: "desks.workspace",
    Kind.ACCOUNT_CLOSED: "reading.concern",
    Kind.ACCOUNT_OPEN: "security.login",
    Kind.ACCOUNT_DELETED: "reading.concern",
}


def tell(account: Any, kind: Kind, *, address: str = "", **values: Any) -> None:
    """Write a letter of `kind`; whoever has not come in yet has their invitation, and hears of nothing else."""
    if account.password is not None:
        compose.send(account, kind, address=address, link=compose.link(account, _LINKS[kind]), **values)
