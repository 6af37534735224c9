"""From a row of the database to what the index holds of it; from what is not public, nothing."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from index import weights
from index.engines.base import Entry
from stories.models import Guide, Organisation, Phase, Revision, Step, Story, Theme
from stories.queries import IS_PUBLIC
from stories.text import languages, prose

VERSION = 4  # raise it when words are cut or entries made in another way: every entry then counts as changed

LENGTHS = {"short": 3, "medium": 10}  # the most minutes of reading; what takes longer is "long"
MINUTES = (15, 30, 45, 60, 90)  # the most minutes of a guide; what takes longer is "more"
SIZES = {"pair": (1, 2), "small": (3, 8), "medium": (9, 20), "large": (21, 10**9)}  # people in a group
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Document:
    """The public words and properties of one story or guide, before they are analysed."""

    key: str
    group: str
    language: str
    title: str
    texts: Sequence[str]
    names: Sequence[str]
    facets: dict[str, Sequence[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A hash of everything that is indexed and of the way it is."""
        everything = [VERSION, *(getattr(self, name) for name in self.__dataclass_fields__)]
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()[:20]

    def entry(self) -> Entry:
        """The document analysed."""
        return Entry(
            key=self.key,
            group=self.group,
            fingerprint=self.fingerprint,
            words=weights.words(self.title, self.texts, self.language),
            names=weights.names(self.names, self.language),
            facets={name: tuple(values) for name, values in self.facets.items() if values},
            numbers=self.numbers,
        )


# --- which rows


def documents(session: Session, kind: str, ids: Iterable[int] | None = None) -> Iterator[Document]:
    """The documents of the public subjects of a kind ("story", "guide"): of these ids, or of all, as they are now."""
    model, query, made = _KINDS[kind]
    if ids is not None:
        query = query.where(model.id.in_(list(ids)))
    rows = session.scalars(query.execution_options(populate_existing=True, yield_per=200))
    return map(made, rows)


def key(kind: str, subject_id: int) -> str:
    """The key of a subject's entry."""
    return f"{kind}:{subject_id}"


def subject(key: str) -> tuple[str, int]:
    """The kind and the number in a key: "story:12" is ("story", 12)."""
    kind, _, number = key.partition(":")
    return kind, int(number)


_STORIES: Select[Any] = (
    select(Story)
    .where(IS_PUBLIC)
    .options(joinedload(Story.published_revision).options(
        joinedload(Revision.organisation), selectinload(Revision.themes)
    ))
    .order_by(Story.id)
)  # fmt: skip
_GUIDES: Select[Any] = (
    select(Guide)
    .where(Guide.published_at.is_not(None))
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
