"""Every page with a form, each with people and stories of its own, and its forms as a browser would send them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import factories as make
import pages
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from solidarity.accounts import second_factors, sign_in_links
from solidarity.letters import compose, invitations
from solidarity.letters.invitations import Invited
from solidarity.letters.models import Failure, Kind, Letter
from solidarity.second_factors.models import AuthenticatorApp
from solidarity.web.clock import now
from stories import editorial, guides
from stories.models import Person, Role, Story
from stories.workflow import State

# Makes what a page needs, signs somebody in, and says the address of the page.
Page = Callable[[Session, FlaskClient], str]


def _sign_in(site: Session, client: FlaskClient, person: Person, account: Any = None) -> None:
    pages.sign_in(client, account or pages.account(site, person))


def _leader(place: str, state: State = State.DRAFT) -> Page:
    def page(site: Session, client: FlaskClient) -> str:
        story = make.story_in(site, state)
        _sign_in(site, client, story.submitter)
        return f"/en/my/stories/{place.format(story.id)}"

    return page


def _moderator(place: str, state: State, *steps: Callable[..., None]) -> Page:
    def page(site: Session, client: FlaskClient) -> str:
        moderator = make.person(site, Role.MODERATOR)
        story = make.story_in(site, state, moderator=moderator)
        for step in steps:
            step(story, by=moderator, at=make.NOW, note="For a while.")
        _sign_in(site, client, moderator)
        return f"/en/moderating{place.format(story.id)}"

    return page


def _suggested(site: Session, moderator: Person) -> Story:
    """A story in review, with other words beside its author's."""
    story = make.story_in(site, State.IN_REVIEW, moderator=moderator)
    editorial.amend(story, make.words(title="The Water"), by=moderator, at=make.NOW, revision_id=story.own_revision.id)
    return story


def _suggestion(site: Session, client: FlaskClient) -> str:
    moderator = make.person(site, Role.MODERATOR)
    story = _suggested(site, moderator)
    seen = story.newest_revision.id
    editorial.request_changes(story, by=moderator, at=make.NOW, revision_id=seen, note="Shorter, please.")
    _sign_in(site, client, story.submitter)
    return f"/en/my/stories/{story.id}/suggestion"


def _words_beside(site: Session, client: FlaskClient) -> str:
    moderator = make.person(site, Role.MODERATOR)
    story = _suggested(site, moderator)
    _sign_in(site, client, moderator)
    return f"/en/moderating/stories/{story.id}"


def _educator(place: str, *, public: bool = False) -> Page:
    def page(site: Session, client: FlaskClient) -> str:
        educator = make.person(site, Role.EDUCATOR)
        talk = guides.PhasePlan("Talk", steps=(guides.StepPlan("Begin", 10),))
        plan = guides.GuidePlan(title="An Hour", language="en", help_note="Call a friend.", phases=(talk,))
        guide = guides.draft(site, plan, by=educator, at=make.NOW)
        if public:
            guides.publish(guide, by=educator, at=make.NOW)
        _sign_in(site, client, educator)
        return f"/en/my/guides/{place.format(guide.id)}"

    return page


def _steward(place: str) -> Page:
    def page(site: Session, client: FlaskClient) -> str:
        slugs = {"theme": make.theme(site).slug, "organisation": make.organisation(site).slug}
        _sign_in(site, client, make.person(site, Role.STEWARD))
        return f"/en/stewarding/{place.format(**slugs)}"

    return page


def _account(*, is_closed: bool) -> Page:
    def page(site: Session, client: FlaskClient) -> str:
        account = _invited(site)
        account.active = not is_closed
        _sign_in(site, client, make.person(site, Role.STEWARD))
        return f"/en/stewarding/people/{account.id}"

    return page


