"""Writes into the security log which settings differ from those that the site was last started with."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import fields
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.config import Settings
from solidarity.web import security_log
from solidarity.web.db import db, writing
from stories.models import Event, EventKind

SECRETS = frozenset({"secret_key", "password_salt", "totp_key"})
_PASSWORD = re.compile(r"//[^/@]*@")  # in an address: user:password@


def record() -> None:
    """A line with the names of what changed, where something did. Of values only keyed digests are kept."""
    present = digests(current_app.config["SETTINGS"])
    before = _last(db.session)
    changed = {name for name in {*present, *before} if present.get(name) != before.get(name)}
    db.session.rollback()
    if changed:
        told: dict[str, Any] = {f"digest_{name}": digest for name, digest in present.items()}
        with writing():
            security_log.write(EventKind.SETTINGS_CHANGED, names=sorted(changed), first=not before, **told)


def digests(settings: Settings) -> dict[str, str]:
    """What stands for the value of each setting that is no secret; passwords in addresses are left out."""
    names = sorted({field.name for field in fields(settings)} - SECRETS)
    return {name: _digest(settings.secret_key, getattr(settings, name)) for name in names}


def _digest(key: str, value: Any) -> str:
    return hmac.new(key.encode(), _PASSWORD.sub("//", str(value)).encode(), hashlib.sha256).hexdigest()[:12]


def _last(session: Session) -> dict[str, str]:
    query = select(Event.details).where(Event.kind == EventKind.SETTINGS_CHANGED).order_by(Event.position.desc())
    facts = session.scalar(query.limit(1)) or {}
    return {name.removeprefix("digest_"): value for name, value in facts.items() if name.startswith("digest_")}
