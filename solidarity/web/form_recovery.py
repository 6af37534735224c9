"""Gives a form back, with everything that was typed, when it could not be taken: nothing a person wrote is lost.

Whoever sees it has perhaps never seen the form: it says to which step it belongs and shows every field that it will
send. A step that gives or ends something is never sent from here; it begins again on its own page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, g, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from solidarity.web import cross_site

View = TypeVar("View", bound=Callable[..., Any])

MOST_TYPED = 32 * 1024 * 1024  # bytes that are still read to be given back
_SECRET = frozenset(
    {
        "password", "password_confirm", "new_password", "new_password_confirm", "current_password",
        "csrf_token", "code", "credential",
    }
)  # fmt: skip


@dataclass(frozen=True)
class FormStep:
    """What a form does, in words, and whether it may be sent again from a page that is not its own."""

    name: Any
    resendable: bool


def resendable(name: Any) -> Callable[[View], View]:
    """For a view that only keeps words: its form may be sent again from the page that gives it back."""
    return _named(FormStep(name, resendable=True))


def not_resendable(name: Any) -> Callable[[View], View]:
    """For a view that grants, decides, deletes, withdraws or closes: its form is only sent from its own page."""
    return _named(FormStep(name, resendable=False))


def _named(step: FormStep) -> Callable[[View], View]:
    def name(view: View) -> View:
        view.form_step = step  # type: ignore[attr-defined]
        return view

    return name


def step_of(endpoint: str | None) -> FormStep:
    """What the forms sent to an endpoint do; one that nobody has named is not sent again."""
    view = current_app.view_functions.get(endpoint or "")
    step: FormStep = getattr(view, "form_step", FormStep("", resendable=False))
    return step


def can_recover() -> bool:
    """Whether the form may be shown again: only one that a page of ours has sent."""
    return cross_site.comes_from_here() is True


def recovery_page(status: int, title: str, message: str) -> Any:
    """A page with the reason and the typed fields; and a button that sends them again with a fresh token, if it may."""
    g.private = True
    fields = submitted_fields()
    html = render_template(
        "errors/form-recovery.html",
        title=title,
        message=message,
        texts=[(name, text) for name, text in fields if _is_long(text) or (text and is_free_text(name))],
        others=[(name, text) for name, text in fields if not (_is_long(text) or (text and is_free_text(name)))],
        status=status,
        step=step_of(request.endpoint),
        action=request.full_path.rstrip("?"),
        own_page=_own_page(),
    )
    return html, status


def _is_long(text: str) -> bool:
    return len(text) > 60 or "\n" in text


def _own_page() -> str:
    """Where the form stands: at its own address, else on the page that sent it."""
    rules = current_app.url_map.iter_rules(request.endpoint) if request.endpoint else ()
    if any("GET" in (rule.methods or ()) for rule in rules):
        return request.full_path.rstrip("?")
    if request.referrer and cross_site.is_ours(request.referrer):
        return request.referrer
    return url_for("desks.workspace")


def submitted_fields() -> list[tuple[str, str]]:
    """What was sent, field by field, without passwords; empty where it was beyond all measure."""
    if request.blueprint not in {"security", "account"}:  # nobody writes a story where people sign in
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
