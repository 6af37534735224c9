"""What a search can be narrowed to: which groups of choices a page shows, and what each choice is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from flask_babel import gettext as _
from flask_babel import ngettext

from index import documents
from index.search import Results
from solidarity.reading.facet_links import FacetGroup, ListState, group
from solidarity.search_engine import FACETS
from solidarity.web.db import session
from solidarity.web.labels import name_of
from solidarity.web.locales import current, language_name
from solidarity.web.remembered import remembered
from stories import queries
from stories.models.guides import Audience, GradeBand, Setting
from stories.models.named import Named
from stories.text.collation import sort_key

MOST = 20  # choices of one group; more can be found by their words
OPEN = ("kind", "language", "theme")  # groups that stand open without a choice in them
PARTIAL = frozenset({"theme", "organisation", "place", "decade", "content_note"})  # not everything has one of these

Labels = Mapping[tuple[str, str], str]
Counts = Mapping[str, int]


def groups(choices: ListState, results: Results, labels: Labels) -> list[FacetGroup]:
    """The groups in which there is something to choose, or something chosen."""
    titles = _titles()
    return [
        group(choices, name, titles[name], options(name, shown, choices, labels), open=name in OPEN)
        for name in FACETS
        if (shown := _shown(name, results.facets.get(name, {}), results.total, choices.chosen.get(name, ())))
    ]


def _shown(name: str, counted: Counts, total: int, chosen: Sequence[str]) -> Counts:
    """The values of a facet with their counts; none, where every one brings just what is there already."""
    if name == "content_note":
        counted = {value: count for value, count in counted.items() if value == "no"}
    telling = any(count < total for count in counted.values()) and (len(counted) > 1 or name in PARTIAL)
    return dict.fromkeys(chosen, 0) | dict(counted) if telling or chosen else {}


def options(name: str, counted: Counts, choices: ListState, labels: Labels) -> list[tuple[str, str, int]]:
    """The values of a facet in their own order, or the commonest first, then by name; what is chosen is among them."""
    if name in FIXED or name == "decade":
        order = [*FIXED[name]()] if name in FIXED else []
        values = sorted(counted, key=lambda value: (order.index(value) if value in order else len(order), value))
    else:
        inorder = sorted(counted, key=lambda value: (-counted[value], _place(labels.get((name, value), value))))
        values = [value for place, value in enumerate(inorder) if place < MOST or choices.has(name, value)]
    return [(value, labels.get((name, value), value), counted[value]) for value in values]


def _place(label: str) -> bytes:
    return sort_key(label, current().tag)


def labels(results: Results, chosen: Mapping[str, Sequence[str]]) -> Labels:
    """What every value that a page may show is called in the reader's language."""
    more = results.alternatives
    others = {"theme": more.themes, "language": more.languages} if more else {}
    values = {name: {*results.facets.get(name, {}), *chosen.get(name, ()), *others.get(name, {})} for name in FACETS}
    tag = current().tag
    named = {name: names() for name, names in FIXED.items()} | {
        "language": {tag: language_name(tag) for tag in values["language"]},
        "decade": {decade: _decade(decade) for decade in values["decade"]},
        "theme": remembered(("theme names", tag), lambda: _names(queries.themes(session(), tag), tag)),
        "organisation": remembered(
            ("organisation names", tag), lambda: _names(queries.organisations(session(), tag), tag)
        ),
    }
    return {(name, value): label for name in named for value, label in named[name].items()}


def _names(rows: Iterable[Named], tag: str) -> dict[str, str]:
    return {row.slug: row.name_in(tag) for row in rows}


# ---- the words -----------------------------------------------------------------------------------


def _titles() -> dict[str, str]:
    return {
        "kind": _("Kind"),
        "language": _("Language"),
        "theme": _("Theme"),
        "organisation": _("Organisation"),
        "place": _("Place"),
        "decade": _("When it happened"),
        "format": _("To read, hear or watch"),
        "length": _("Reading time"),
        "content_note": _("Content note"),
        "audience": _("Guides for"),
        "setting": _("Where a guide is used"),
        "grade_band": _("Ages"),
        "minutes": _("Length of the conversation"),
        "group_size": _("Size of the group"),
    }


def _kinds() -> dict[str, str]:
    return {"story": _("Stories"), "guide": _("Conversation guides")}


def _formats() -> dict[str, str]:
    return {"text": _("Text"), "audio": _("Audio"), "video": _("Video")}


def _content_notes() -> dict[str, str]:
    return {"no": _("Without a content note"), "yes": _("With a content note")}


def _decade(decade: str) -> str:
    """From its first year to its last: the word for a decade is made differently in every language."""
    year = decade.removesuffix("s")
    return f"{year}–{int(year) + 9}" if year.isdecimal() else decade


def _lengths() -> dict[str, str]:
    return dict(zip((*documents.LENGTHS, "long"), _ranges(documents.LENGTHS.values()), strict=True))


def _minutes() -> dict[str, str]:
    return dict(zip((*map(str, documents.MINUTES), "more"), _ranges(documents.MINUTES), strict=True))


def _ranges(limits: Iterable[int]) -> list[str]:
    """Up to the first limit, from each to the next, and beyond the last."""
    ends = list(limits)
    between = [_("%(least)s to %(most)s minutes", least=low + 1, most=high) for low, high in pairwise(ends)]
    return [_("Up to %(most)s minutes", most=ends[0]), *between, _("More than %(most)s minutes", most=ends[-1])]


def _sizes() -> dict[str, str]:
    sizes = documents.SIZES
    between = {
        name: _("%(least)s to %(most)s people", least=least, most=most)
        for name, (least, most) in sizes.items()
        if name not in {"pair", "large"}
    }
    large = sizes["large"][0]
    return {
        "pair": _("Two people"),
        **between,
        "large": ngettext("%(num)s person or more", "%(num)s people or more", large),
    }


# The facets with values of our own: their names in the order in which they are shown.
FIXED: Mapping[str, Callable[[], dict[str, str]]] = {
    "kind": _kinds,
    "format": _formats,
    "content_note": _content_notes,
    "length": _lengths,
    "minutes": _minutes,
    "group_size": _sizes,
    "audience": lambda: {member.value: name_of(member) for member in Audience},
    "setting": lambda: {member.value: name_of(member) for member in Setting},
    "grade_band": lambda: {member.value: name_of(member) for member in GradeBand},
}
