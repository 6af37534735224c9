"""The questions the website asks: each function is named as what it returns. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from stories import languages, slugs
from stories.models import Guide, GuideStory, Organisation, Person, Revision, Story, Submission, Theme
from stories.models.guides import Phase, Step
from stories.models.stories import revision_themes
from stories.workflow import State, Visibility

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a longer list; pages count from 1. A page past the end has no rows."""

    rows: Sequence[Row]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))


def _page(session: Session, query: Select[Any], *, number: int, size: int) -> Page[Any]:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    past_the_end = (number - 1) * size >= total
    rows = [] if past_the_end else session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(rows, total, number, size)


# --- what readers may see

IS_PUBLIC: ColumnElement[bool] = and_(
    Story.visibility == Visibility.PUBLIC, Story.consented, Story.published_revision_id.is_not(None)
)
_SHOWN = (
    joinedload(Story.published_revision).joinedload(Revision.organisation),
    joinedload(Story.published_revision).selectinload(Revision.themes),
)


@dataclass(frozen=True)
class Wanted:
    """Which public stories to list; empty values ask for nothing in particular."""

    theme: str = ""
    organisation: str = ""
    language: str = ""


def public(wanted: Wanted) -> Select[Story]:
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


def public_stories(session: Session, wanted: Wanted | None = None, *, number: int = 1, size: int = 20) -> Page[Story]:
    """Public stories, the newest first."""
    query = public(wanted or Wanted()).options(*_SHOWN).order_by(Story.published_at.desc(), Story.id.desc())
    return _page(session, query, number=number, size=size)


def public_among(session: Session, ids: Iterable[int]) -> dict[int, Story]:
    """Those of `ids` that are public now, by id: the check that nothing withdrawn is served from the index."""
    query = select(Story).where(Story.id.in_(list(ids)), IS_PUBLIC).options(*_SHOWN)
    return {story.id: story for story in session.scalars(query)}


def public_relatives(session: Session, roots: Iterable[int]) -> dict[int, list[Story]]:
    """For each root id the public stories of its family (the original and its translations), by language."""
    wanted = list(roots)
    family = or_(Story.id.in_(wanted), Story.original_id.in_(wanted))
    relatives: dict[int, list[Story]] = {root: [] for root in wanted}
    query = select(Story).where(family, IS_PUBLIC).options(*_SHOWN).order_by(Story.language, Story.id)
    for story in session.scalars(query):
        relatives[story.root_id].append(story)
    return relatives


def public_tongues(session: Session, roots: Iterable[int]) -> dict[int, list[str]]:
    """For each root id the languages in which its family can be read, without loading a word of them."""
    wanted = list(roots)
    root = func.coalesce(Story.original_id, Story.id)
    tongues: dict[int, list[str]] = {number: [] for number in wanted}
    query = select(root, Story.language).where(
        or_(Story.id.in_(wanted), Story.original_id.in_(wanted)), IS_PUBLIC
    )  # fmt: skip
    for number, language in session.execute(query.order_by(Story.language)):
        tongues[number].append(language)
    return tongues


def public_addresses(session: Session, limit: int) -> list[tuple[int, str, str, datetime]]:
    """Of the newest `limit` public stories: root id of the family, slug, language, and when the words were written."""
    query = (
        public(Wanted())
        .join(Revision, Story.published_revision_id == Revision.id)
        .with_only_columns(
            func.coalesce(Story.original_id, Story.id), Story.slug, Story.language, Revision.written_at,
            maintain_column_froms=True,
        )
        .order_by(Story.published_at.desc(), Story.id.desc())
    )  # fmt: skip
    return [(root, slug, language, at) for root, slug, language, at in session.execute(query.limit(limit))]


def story_at(session: Session, slug: str) -> Story | None:
    """The story with this address, whatever its standing. One whose words were destroyed keeps the random part."""
    query = select(Story).where(Story.slug.in_([slug, slugs.random_part(slug)])).options(*_SHOWN)
    return next(iter(session.scalars(query)), None)


