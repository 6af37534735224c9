"""Stories: what readers may see, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from stories.models import Naming, OldAddress, Organisation, Person, Revision, Story, Submission, Theme
from stories.models.stories import revision_themes
from stories.queries.pagination import Page, paginate
from stories.text import languages, old_addresses, prose, slugs
from stories.workflow import State, Visibility

IS_PUBLIC: ColumnElement[bool] = and_(
    Story.visibility == Visibility.PUBLIC, Story.consented, Story.published_revision_id.is_not(None)
)


SHOWN = (
    joinedload(Story.published_revision).joinedload(Revision.organisation),
    joinedload(Story.published_revision).selectinload(Revision.themes),
)


@dataclass(frozen=True)
class StoryFilter:
    """Which public stories to list; empty values ask for nothing in particular."""

    theme: str = ""
    organisation: str = ""
    language: str = ""


def public(wanted: StoryFilter) -> Select[Story]:
    """The public stories that are wanted, in no order, to be loaded or counted."""
    query = select(Story).where(IS_PUBLIC)
    if wanted.theme:
        with_theme = select(revision_themes.c.revision_id).join(Theme).where(Theme.slug == wanted.theme)
        query = query.where(Story.published_revision_id.in_(with_theme))
    if wanted.organisation:
        of = select(Revision.id).join(Organisation).where(Organisation.slug == wanted.organisation)
        query = query.where(Story.published_revision_id.in_(of))
    if wanted.language:
        query = query.where(Story.language.in_(languages.family(wanted.language)))
    return query


def public_stories(
    session: Session, wanted: StoryFilter | None = None, *, number: int = 1, size: int = 20
) -> Page[Story]:
    """Public stories, the newest first."""
    query = public(wanted or StoryFilter()).options(*SHOWN).order_by(Story.published_at.desc(), Story.id.desc())
    return paginate(session, query, number=number, size=size)


def public_stories_by_id(session: Session, ids: Iterable[int]) -> dict[int, Story]:
    """Those of `ids` that are public now, by id: the check that nothing withdrawn is served from the index."""
    query = select(Story).where(Story.id.in_(list(ids)), IS_PUBLIC).options(*SHOWN)
    return {story.id: story for story in session.scalars(query)}


def public_translations(session: Session, roots: Iterable[int]) -> dict[int, list[Story]]:
    """For each root id the public stories of its family (the original and its translations), by language."""
    wanted = list(roots)
    family = or_(Story.id.in_(wanted), Story.original_id.in_(wanted))
    relatives: dict[int, list[Story]] = {root: [] for root in wanted}
    query = select(Story).where(family, IS_PUBLIC).options(*SHOWN).order_by(Story.language, Story.id)
    for story in session.scalars(query):
        relatives[story.root_id].append(story)
    return relatives


def public_languages_by_root(session: Session, roots: Iterable[int]) -> dict[int, list[str]]:
    """For each root id the languages in which its family can be read, without loading a word of them."""
    wanted = list(roots)
    root = func.coalesce(Story.original_id, Story.id)
    found: dict[int, list[str]] = {number: [] for number in wanted}
    query = select(root, Story.language).where(
        or_(Story.id.in_(wanted), Story.original_id.in_(wanted)), IS_PUBLIC
    )  # fmt: skip
    for number, language in session.execute(query.order_by(Story.language)):
        found[number].append(language)
    return found


def story_at(session: Session, slug: str) -> Story | None:
    """The story with this address, whatever its standing. One whose words were destroyed keeps the random part."""
    query = select(Story).where(Story.slug.in_([slug, slugs.random_part(slug)])).options(*SHOWN)
    return next(iter(session.scalars(query)), None)


def story_at_old_address(session: Session, address: str) -> Story | None:
    """The story that stood at `address` on the site it came from, whatever its standing.

    None where its teller was named once and is not any more: what an old address shows must not name them again.
    """
    for form in old_addresses.asked_for(address):
        known = OldAddress.address.in_([form, old_addresses.without_words(form)])
        story = session.scalar(select(Story).join(OldAddress).where(known).options(*SHOWN))
        if story is not None:
            return None if _became_anonymous(session, story) else story
    return None


def _became_anonymous(session: Session, story: Story) -> bool:
    shown = story.published_revision or story.own_revision
    named = select(Revision.id).where(Revision.story_id == story.id, Revision.teller_naming != Naming.ANONYMOUS)
    return shown.teller_naming is Naming.ANONYMOUS and session.scalar(named.limit(1)) is not None


def story_with_id(session: Session, story_id: int) -> Story | None:
    """The story with this number, whatever its standing."""
    return session.get(Story, story_id)


def public_languages(session: Session) -> dict[str, int]:
    """How many public stories there are in each (folded) language."""
    counts: dict[str, int] = {}
    for tag, count in session.execute(select(Story.language, func.count()).where(IS_PUBLIC).group_by(Story.language)):
        counts[languages.folded(tag)] = counts.get(languages.folded(tag), 0) + count
    return counts


def stories_of(session: Session, person: Person, *, number: int = 1, size: int = 12) -> Page[Story]:
    """What `person` tells or sent in: first what waits for them, each part with the last changed first."""
    mine = or_(Story.submitter_id == person.id, Story.teller_id == person.id)
    words = selectinload(Story.submissions).joinedload(Submission.revision).defer(Revision.body)
    in_order = (_waits_for(person).desc(), Story.changed_at.desc(), Story.id.desc())
    query = select(Story).where(mine).options(words).order_by(*in_order)
    return paginate(session, query, number=number, size=size)


def _waits_for(person: Person) -> ColumnElement[bool]:
    """Whether the next step on a story of theirs is this person's: to write, to answer, or to say yes again."""
    speaks = func.coalesce(Story.teller_id, Story.submitter_id) == person.id
    to_write = Submission.state.in_([State.DRAFT, State.CHANGES_REQUESTED])
    to_confirm = and_(Submission.state == State.AWAITING_TELLER, speaks)
    is_open = Submission.state.in_([state for state in State if state.is_open])
    is_hidden = and_(Story.visibility.in_([seen for seen in Visibility if seen.is_readable]), ~Story.consented)
    return or_(Story.submissions.any(or_(to_write, to_confirm)), and_(is_hidden, ~Story.submissions.any(is_open)))


def story_from(session: Session, source_id: str, person: Person) -> Story | None:
    """What `person` sent in from this source, whatever its language."""
    query = select(Story).where(Story.source_id == prose.plain(source_id), Story.submitter_id == person.id)
    return session.scalars(query.order_by(Story.id)).first()


def due_for_publication(session: Session, at: datetime) -> list[Story]:
    """Stories whose approved words may be shown now."""
    due = or_(Submission.publish_at.is_(None), Submission.publish_at <= at)
    query = select(Story).join(Submission).where(Submission.state == State.APPROVED, due, Story.consented)
    return list(session.scalars(query.order_by(Submission.publish_at, Submission.id)))


def stories_with_visibility(
    session: Session, visibility: Visibility, *, number: int = 1, size: int = 50
) -> Page[Story]:
    """Stories of one visibility, for moderators, the last changed first."""
    query = select(Story).where(Story.visibility == visibility).options(*SHOWN).order_by(Story.changed_at.desc())
    return paginate(session, query, number=number, size=size)
