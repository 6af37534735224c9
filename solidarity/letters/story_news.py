"""The letters that tell an author what happened to a story, and moderators that one waits; never its words."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from solidarity.letters import transport
from solidarity.web.db import session
from stories.models import Person, Story
from stories.queries import review_queue
from stories.text.languages import interface_tag
from stories.workflow import Verb

NEWS = "letters/news.txt"
WAITING = "letters/waiting.txt"


class News(NamedTuple):
    """What a letter says of a step; `is_public`: it leads to the story's page, else to the author's desk."""

    subject: Any
    text: Any
    is_public: bool = False


_NEWS: dict[Verb, News] = {
    Verb.PUBLISH: News(
        _l("Your story is published"),
        _l("A moderator has read your story and approved it. Everybody can read it now:"),
        is_public=True,
    ),
    Verb.APPROVE: News(
        _l("Your story is approved"),
        _l("A moderator has read your story and approved it. When it will be published stands on your desk:"),
    ),
    Verb.REQUEST_CHANGES: News(
        _l("A moderator asks for changes to your story"),
        _l("A moderator has read your story and asks for changes. What they wrote to you waits on your desk:"),
    ),
    Verb.DECLINE: News(
        _l("Your story was not taken"),
        _l("A moderator has read your story and decided that it does not fit here. Their reason is on your desk:"),
    ),
    Verb.ASK_TELLER: News(
        _l("Please look at the words of your story"),
        _l(
            "A moderator has a question about the words of your story. Nothing is published before you say yes to them:"
        ),
    ),
    Verb.CORRECT: News(
        _l("A correction to your story is proposed"),
        _l("A moderator proposes a correction. Readers go on seeing your words until you say yes to the new ones:"),
    ),
    Verb.ARCHIVE: News(
        _l("Your story was archived"),
        _l("A moderator took your story out of the lists and the search; its page can still be read. The reason:"),
    ),
    Verb.RESTORE: News(
        _l("Your story is shown to readers again"),
        _l("A moderator put your story back. Everybody can read it now:"),
        is_public=True,
    ),
    Verb.UNPUBLISH: News(
        _l("Your story was taken down"),
        _l("A moderator took your story down, so that readers do not see it now. The reason stands on your desk:"),
    ),
}


def tell(story: Story, verb: Verb, *, by: Person | None) -> None:
    """Write to the teller and to whoever sent the story in, as far as they have accounts and did not do it themselves.

    A step that makes no news makes no letter. The letters wait in the outbox, in the caller's transaction.
    """
    news = _NEWS.get(verb)
    if news is None:
        return
    people = {person.id: person for person in (story.teller, story.submitter) if person not in (None, by)}
    for person in people.values():
        if (account := transport.account_of(person)) is not None:
            transport.send(account, NEWS, news=news, link=_where(story, news, account))


def tell_moderators(story: Story, *, at: datetime) -> None:
    """Tell the moderators who want it that a story, sent at `at`, waits: each at most once an hour."""
    for person in review_queue.moderators_to_tell(session(), story, at):
        account = transport.account_of(person)
        if account is not None and account.password and account.queue_letters:
            transport.send(account, WAITING, link=transport.link(account, "moderating.queue"))


def _where(story: Story, news: News, account: Any) -> str:
    if news.is_public:
        return transport.link(account, "reading.story", slug=story.slug, locale=interface_tag(story.language))
    return transport.link(account, "submitting.story", story_id=story.id)