def story_with_id(session: Session, story_id: int) -> Story | None:
    """The story with this number, whatever its standing."""
    return session.get(Story, story_id)


def public_languages(session: Session) -> dict[str, int]:
    """How many public stories there are in each (folded) language."""
    counts: dict[str, int] = {}
    for tag, count in session.execute(select(Story.language, func.count()).where(IS_PUBLIC).group_by(Story.language)):
        counts[languages.folded(tag)] = counts.get(languages.folded(tag), 0) + count
    return counts


def themes_with_counts(session: Session) -> list[tuple[Theme, int]]:
    """Every theme with its number of public stories, by name."""
    joined = (
        select(revision_themes.c.theme_id, func.count().label("stories"))
        .join(Story, Story.published_revision_id == revision_themes.c.revision_id)
        .where(IS_PUBLIC)
        .group_by(revision_themes.c.theme_id)
        .subquery()
    )
    query = select(Theme, func.coalesce(joined.c.stories, 0)).outerjoin(joined).order_by(Theme.name)
    return [(theme, count) for theme, count in session.execute(query)]


def organisations_with_counts(session: Session) -> list[tuple[Organisation, int]]:
    """Every organisation with its number of public stories, by name."""
    joined = (
        select(Revision.organisation_id, func.count().label("stories"))
        .join(Story, Story.published_revision_id == Revision.id)
        .where(IS_PUBLIC, Revision.organisation_id.is_not(None))
        .group_by(Revision.organisation_id)
        .subquery()
    )
    query = (
        select(Organisation, func.coalesce(joined.c.stories, 0))
        .outerjoin(joined, joined.c.organisation_id == Organisation.id)
        .order_by(Organisation.name)
    )
    return [(organisation, count) for organisation, count in session.execute(query)]


def theme_at(session: Session, slug: str) -> Theme | None:
    """The theme with this address."""
    return session.scalar(select(Theme).where(Theme.slug == slug))


def organisation_at(session: Session, slug: str) -> Organisation | None:
    """The organisation with this address."""
    return session.scalar(select(Organisation).where(Organisation.slug == slug))


def shows_samples(session: Session) -> bool:
    """Whether readers can find stories that were made up to show the site."""
    sample = select(Story.id).where(Story.is_sample, Story.visibility == Visibility.PUBLIC).limit(1)
    return session.scalar(sample) is not None


def public_count(session: Session) -> int:
    """How many stories and guides are public."""
    stories = session.scalar(select(func.count()).select_from(Story).where(IS_PUBLIC)) or 0
    return stories + (
        session.scalar(select(func.count()).select_from(Guide).where(Guide.published_at.is_not(None))) or 0
    )


# --- the desks


def stories_of(session: Session, person: Person, *, number: int = 1, size: int = 12) -> Page[Story]:
    """What `person` tells or sent in: first what waits for them, each part with the last changed first."""
    mine = or_(Story.submitter_id == person.id, Story.teller_id == person.id)
    words = selectinload(Story.submissions).joinedload(Submission.revision).defer(Revision.body)
    in_order = (_waits_for(person).desc(), Story.changed_at.desc(), Story.id.desc())
    query = select(Story).where(mine).options(words).order_by(*in_order)
    return _page(session, query, number=number, size=size)


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
    query = select(Story).where(Story.source_id == source_id, Story.submitter_id == person.id)
    return session.scalars(query.order_by(Story.id)).first()


def due_for_publication(session: Session, at: datetime) -> list[Story]:
    """Stories whose approved words may be shown now."""
    due = or_(Submission.publish_at.is_(None), Submission.publish_at <= at)
    query = select(Story).join(Submission).where(Submission.state == State.APPROVED, due, Story.consented)
    return list(session.scalars(query.order_by(Submission.publish_at, Submission.id)))


