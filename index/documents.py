"""From a row of the database to what the index holds of it; from what is not public, nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from index.entries import Document
from stories.models import Guide, Organisation, Phase, Revision, Step, Story, Theme
from stories.queries import IS_PUBLIC
from stories.text import languages, prose

LENGTHS = {"short": 3, "medium": 10}  # the most minutes of reading; what takes longer is "long"
MINUTES = (15, 30, 45, 60, 90)  # the most minutes of a guide; what takes longer is "more"
SIZES = {"pair": (1, 2), "small": (3, 8), "medium": (9, 20), "large": (21, 10**9)}  # people in a group
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


# --- which rows


def documents(session: Session, kind: str, ids: Iterable[int] | None = None) -> Iterator[Document]:
    """The documents of the public subjects of a kind ("story", "guide"): of these ids, or of all, as they are now."""
    model, query, made = _KINDS[kind]
    if ids is not None:
        query = query.where(model.id.in_(list(ids)))
    rows = session.scalars(query.execution_options(populate_existing=True, yield_per=100))
    return map(made, rows)


def batches(session: Session, kind: str, size: int) -> Iterator[list[Document]]:
    """All documents of a kind in the order of their numbers, so many at a time, each batch in a query of its own.

    The session's transaction may end in between.
    """
    model, query, made = _KINDS[kind]
    last = 0
    while True:
        rows = session.scalars(query.where(model.id > last).limit(size).execution_options(populate_existing=True)).all()
        if not rows:
            return
        last = rows[-1].id
        yield [made(row) for row in rows]


def public_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of the keys whose subjects are public now."""
    found: set[str] = set()
    for kind, (model, _, _) in _KINDS.items():
        ids = [number for other, number in map(subject, keys) if other == kind]
        number = select(model.id).where(_PUBLIC[kind], model.id.in_(ids))
        found |= {key(kind, row) for row in session.scalars(number)}
    return found


def key(kind: str, subject_id: int) -> str:
    """The key of a subject's entry."""
    return f"{kind}:{subject_id}"


def subject(key: str) -> tuple[str, int]:
    """The kind and the number in a key: "story:12" is ("story", 12)."""
    kind, _, number = key.partition(":")
    return kind, int(number)


_PUBLIC = {"story": IS_PUBLIC, "guide": Guide.published_at.is_not(None)}
_STORIES: Select[Any] = (
    select(Story)
    .where(_PUBLIC["story"])
    .options(joinedload(Story.published_revision).options(
        joinedload(Revision.organisation), selectinload(Revision.themes)
    ))
    .order_by(Story.id)
)  # fmt: skip
_GUIDES: Select[Any] = (
    select(Guide)
    .where(_PUBLIC["guide"])
    .options(
        selectinload(Guide.themes),
        selectinload(Guide.phases).selectinload(Phase.steps).selectinload(Step.prompts),
    )
    .order_by(Guide.id)
)


# --- a story


def _of_story(story: Story) -> Document:
    revision = story.published_revision
    assert revision is not None, "only public stories come here"  # noqa: S101 - says so to the type checker
    names = _names(revision.themes, revision.organisation, story.language)
    known = [revision.place, revision.shown_name, *names]
    return Document(
        key=key("story", story.id),
        group=key("story", story.root_id),
        language=story.language,
        title=revision.title,
        texts=[*_texts(revision), *known],
        names=[revision.title, *known],
        facets=_story_facets(story, revision),
        numbers=_story_numbers(story, revision),
    )


def _texts(revision: Revision) -> list[str]:
    lists = (revision.pull_quotes, revision.takeaways, revision.prompts)
    body = prose.text_of(revision.body)
    return [
        revision.introduction,
        body,
        *(text for texts in lists for text in texts),
        revision.attribution,
        revision.time,
    ]


def _names(themes: Sequence[Theme], organisation: Organisation | None, language: str) -> list[str]:
    known: list[Theme | Organisation] = [*themes, *([organisation] if organisation is not None else [])]
    return [name for each in known for name in dict.fromkeys((each.name_in(language), each.name))]


def _story_facets(story: Story, revision: Revision) -> dict[str, Sequence[str]]:
    return {
        "kind": ["story"],
        "language": [languages.folded(story.language)],
        "tag": [story.language],
        "theme": [theme.slug for theme in revision.themes],
        "organisation": [revision.organisation.slug] if revision.organisation else [],
        "place": [revision.place] if revision.place else [],
        "decade": decades(revision.time),
        "format": ["text"],
        "length": [length(revision.reading_minutes)],
        "content_note": ["yes" if revision.content_note else "no"],
        "sample": ["yes"] if story.is_sample else [],
    }


def _story_numbers(story: Story, revision: Revision) -> dict[str, int]:
    published = {"published": int(story.published_at.timestamp())} if story.published_at else {}
    return {"reading_minutes": revision.reading_minutes, **published}


def decades(time: str) -> list[str]:
    """The decades of the years in a time as a teller says it, in any script's digits: "summer of 1974" is 1970s."""
    ascii_digits = "".join(str(unicodedata.digit(sign, sign)) for sign in time)
    return sorted({f"{year.group()[:3]}0s" for year in _YEAR.finditer(ascii_digits)})


def length(minutes: int) -> str:
    """How long a story is, as readers choose it."""
    return next((name for name, most in LENGTHS.items() if minutes <= most), "long")


# --- a guide


def _of_guide(guide: Guide) -> Document:
    names = _names(guide.themes, None, guide.language)
    return Document(
        key=key("guide", guide.id),
        group=key("guide", guide.root_id),
        language=guide.language,
        title=guide.title,
        texts=[text for text in (*_guide_texts(guide), *names) if text],
        names=[guide.title, *names],
        facets=_guide_facets(guide),
        numbers={"reading_minutes": guide.minutes, "published": int(guide.published_at.timestamp())}
        if guide.published_at
        else {},
    )


def _guide_texts(guide: Guide) -> Iterator[str]:
    yield from (guide.about, guide.essential_question, guide.content_note, guide.help_note, guide.credits)
    yield from (*guide.objectives, *guide.preparation, *guide.agreements, *guide.materials)
    for phase in guide.phases:
        yield from (phase.title, phase.about)
        for step in phase.steps:
            yield from (step.title, step.instruction, step.tip, *(prompt.text for prompt in step.prompts))


def _guide_facets(guide: Guide) -> dict[str, Sequence[str]]:
    return {
        "kind": ["guide"],
        "language": [languages.folded(guide.language)],
        "tag": [guide.language],
        "theme": [theme.slug for theme in guide.themes],
        "audience": guide.audiences,
        "setting": guide.settings,
        "grade_band": guide.grade_bands,
        "minutes": [next((str(most) for most in MINUTES if guide.minutes <= most), "more")],
        "group_size": _sizes(guide.group_min, guide.group_max),
        "content_note": ["yes" if guide.content_note else "no"],
        "sample": ["yes"] if guide.is_sample else [],
    }


def _sizes(least: int | None, most: int | None) -> list[str]:
    if least is None and most is None:
        return []
    return [name for name, (low, high) in SIZES.items() if (least or 1) <= high and (most or 10**9) >= low]


_KINDS: dict[str, tuple[type[Story | Guide], Select[Any], Callable[[Any], Document]]] = {
    "story": (Story, _STORIES, _of_story),
    "guide": (Guide, _GUIDES, _of_guide),
}
