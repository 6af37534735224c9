"""Reads a record as one story: every field of the right kind, in one form, or a reason why not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from stories.errors import Refused
from stories.importing import answers, bodies, dates, front_matter
from stories.importing.answers import Answer
from stories.importing.columns import TEXT_FIELDS, WORD_LISTS, Columns
from stories.importing.records import BadLine, BodyFormat, Record
from stories.text import languages, limits, prose
from stories.text.languages import STORY_LANGUAGES
from stories.text.plain_text import composed


class Way(StrEnum):
    """As what stories come in."""

    PUBLISHED = "published"  # at once, on the strength of the consent that the file records
    SUBMISSIONS = "submissions"  # into the moderators' queue; without a consent, as drafts of their owner


# What stories need that come in published and licensed, as JSON Lines always did.
REQUIRED = ("source_id", "language", "title", "body", "attribution", "licence")
OPTIONAL = ("introduction", "teller_name", "content_note", "place", "time")
_WORDS = ("title", "attribution", *OPTIONAL)

_LANGUAGE_NAMES = {
    "bangla": "bn", "bengali": "bn", "chinese": "zh", "mandarin": "zh", "cantonese": "zh-Hant",
    "simplified chinese": "zh-Hans", "traditional chinese": "zh-Hant", "english": "en", "hindi": "hi", "khmer": "km",
    "cambodian": "km", "korean": "ko", "tagalog": "tl", "filipino": "tl", "pilipino": "tl", "urdu": "ur",
    "vietnamese": "vi",
}  # fmt: skip
_OWN_NAMES = {language.name.casefold(): tag for tag, language in STORY_LANGUAGES.items()}
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_SEPARATOR = re.compile(r"[,;|\n]")
_LONGEST_ID = 200
_TITLE_FROM_BODY = 60  # graphemes


@dataclass(frozen=True)
class Row:
    """One story of a file. `body` is safe HTML."""

    line: int
    source_id: str
    language: str
    body: str
    texts: Mapping[str, str]  # the other words, by field
    lists: Mapping[str, tuple[str, ...]]
    themes: tuple[str, ...]
    tags: tuple[str, ...]  # themes where there are such already
    organisation: str
    licence: str
    consent: Answer | None
    published_at: datetime | None
    old_addresses: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def read(record: Record, columns: Columns, way: Way, *, at: datetime) -> Row:
    """The story that a record tells of. Raises BadLine."""
    if record.fault:
        raise BadLine(record.fault)
    remarks = list(record.remarks)
    fields = _with_head(columns.fields(record.values), columns)
    texts = {name: _text(fields, name, remarks) for name in TEXT_FIELDS}
    written = _body_format(fields, record)
    body = _body(texts["body"], written)
    _complete(texts, body, way, remarks)
    remarks += bodies.left_behind(texts["body"], written)
    return Row(
        line=record.line,
        source_id=texts["source_id"] or _digest(texts),
        language=_language(texts["language"]),
        body=body,
        texts={name: texts[name] for name in _WORDS},
        lists={name: _entries(fields, name) for name in WORD_LISTS},
        **{name: _names(fields, name) for name in ("themes", "tags")},
        organisation=prose.plain(texts["organisation"]),
        licence=_short(prose.plain(texts["licence"]), "licence", limits.SHORT),
        consent=_consent(fields.get("consent")),
        published_at=dates.read(texts["published_at"].strip(), at) if texts["published_at"].strip() else None,
        old_addresses=_names(fields, "old_address"),
        remarks=tuple(remarks),
    )


def _body(text: str, written: BodyFormat) -> str:
    try:
        return bodies.body(text, written)
    except Refused as refused:
        raise BadLine(str(refused) or type(refused).__name__) from refused


def _with_head(fields: dict[str, Any], columns: Columns) -> dict[str, Any]:
    """The fields with those of a YAML head in the body, where the record itself says nothing."""
    if not isinstance(fields.get("body"), str):
        return fields
    head, text = front_matter.split(fields["body"])
    return {**(columns.fields(head) if head else {}), **fields, "body": text} if head else fields


def _text(fields: Mapping[str, Any], name: str, remarks: list[str]) -> str:
    value = fields.get(name, "")
    if isinstance(value, int) and not isinstance(value, bool) and name in {"time", "source_id", "published_at"}:
        value = str(value)
    if not isinstance(value, str):
        kind = f"{_shown(value)} is no text"
        raise BadLine(f"{name} is missing or empty: {kind}" if name in REQUIRED else f"{name}: {kind}")
    if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        remarks.append(f"{name} holds half a character (a lone surrogate), which was left out")
    return composed(value)


def _shown(value: Any) -> str:
    return json.dumps(value)[:40]


def _complete(texts: dict[str, str], body: str, way: Way, remarks: list[str]) -> None:
    """Hold the texts to what every story needs; a submission without a title is called by its first words."""
    visible = prose.text_of(body)
    texts["source_id"] = _short(prose.plain(texts["source_id"]), "source_id", _LONGEST_ID)
    if not prose.has_visible_text(visible):
        raise BadLine(
            "body is missing or empty: nothing in it can be read" if texts["body"] else "body is missing or empty"
        )
    if way is Way.SUBMISSIONS and not prose.plain(texts["title"]):
        texts["title"] = prose.excerpt(visible.replace("\n", " "), _TITLE_FROM_BODY)
        remarks.append("it has no title and is called by its first words")
    for name in ("language", "title"):
        if not prose.plain(texts[name]):
            raise BadLine(f"{name} is missing or empty")
    for name in ("teller_name", "attribution", "place", "title"):
        if _EMAIL.fullmatch(texts[name].strip()):
            raise BadLine(f"{name} is an e-mail address, which readers would see")


def _short(text: str, name: str, limit: int) -> str:
    if len(text) > limit:
        raise BadLine(f"{name} is too long: {len(text)} characters, where {limit} fit")
    return text


def _digest(texts: Mapping[str, str]) -> str:
    """What stands for a source that was not given: the same words again are the same story."""
    words = json.dumps([prose.plain(texts["title"]), prose.plain(texts["body"])], ensure_ascii=False)
    return f"words-{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _language(said: str) -> str:
    """The tag of a language, however it is named: `en-US`, "Tagalog / Filipino", "Tiếng Việt"."""
    tidy = prose.plain(said)
    names = [prose.plain(part).casefold() for part in re.split(r"[/()]", tidy)]
    tags = {_LANGUAGE_NAMES.get(name) or _OWN_NAMES.get(name) or languages.match(name) for name in names if name}
    tag = languages.match(tidy) or (tags.pop() if len(tags) == 1 else None)
    if tag is None:
        raise BadLine(f"language {tidy[:20]!r} is not one of {', '.join(STORY_LANGUAGES)}")
    return tag


def _body_format(fields: Mapping[str, Any], record: Record) -> BodyFormat:
    said = fields.get("body_format") or record.body_format
    try:
        return BodyFormat(str(said).strip().lower())
    except ValueError:
        raise BadLine(f"body_format {str(said)[:20]!r} is not one of {', '.join(BodyFormat)}") from None


def _entries(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Sentences: a list, or a text with one on each line."""
    value = fields.get(name) or []
    entries = value.splitlines() if isinstance(value, str) else value
    return _strings(entries, name)


