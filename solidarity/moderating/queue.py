"""The queue, the stories that readers have, and the table of steps."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from solidarity.moderating.blueprint import blueprint
from solidarity.web import query_params
from solidarity.web.db import commit, session
from solidarity.web.form_recovery import not_resendable
from solidarity.web.permissions import current_person, roles_required
from stories import queries
from stories.models import Role
from stories.queries import review_queue
from stories.queries.review_queue import QueueFilter, QueueTab
from stories.workflow import RULES, Visibility

PILES = {
    QueueTab.WAITING: _l("Waiting to be read"),
    QueueTab.MINE: _l("I am reading"),
    QueueTab.OTHERS: _l("Others are reading"),
    QueueTab.AUTHORS: _l("With teller or author"),
    QueueTab.SCHEDULED: _l("Approved, not yet public"),
    QueueTab.ALL: _l("All"),
}
SHELVES = (Visibility.PUBLIC, Visibility.ARCHIVED, Visibility.UNPUBLISHED)
Word = TypeVar("Word", bound=StrEnum)


@blueprint.get("/moderating", endpoint="queue")
@roles_required(Role.MODERATOR)
def queue_page() -> str:
    """Every submission that waits for somebody, the one that has waited longest first."""
    wanted = QueueFilter(_word("show", QueueTab.WAITING), query_params.text("language", query_params.LONGEST))
    page = review_queue.submissions(session(), wanted, current_person(), number=query_params.page())
    return render_template(
        "moderating/queue.html",
        asked=wanted,
        page=page,
        rows=[
            (submission, review_queue.turn_of(submission), submission.story.belongs_to(current_person()))
            for submission in page.rows
        ],
        sent_again=review_queue.sent_again(session(), page.rows),
        piles=PILES,
        sizes=review_queue.tab_counts(session(), current_person()),
        spoken=review_queue.languages_in(session(), current_person(), wanted.pile),
        address=_address,
        gets_letters=current_user.queue_letters,
    )


@blueprint.post("/moderating/letters")
@roles_required(Role.MODERATOR)
@not_resendable(_l("Choose letters about waiting stories"))
def letters() -> Response:
    """Whether whoever is signed in wants a letter when a story arrives."""
    current_user.queue_letters = request.form.get("wanted") == "yes"
    commit()
    wanted = _("You get a letter when a story arrives, at most one an hour.")
    flash(wanted if current_user.queue_letters else _("You get no letters about stories that arrive."), "success")
    return redirect(url_for("moderating.queue"), 303)


def _address(wanted: QueueFilter, *, pile: QueueTab | None = None, language: str | None = None, page: int = 1) -> str:
    """The address of the queue with another pile, language or page."""
    return url_for(
        "moderating.queue",
        show=pile or wanted.pile,
        language=(wanted.language if language is None else language) or None,
        page=page if page > 1 else None,
    )


@blueprint.get("/moderating/stories")
@roles_required(Role.MODERATOR)
def shelf() -> str:
    """The stories that readers have or had, to correct, archive, take down or bring back."""
    seen = _word("show", Visibility.PUBLIC)
    seen = seen if seen in SHELVES else Visibility.PUBLIC
    page = queries.stories_with_visibility(session(), seen, number=query_params.page(), size=30)
    return render_template("moderating/stories.html", seen=seen, shelves=SHELVES, page=page)


@blueprint.get("/moderating/steps")
@roles_required(Role.MODERATOR)
def steps() -> str:
    """The table that permits every step, as it is."""
    return render_template("moderating/steps.html", rules=RULES)


def _word(name: str, otherwise: Word) -> Word:
    """A parameter that is a word of an enumeration, or `otherwise`."""
    kind: Any = type(otherwise)
    typed = query_params.text(name, query_params.LONGEST)
    return kind(typed) if typed in set(kind) else otherwise
