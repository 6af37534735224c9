"""Stories: what readers may see, and what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload, undefer

from stories.models import Naming, OldAddress, Organisation, Person, Revision, Story, Submission, Theme
from stories.models.stories import revision_themes
from stories.queries.pagination import Page, Wanted, count_rows, paginate
from stories.text import languages, old_addresses, prose, slugs
from stories.workflow import State, Visibility

IS_PUBLIC: ColumnElement[bool] = and_(
    Story.visibility == Visibility.PUBLIC, Story.consented, Story.published_revision_id.is_not(None)
)


SHOWN = (
    joinedload(Story.published_revision).joinedload(Revision.organisation),
    joinedload(Story.published_revision).selectinload(Revision.themes),
)


# What a list shows of a story: of a body no more than its beginning, and that only where there is no introduction.
LISTED = (
    load_only(Story.slug, Story.language, Story.original_id, Story.published_at, Story.published_revision_id),
    joinedload(Story.published_revision).options(
        load_only(
            Revision.title, Revision.teller_naming, Revision.teller_name, Revision.introduction, Revision.content_note,
            Revision.reading_minutes, Revision.pull_quotes, Revision.organisation_id,
        ),
        undefer(Revision.body_start),
        joinedload(Revision.organisation),
    ),
)  # fmt: skip
WITH_THEMES = (joinedload(Story.published_revision).selectinload(Revision.themes),)


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
        theme = select(Theme.id).where(Theme.slug == wanted.theme).scalar_subquery()
        shown = revision_themes.c.revision_id == Story.published_revision_id
        query = query.where(exists().where(shown, revision_themes.c.theme_id == theme))
    if wanted.organisation:
        of = select(Revision.id).join(Organisation).where(Organisation.slug == wanted.organisation)
        query = query.where(Story.published_revision_id.in_(of))
    if wanted.language:
        query = query.where(Story.language.in_(languages.family(wanted.language)))
    return query


def public_stories(
    session: Session,
    wanted: StoryFilter | None = None,
    *,
    number: int = 1,
    size: int = 20,
    total: int | None = None,
    with_themes: bool = False,
) -> Page[Story]:
    """Public stories as lists show them, the newest first; `total`: how many there are, where it is known."""
    newest_first = (Story.published_at.desc(), Story.id.desc())
    options = (*LISTED, *WITH_THEMES) if with_themes else LISTED
    return paginate(session, public(wanted or StoryFilter()), newest_first, options, Wanted(number, size, total))


def newest_stories(session: Session, wanted: StoryFilter, limit: int) -> Sequence[Story]:
    """The newest public stories of those that are wanted, as lists show them."""
    return public_stories(session, wanted, size=limit, total=limit).rows


def count_public(session: Session, wanted: StoryFilter) -> int:
    """How many public stories there are of those that are wanted."""
    return count_rows(session, public(wanted))


def public_stories_by_id(session: Session, ids: Iterable[int]) -> dict[int, Story]:
    """Those of `ids` that are public now, by id: the check that nothing withdrawn is served from the index."""
    query = select(Story).where(Story.id.in_(list(ids)), IS_PUBLIC).options(*SHOWN)
    return {story.id: story for story in session.scalars(query)}


_FACTS = (
    select(Story.id, Revision.teller_naming, Revision.teller_name, Revision.reading_minutes)
    .join(Revision, Story.published_revision_id == Revision.id)
    .where(Story.id.in_(bindparam("ids", expanding=True)), IS_PUBLIC)
)


def tellers_and_minutes(session: Session, ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Of those of `ids` that are public now, by id: the name that readers see, and how long they read."""
    return {
        number: ("" if naming is Naming.ANONYMOUS else name, minutes)
        for number, naming, name, minutes in session.execute(_FACTS, {"ids": list(ids)})
    }


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
    asked = {"slug": slug, "bare": slugs.random_part(slug)}
    return session.scalars(_AT_SLUG, asked).first()


_AT_SLUG = select(Story).where(Story.slug.in_([bindparam("slug"), bindparam("bare")])).options(*SHOWN)


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
    return paginate(session, select(Story).where(mine), in_order, [words], Wanted(number, size))


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
    query = select(Story).where(Story.visibility == visibility)
    last_changed_first = (Story.changed_at.desc(), Story.id.desc())
    title = joinedload(Story.published_revision).load_only(Revision.title)
    return paginate(session, query, last_changed_first, [title], Wanted(number, size))
