"""Which key or column of a file is which field of a story; what is none is counted, what reaches people is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stories.importing.records import UnreadableFile
from stories.text.plain_text import caseless

TEXT_FIELDS = (
    "source_id", "language", "title", "body", "attribution", "licence", "introduction", "teller_name", "content_note",
    "place", "time", "organisation", "published_at",
)  # fmt: skip
WORD_LISTS = ("pull_quotes", "takeaways", "prompts")
NAME_LISTS = ("themes", "tags", "old_address")  # several names: a list, or in one text with commas or semicolons
FIELDS = frozenset([*TEXT_FIELDS, *WORD_LISTS, *NAME_LISTS, "consent", "body_format"])
NEVER_SET = frozenset(["source_id", "title", "body", "consent", "licence", "old_address"])  # each story has its own

ALIASES = {
    "id": "source_id", "identifier": "source_id", "lang": "language", "text": "body", "story": "body",
    "content": "body",
    "license": "licence", "rights": "licence", "date": "published_at", "date published": "published_at",
    "publication date": "published_at", "date of publication": "published_at", "url": "old_address",
    "link": "old_address", "permalink": "old_address", "old url": "old_address", "old addresses": "old_address",
    "theme": "themes", "categories": "themes", "subjects": "themes", "tag": "tags", "location": "place",
    "teller": "teller_name", "narrator": "teller_name", "organization": "organisation", "summary": "introduction",
    "excerpt": "introduction", "content warning": "content_note",
}  # fmt: skip
DUBLIN_CORE = {
    "title": "title", "creator": "attribution", "description": "body", "language": "language", "subject": "themes",
    "identifier": "source_id", "rights": "licence", "license": "licence", "coverage": "place",
    "spatial coverage": "place", "date": "time", "date created": "time", "temporal coverage": "time",
    "date issued": "published_at", "date available": "published_at", "abstract": "introduction",
}  # fmt: skip
_DUBLIN_CORE = re.compile(r"(?:dublin core|dcterms|dc)\s*:\s*(.+)")
_CONTACT = re.compile(
    r"e-?mail|\b(?:tele)?phone|\bmobile\b|\bcell\b|whats ?app|wechat|\btelegram\b|\bviber\b|kakao|\bcontact\b|telepono"
    r"|điện thoại|thư điện tử|이메일|전화|电话|電話|手机|手機|邮箱|郵箱|电邮|電郵"
    r"|ईमेल|फ़ोन|फोन|ইমেইল|ফোন|ای میل|فون|អ៊ីមែល|ទូរស័ព្ទ"
)


def folded(name: str) -> str:
    """A key or heading as it is compared: without capitals, `_` and white space as one space."""
    return " ".join(caseless(name).replace("_", " ").split())


_FIELD_OF = {folded(name): name for name in FIELDS} | ALIASES
LISTS = frozenset(NAME_LISTS)


@dataclass
class Columns:
    """What the operator says of the columns, and what was found in them.

    `renamed` gives columns the names of fields, `ignored` are left out without a word, `given` stand where a record
    says nothing. `unknown` counts what was left out because nobody here knows it.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    ignored: Iterable[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._renamed = {folded(name): known for name, known in self.renamed.items()}
        self._ignored = {folded(name) for name in self.ignored}
        self._unseen = set(self._renamed) | self._ignored
        self._places: dict[str, str] = {}

    def fields(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a record. Where two columns are one field, its own name counts; lists take from both.

        Raises UnreadableFile where a column holds ways to reach people.
        """
        self._refuse_contacts(values)
        found: dict[str, Any] = {}
        names: dict[str, str] = {}
        for name, value in values.items():
            known = self._place(name)
            if value is None or value == "" or value == [] or known == "":
                continue
            if known is None:
                self._leave_out(name)
            elif known in found and known in LISTS:
                found[known] = [*_listed(found[known]), *_listed(value)]
            elif known in found and folded(name) != folded(known):
                self._leave_out(name)
            else:
                self._leave_out(names.get(known, ""))
                found[known], names[known] = value, name
        return {**self.given, **found}

    def unseen(self) -> list[str]:
        """The columns that were named by the operator and never came."""
        return sorted(name for name in {*self.renamed, *self.ignored} if folded(name) in self._unseen)

    def _leave_out(self, name: str) -> None:
        if name:
            self.unknown[name[:60]] += 1

    def _place(self, name: str) -> str | None:
        """The field that a column is; empty for one that is ignored, None for an unknown one."""
        if name not in self._places:
            if len(self._places) > 10_000:
                self._places.clear()
            self._places[name] = self._find(folded(name)) or ("" if folded(name) in self._ignored else "?")
            self._unseen.discard(folded(name))
        place = self._places[name]
        return None if place == "?" else place

    def _find(self, name: str) -> str:
        if name in self._ignored:
            return ""
        if name in self._renamed:
            return self._renamed[name]
        core = _DUBLIN_CORE.fullmatch(name)
        return DUBLIN_CORE.get(core[1], "") if core else _FIELD_OF.get(name, "")

    def _refuse_contacts(self, values: Mapping[str, Any]) -> None:
        contacts = [name for name in values if self._place(name) is None and _CONTACT.search(folded(name))]
        if contacts:
            names = ", ".join(repr(name[:60]) for name in contacts)
            options = " ".join(f'--ignore "{name[:60]}"' for name in contacts)
            raise UnreadableFile(
                f"Ways to reach people cannot be kept sealed here yet, so that no file with them is taken: {names}. "
                f"Leave them out with {options}"
            )


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
