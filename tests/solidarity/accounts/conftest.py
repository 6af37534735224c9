"""People who sign in with more than a password, and what they find in their letters."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pages
import pytest
from factories import person
from flask import Flask
from sqlalchemy.orm import Session

from solidarity.accounts.models import Account
from stories.models import Role


@pytest.fixture
def lani(site: Session) -> Account:
    """A leader with a password, and nothing else yet."""
    account = pages.account(site, person(site, Role.LEADER, name="Lani Kekoa"), "lani@example.org")
    site.commit()
    return account


@pytest.fixture
def subjects(app: Flask) -> Callable[[], list[tuple[str, str]]]:
    """To whom letters went, and what they were about."""
    folder = Path(app.config["SETTINGS"].instance_path) / "mail"

    def read() -> list[tuple[str, str]]:
        letters = [
            message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))
        ]
        return [(letter["To"].addresses[0].addr_spec, str(letter["Subject"])) for letter in letters]

    return read
