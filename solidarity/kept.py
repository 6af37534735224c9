"""Gives a form back, with everything that was typed, when it could not be taken: nothing a person wrote is lost."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

MOST_TYPED = 32 * 1024 * 1024  # bytes that are still read to be given back
_SECRET = frozenset({"password", "password_confirm", "csrf_token"})


def page(status: int, title: str, message: str) -> Any:
    """A page with the reason, the typed fields, and a button that sends them again with a fresh token."""
    g.private = True
    fields = typed()
    html = render_template(
        "errors/kept.html",
        title=title,
        message=message,
        fields=fields,
        status=status,
        action=request.full_path.rstrip("?"),
    )
    return html, status


def typed() -> list[tuple[str, str]]:
    """What was sent, field by field, without passwords; empty where it was beyond all measure."""
    request.max_content_length = MOST_TYPED
    try:
        return [(name, text) for name, text in request.form.items(multi=True) if name not in _SECRET]
    except HTTPException:
        return []


FIELD_NAMES = {
    "title": _l("Title"), "introduction": _l("Introduction"), "body": _l("The story"), "note": _l("Your words to the author"),
    "teller_name": _l("The teller’s name"), "attribution": _l("Attribution"), "pull_quotes": _l("Pull quotes"),
    "takeaways": _l("Key takeaways"), "prompts": _l("Reflection prompts"), "content_note": _l("Content note"),
    "place": _l("Place"), "time": _l("Time"), "tombstone": _l("What its address says from now on"),
    "name": _l("Name"), "about": _l("About"), "email": _l("E-mail address"),
}  # fmt: skip


def field_name(name: str) -> str:
    """What a field is called on the page; unknown ones by the name they were sent under."""
    return str(FIELD_NAMES.get(name, name.replace("_", " ")))


def is_spoken(name: str) -> bool:
    """Whether a field holds a person's own words, rather than a choice or a number of ours."""
    return name in FIELD_NAMES
