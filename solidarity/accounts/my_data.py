"""Everything that is kept of a person, as a file to take with them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from flask import make_response, render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import or_, select

from solidarity.accounts import sessions
from solidarity.accounts.blueprint import blueprint, current_account
from solidarity.accounts.models import Account
from solidarity.web import security_log
from solidarity.web.clock import now
from solidarity.web.db import commit, db
from solidarity.web.form_recovery import not_resendable
from solidarity.web.fresh_sign_in import SureForm
from solidarity.web.permissions import roles_required
from solidarity.web.rate_limits import limiter, person_key
from stories import consent, guides, wording
from stories.models import Event, EventKind, Guide, Person, Revision, Story, Transition
from stories.text.languages import direction
from stories.workflow import State

FORMAT = "solidarity-stories/account/1"
DOWNLOADS = "5 per minute; 50 per day"  # each is a line of the security log, for ever


@blueprint.get("/account/data")
@roles_required()
def my_data() -> str:
    """What the file holds, and the button that makes it."""
    return render_template("accounts/my-data.html", form=SureForm(formdata=None))


@blueprint.post("/account/data")
@limiter.limit(DOWNLOADS, key_func=person_key, methods=["POST"])
@roles_required()
@not_resendable(_l("Take your data with you"))
def download() -> Any:
    """The file: data.json for programs, a page for each story for people."""
    form = SureForm()
    if not form.validate():
        return render_template("accounts/my-data.html", form=form), 422
    answer = make_response(archive(current_account(), at=now()))
    security_log.write(EventKind.DATA_EXPORTED, current_user.person)
    commit()
    answer.content_type = "application/zip"
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    return answer


def archive(account: Account, *, at: datetime) -> bytes:
    """A ZIP of everything kept of the person of `account`. Nothing of others but what they see on their own pages."""
    written = io.BytesIO()
    stories = _stories_of(account.person)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(_data(account, stories, at), ensure_ascii=False, indent=2, default=str))
        for story in stories:
            for name, revision in _wordings(story).items():
                file.writestr(f"stories/{story.id}-{name}.html", _page(story, revision))
    return written.getvalue()


def _data(account: Account, stories: list[Story], at: datetime) -> dict[str, Any]:
    person = account.person
    return {
        "format": FORMAT,
        "written_at": at,
        "person": {
            "name": person.name,
            "organisation": person.organisation.name if person.organisation else None,
            "roles": sorted(person.roles),
            "since": person.created_at,
        },
        "account": {"email": account.email, "since": account.created_at},
        "letters": {"language": account.locale, "when_a_story_arrives": account.queue_letters},
        "sessions": [
            {name: getattr(row, name) for name in ("browser", "system", "begun_at", "last_used_at")}
            for row in sessions.of(account, at)
        ],
        "second_step": _second_step(account),
        "stories": [_story(story, person) for story in stories],
        "guides": [_guide(guide) for guide in _guides_of(person)],
        "steps_on_stories_of_others": [_step(step, person) for step in _steps_elsewhere(person, stories)],
        "security_log": [_event(event, person) for event in _events_of(person)],
    }


def _events_of(person: Person) -> Iterator[Event]:
    """The lines of the log by or about `person`; those of stories stand with these."""
    theirs = or_(Event.by_id == person.id, Event.person_id == person.id), Event.row_id.is_(None)
    yield from db.session.scalars(select(Event).where(*theirs).order_by(Event.position))


def _event(event: Event, person: Person) -> dict[str, Any]:
    is_mine = event.person_id == person.id
    told = {"at": event.at, "what": event.kind, "by_me": event.by_id == person.id, "about_me": is_mine}
    return {**told, "facts": event.details, "text": event.text if is_mine else ""}


def _second_step(account: Account) -> dict[str, Any]:
    """What there is to show beside the password; the secrets in it are nobody's to read, not even their owner's."""
    app = account.authenticator_app
    return {
        "app": {name: getattr(app, name) for name in ("created_at", "used_at")} if app else None,
        "passkeys": [
            {name: getattr(key, name) for name in ("name", "created_at", "used_at")} for key in account.passkeys
        ],
        "recovery_codes_left": len(account.recovery_codes),
    }


def _stories_of(person: Person) -> list[Story]:
    mine = or_(Story.teller_id == person.id, Story.submitter_id == person.id)
    return list(db.session.scalars(select(Story).where(mine).order_by(Story.id)))


def _guides_of(person: Person) -> Iterator[Guide]:
    yield from db.session.scalars(select(Guide).where(Guide.author_id == person.id).order_by(Guide.id))


def _steps_elsewhere(person: Person, stories: list[Story]) -> Iterator[Transition]:
    """What a moderator did; of whose stories, and with which words to them, is the tellers' own."""
    elsewhere = select(Transition).where(
        Transition.by_id == person.id, Transition.story_id.not_in([story.id for story in stories])
    )
    yield from db.session.scalars(elsewhere.order_by(Transition.id))


def _story(story: Story, person: Person) -> dict[str, Any]:
    return {
        "number": story.id,
        "address": story.slug if story.is_readable else None,
        "language": story.language,
        "licence": story.licence,
        "stands": [story.visibility, story.submission.state if story.submission else None],
        "created_at": story.created_at,
        "published_at": story.published_at,
        "i_am": [part for part, who in (("teller", story.teller), ("submitter", story.submitter)) if who is person],
        "wordings": {name: _words(revision) for name, revision in _wordings(story).items()},
        "consent": [
            {
                "purpose": event.purpose, "granted": event.granted, "method": event.method, "language": event.language,
                "text_version": event.text_version, "evidence": event.evidence, "at": event.at,
            }
            for event in consent.ledger_of(story)
        ],
        "steps": [_step(step, person) | {"note": step.note} for step in story.transitions],
    }  # fmt: skip


def _wordings(story: Story) -> dict[str, Revision]:
    """Every wording that is kept of its authors or was public: a moderator's suggestion is not theirs yet."""
    shown = {step.revision for step in story.transitions if step.end is State.PUBLISHED} | {story.published_revision}
    own = [revision for revision in story.revisions if story.belongs_to(revision.written_by)]
    found = {"published": story.published_revision, "newest": own[-1] if own else None}
    if found["newest"] is found["published"]:
        del found["newest"]
    for revision in story.revisions:
        if revision not in found.values() and (revision in own or revision in shown):
            found[f"earlier-{revision.number}"] = revision
    return {name: revision for name, revision in found.items() if revision is not None and revision.erased_at is None}


def _words(revision: Revision) -> dict[str, Any]:
    words = wording.of(revision)
    plain = {name: value for name, value in vars(words).items() if name not in {"themes", "organisation"}}
    return plain | {
        "themes": [theme.name for theme in words.themes],
        "organisation": words.organisation.name if words.organisation else None,
        "written_at": revision.written_at,
    }


def _step(step: Transition, person: Person) -> dict[str, Any]:
    return {"what": step.verb, "from": step.start, "to": step.end, "at": step.at, "by_me": step.by is person}


def _guide(guide: Guide) -> dict[str, Any]:
    plan = guides.plan_of(guide)
    return asdict(replace(plan, themes=(), stories=())) | {
        "themes": [theme.name for theme in plan.themes],
        "stories": [story.slug for story in plan.stories],
        "address": guide.slug,
        "is_public": guide.is_public,
        "changed_at": guide.changed_at,
    }


def _page(story: Story, revision: Revision) -> str:
    with force_locale("en"):
        return render_template(
            "accounts/story-to-take.html", story=story, revision=revision, direction=direction(story.language)
        )