def stories_seen_by_readers(
    session: Session, visibility: Visibility, *, number: int = 1, size: int = 50
) -> Page[Story]:
    """Stories of one visibility, for moderators, the last changed first."""
    query = select(Story).where(Story.visibility == visibility).options(*_SHOWN).order_by(Story.changed_at.desc())
    return _page(session, query, number=number, size=size)


# --- guides


@dataclass(frozen=True)
class GuideWanted:
    """Which public guides to list. `minutes` is the longest conversation that fits."""

    audience: str = ""
    minutes: int | None = None
    language: str = ""
    theme: str = ""


def public_guides(session: Session, wanted: GuideWanted | None = None) -> list[Guide]:
    """Public guides, the newest first. There are hundreds at most: audiences are compared here, not in SQL."""
    wanted = wanted or GuideWanted()
    query = select(Guide).where(Guide.published_at.is_not(None)).options(selectinload(Guide.themes))
    if wanted.minutes is not None:
        query = query.where(Guide.minutes <= wanted.minutes)
    if wanted.language:
        query = query.where(Guide.language.in_(languages.family(wanted.language)))
    if wanted.theme:
        query = query.where(Guide.themes.any(Theme.slug == wanted.theme))
    guides = session.scalars(query.order_by(Guide.published_at.desc(), Guide.id.desc()))
    return [guide for guide in guides if not wanted.audience or wanted.audience in guide.audiences]


_WHOLE_GUIDE = (
    selectinload(Guide.themes),
    selectinload(Guide.phases).selectinload(Phase.steps).selectinload(Step.prompts),
    selectinload(Guide.anchors).joinedload(GuideStory.story).options(*_SHOWN),
)


def guide_at(session: Session, slug: str) -> Guide | None:
    """The guide with this address, published or not, with its phases and stories."""
    return session.scalar(select(Guide).where(Guide.slug == slug).options(*_WHOLE_GUIDE))


def guide_with_id(session: Session, guide_id: int) -> Guide | None:
    """The guide with this number, with its phases and stories."""
    return session.scalar(select(Guide).where(Guide.id == guide_id).options(*_WHOLE_GUIDE))


def guides_among(session: Session, ids: Iterable[int]) -> dict[int, Guide]:
    """Those of `ids` that are public now, by id."""
    query = select(Guide).where(Guide.id.in_(list(ids)), Guide.published_at.is_not(None))
    return {guide.id: guide for guide in session.scalars(query.options(selectinload(Guide.themes)))}


def guide_relatives(session: Session, roots: Iterable[int]) -> dict[int, list[Guide]]:
    """For each root id the public guides of its family, by language."""
    wanted = list(roots)
    family = or_(Guide.id.in_(wanted), Guide.original_id.in_(wanted))
    relatives: dict[int, list[Guide]] = {root: [] for root in wanted}
    query = select(Guide).where(family, Guide.published_at.is_not(None)).order_by(Guide.language, Guide.id)
    for guide in session.scalars(query):
        relatives[guide.root_id].append(guide)
    return relatives


def guides_of(session: Session, person: Person) -> list[Guide]:
    """What `person` wrote for educators, the last changed first."""
    return list(session.scalars(select(Guide).where(Guide.author_id == person.id).order_by(Guide.changed_at.desc())))


def guide_from(session: Session, source_id: str) -> Guide | None:
    """The guide that was made from this source."""
    return session.scalar(select(Guide).where(Guide.source_id == source_id))


def guides_anchoring(session: Session, story: Story) -> list[Guide]:
    """Public guides that were built around `story` or one of its translations."""
    family = select(Story.id).where(or_(Story.id == story.root_id, Story.original_id == story.root_id))
    around = select(GuideStory.guide_id).where(GuideStory.story_id.in_(family))
    query = select(Guide).where(Guide.id.in_(around), Guide.published_at.is_not(None))
    return list(session.scalars(query.order_by(Guide.title, Guide.id)))