def _letters(site: Session, client: FlaskClient) -> str:
    leader = pages.account(site, make.person(site, Role.LEADER))
    compose.send(leader, Kind.PASSWORD_CHOSEN, link="http://site.example/")
    for letter in site.scalars(select(Letter)):
        letter.begin(letter.written_at)
        letter.fail(Failure.LATER, "451", letter.written_at)
    _sign_in(site, client, make.person(site, Role.STEWARD))
    return "/en/stewarding/letters"


def _events(site: Session, client: FlaskClient) -> str:
    _invited(site)  # a line of the log
    return _steward("events")(site, client)


def _password(site: Session, _client: FlaskClient) -> str:
    account = _invited(site)
    site.commit()
    return urlsplit(invitations.link_for(account)).path


def _letter(site: Session, _client: FlaskClient) -> str:
    token = sign_in_links.make(site, pages.account(site, make.person(site)), at=now())
    site.commit()
    return f"/en/account/letter/{token}"


def _mine(place: str) -> Page:
    def page(site: Session, client: FlaskClient) -> str:
        account = pages.account(site, make.person(site, Role.LEADER))
        _sign_in(site, client, account.person, account)
        pages.sign_in(client.application.test_client(), account)  # in another browser
        return f"/en/account/{place}"

    return page


def _new_address(site: Session, client: FlaskClient) -> str:
    page = _mine("address")(site, client)
    pages.send(client, page, email="other@example.org")
    folder = Path(client.application.config["SETTINGS"].instance_path) / "mail"
    letter = max(folder.glob("*.eml")).read_text()
    found = re.search(r"http://\S+/account/address/\S+", letter)
    assert found
    return urlsplit(found[0]).path


def _second_factor(place: str) -> Page:
    """Of somebody with an app and a passkey, on a site with a name, which passkeys need."""

    def page(site: Session, client: FlaskClient) -> str:
        account = _with_second_factor(site, client)
        pages.sign_in(client, account)
        return f"/en/account/second-factor{place}"

    return page


def _second_step(place: str) -> Page:
    def page(site: Session, client: FlaskClient) -> str:
        account = _with_second_factor(site, client)
        pages.send(client, "/en/account/sign-in", email=account.email, password="a long enough password")
        return f"/en/account/sign-in/{place}"

    return page


def _with_second_factor(site: Session, client: FlaskClient) -> Any:
    config = client.application.config
    config["SETTINGS"] = replace(config["SETTINGS"], base_url="http://localhost")
    account = pages.account(site, make.person(site, Role.LEADER))
    pages.add_passkey(account)
    key = second_factors.keys().new()
    account.authenticator_app = AuthenticatorApp(key=key, last_counter=0, created_at=make.NOW)
    site.commit()
    return account


def _of_somebody_with_a_second_factor(site: Session, client: FlaskClient) -> str:
    account = _with_second_factor(site, client)
    _sign_in(site, client, make.person(site, Role.STEWARD))
    return f"/en/stewarding/people/{account.id}"


def _invited(site: Session) -> Any:
    name = make.person(site).name
    invited = Invited(f"{name.replace(' ', '')}@example.org", name, (Role.LEADER,))
    return invitations.invite(site, invited, at=make.NOW)