def _names(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Names or addresses: a list, or a text in which commas, semicolons, bars or line breaks part them."""
    value = fields.get(name) or []
    entries = [value] if isinstance(value, str) else value
    parted = re.compile(r"\s+") if name == "old_address" else _SEPARATOR
    strings = [
        part for entry in _strings(entries, name) for part in (parted.split(entry) if _parts(value, name) else [entry])
    ]
    return tuple(dict.fromkeys(tidy for part in strings if (tidy := prose.plain(part))))


def _parts(value: Any, name: str) -> bool:
    return isinstance(value, str) or name == "old_address"


def _strings(entries: Any, name: str) -> tuple[str, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise BadLine(f"{name}: {_shown(entries)} is no list of texts")
    if len(entries) > limits.LIST_ENTRIES * 10:
        raise BadLine(f"{name} has {len(entries)} entries")
    return tuple(entries)


def _consent(value: Any) -> Answer | None:
    """The answer that a row records. Raises BadLine for one that is neither yes nor no."""
    if value is None or value == "" or (isinstance(value, str) and not prose.plain(value)):
        return None
    said = str(value).lower() if isinstance(value, bool | int) else value if isinstance(value, str) else ""
    answer = answers.read(prose.plain(said))
    if answer is None:
        raise BadLine(f"consent {_shown(value)} is neither yes nor no")
    return answer
