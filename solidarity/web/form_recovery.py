"""Gives a form back, with everything that was typed, when it could not be taken: nothing a person wrote is lost."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

MOST_TYPED = 32 * 1024 * 1024  # bytes that are still read to be given back
_SECRET = frozenset({"password", "password_confirm", "current_password", "csrf_token"})


def recovery_page(status: int, title: str, message: str) -> Any:
    """A page with the reason, the typed fields, and a button that sends them again with a fresh token."""
    g.private = True
    fields = submitted_fields()
    html = render_template(
        "errors/form-recovery.html",
        title=title,
        message=message,
        fields=fields,
        status=status,
        action=request.full_path.rstrip("?"),
    )
    return html, status


def submitted_fields() -> list[tuple[str, str]]:
    """What was sent, field by field, without passwords; empty where it was beyond all measure."""
    if request.blueprint != "security":  # nobody writes a story where people sign in
        request.max_content_length = MOST_TYPED
    try:
        return [(name, text) for name, text in request.form.items(multi=True) if name not in _SECRET]
    except HTTPException:
        return []


FIELD_NAMES = {
    "title": _l("Title"), "introduction": _l("Introduction"), "body": _l("The story"),
    "note": _l("Your words to the author"), "teller_name": _l("Name, as readers will see it"),
    "attribution": _l("Thanks and credits"), "pull_quotes": _l("Sentences to set large"),
    "takeaways": _l("What to take away from it"), "prompts": _l("Questions to think and talk about"),
    "content_note": _l("Content note"), "place": _l("Where it happened"), "time": _l("When it happened"),
    "tombstone": _l("What should stand at its address?"), "name": _l("Name"), "about": _l("About"),
    "email": _l("E-mail address"), "essential_question": _l("The question that stays with us"),
    "objectives": _l("What people take home"), "preparation": _l("Before you begin"), "materials": _l("What you need"),
    "agreements": _l("Agreements for the conversation"), "help_note": _l("If someone tells of something painful"),
    "query_words": _l("Words that should be in the stories"), "credits": _l("Who made this guide"),
    "instruction": _l("What people do"), "recall": _l("Questions about what happened"),
    "connection": _l("Questions about what it means to us"), "action": _l("Questions about what we can do"),
    "tip": _l("A hint for the facilitator"),
    "teach_back": _l("In the teller’s own words: who will be able to read this story?"),
}  # fmt: skip

CHOICE_NAMES = {
    "organisation": _l("Organisation"), "themes": _l("Themes"), "teller_naming": _l("How is the teller named?"),
}  # fmt: skip


def field_name(name: str) -> str:
    """What a field is called on the page, those of inner forms too; unknown ones by the name they were sent under."""
    own = _last_part(name)
    return str(FIELD_NAMES.get(own) or CHOICE_NAMES.get(own) or name.replace("_", " "))


def is_free_text(name: str) -> bool:
    """Whether a field holds a person's own words, rather than a choice or a number of ours."""
    return _last_part(name) in FIELD_NAMES


def _last_part(name: str) -> str:
    """`title` of `phases-0-steps-1-title`: the fields of inner forms are sent under long names."""
    return name.rpartition("-")[2]