PAGES: dict[str, Page] = {
    "sign in": lambda _site, _client: "/en/account/sign-in",
    "lost password": lambda _site, _client: "/en/account/password",
    "letter to sign in": lambda _site, _client: "/en/account/letter",
    "sign in by a letter": _letter,
    "new password": _password,
    "the password once more": _mine("verify"),
    "where I am signed in": _mine("sessions"),
    "my name and letters": _mine("profile"),
    "my address": _mine("address"),
    "a link to a new address": _new_address,
    "my password": _mine("new-password"),
    "my data": _mine("data"),
    "leaving": _mine("leaving"),
    "the second step": _second_step("second-step"),
    "a recovery code": _second_step("recovery-code"),
    "a passkey alone": _second_step("passkey"),
    "my second step": _second_factor(""),
    "a new app": _second_factor("/app"),
    "a new passkey": _second_factor("/passkeys"),
    "new recovery codes": _second_factor("/recovery-codes"),
    "new story": _leader("new"),
    "words of a draft": _leader("{}/words"),
    "sending a draft": _leader("{}/submission"),
    "a story that was sent": _leader("{}", State.SUBMITTED),
    "a story to be changed": _leader("{}", State.CHANGES_REQUESTED),
    "suggested changes": _suggestion,
    "words to confirm": _leader("{}/confirmation", State.AWAITING_TELLER),
    "consent": _leader("{}/consent", State.PUBLISHED),
    "withdrawal": _leader("{}/withdrawal", State.PUBLISHED),
    "the queue": _moderator("", State.SUBMITTED),
    "a story to read": _moderator("/stories/{}", State.SUBMITTED),
    "a story in review": _moderator("/stories/{}", State.IN_REVIEW),
    "a story that waits for its teller": _moderator("/stories/{}", State.AWAITING_TELLER),
    "an approved story": _moderator("/stories/{}", State.APPROVED),
    "a published story": _moderator("/stories/{}", State.PUBLISHED),
    "an archived story": _moderator("/stories/{}", State.PUBLISHED, editorial.archive),
    "suggested words": _moderator("/stories/{}/words", State.IN_REVIEW),
    "a story with words beside it": _words_beside,
    "a correction": _moderator("/stories/{}/correction", State.PUBLISHED),
    "new guide": _educator("new"),
    "a guide's words": _educator("{}/wording"),
    "a guide to publish": _educator("{}"),
    "a public guide": _educator("{}", public=True),
    "new theme": _steward("themes/new"),
    "a theme": _steward("themes/{theme}"),
    "new organisation": _steward("organisations/new"),
    "an organisation": _steward("organisations/{organisation}"),
    "people": _steward("people"),
    "an invited person": _account(is_closed=False),
    "a person with a second step": _of_somebody_with_a_second_factor,
    "letters that did not arrive": _letters,
    "a closed account": _account(is_closed=True),
    "the security log": _events,
}


@dataclass(frozen=True)
class Field:
    """A control with a name: `kind` is its type, or its tag; `token` its autocomplete."""

    name: str
    kind: str
    value: str
    token: str | None = None

    @property
    def is_written(self) -> bool:
        """Whether a person types into it."""
        return self.kind in {"text", "email", "password", "search", "textarea"}


@dataclass
class SentForm:
    """A form that is posted: where to, and its controls. Of several buttons, a browser sends the first on Enter."""

    action: str
    fields: list[Field] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self, page: str, address: str) -> None:
        super().__init__()
        self.forms: list[SentForm] = []
        self._address = address
        self._open = False
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = given.get("method") == "post"
            if self._open:
                self.forms.append(SentForm(given.get("action") or self._address))
        elif self._open:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option":
            self._offer(Field(self._select, "select", value), is_chosen="selected" in given)
        elif tag == "button" and name and all(other.kind != "button" for other in self.forms[-1].fields):
            self.forms[-1].fields.append(Field(name, "button", value))
        elif tag in {"input", "textarea"} and name and "readonly" not in given:
            control = Field(
                name, given.get("type", "text") if tag == "input" else tag, value, given.get("autocomplete")
            )
            self._offer(control, is_chosen="checked" in given)

    def _offer(self, control: Field, *, is_chosen: bool) -> None:
        """Add a control; of options and radio buttons the one that is chosen, or else the first."""
        fields = self.forms[-1].fields
        if control.kind in {"select", "radio"} and any(other.name == control.name for other in fields):
            if not is_chosen:
                return
            fields[:] = [other for other in fields if other.name != control.name]
        fields.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


def forms(page: str, address: str) -> list[SentForm]:
    """The forms of a page that are posted, but for the one in the corner that signs out."""
    return [form for form in _Forms(page, address).forms if not form.action.endswith("/sign-out")]
