"""From a search to its answer: matches, filters, counts of groups, and the hits of one page."""

from __future__ import annotations

import numpy as np

from index.engines.base import EngineHit, EngineResult, Filters, Search
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.grouping import GroupCounts
from index.engines.whoosh.scoring import match
from index.engines.whoosh.snapshot import Ids, Mask, Scores, Snapshot
from index.engines.whoosh.whoosh_schema import MISSING

_LAST = -(2**62)  # sorts behind every number
_FEW = 64  # entries that are sorted at once
_STEP = 16  # every how many entries are looked at to find a score that the best ones exceed


def collect(snapshot: Snapshot, search: Search) -> EngineResult:
    """Everything the search asked for. Work is bounded by the entries of its terms."""
    found = match(snapshot, search.query)
    ids, scores = found.ids, found.scores()
    if snapshot.has_deletions:
        kept = snapshot.live[ids]
        ids, scores = ids[kept], scores[kept]
    filtered = FilteredMatches(snapshot, search.filters, ids)
    mask = filtered.mask()
    found_groups = GroupCounts(snapshot, ids if mask is None else ids[mask])
    facets = {}
    for name in search.facets:
        counted = GroupCounts(snapshot, filtered.remaining(name)) if filtered.filters_by(name) else found_groups
        facets[name] = counted.facet_counts(name)
    hits = _page(snapshot, search, found_groups.ids, scores if mask is None else scores[mask])
    return EngineResult(found_groups.count(), hits, facets)


class FilteredMatches:
    """The filters of a search, applied to the entries that match it."""

    def __init__(self, snapshot: Snapshot, filters: Filters, ids: Ids) -> None:
        self._ids = ids
        self._included = {
            name: snapshot.string_column(name).mask_of(values)[ids]
            for name, values in filters.include.items()
            if values
        }
        self._always = [
            *(~snapshot.string_column(name).mask_of(values)[ids] for name, values in filters.exclude.items() if values),
            *(_between(snapshot.number_column(name)[ids], *limits) for name, limits in filters.ranges.items()),
        ]

    def mask(self, except_facet: str = "") -> Mask | None:
        """Which of the entries pass every filter, but for the `having` of one facet; None where there are none."""
        masks = [*self._always, *(mask for name, mask in self._included.items() if name != except_facet)]
        return np.logical_and.reduce(masks) if masks else None

    def filters_by(self, name: str) -> bool:
        """Whether one of the filters is the `having` of this facet."""
        return name in self._included

    def remaining(self, except_facet: str) -> Ids:
        """The entries that `mask` lets pass."""
        mask = self.mask(except_facet)
        return self._ids if mask is None else self._ids[mask]


def _between(numbers: Array, least: int | None, most: int | None) -> Mask:
    mask: Mask = numbers != MISSING
    if least is not None:
        mask &= numbers >= least
    if most is not None:
        mask &= numbers <= most
    return mask


def _page(snapshot: Snapshot, search: Search, ids: Ids, scores: Scores) -> tuple[EngineHit, ...]:
    wanted = search.offset + search.limit
    if not len(ids) or search.limit <= 0:
        return ()
    keys = _sort_keys(snapshot, search.sort, ids, scores)
    groups = snapshot.string_column("group").rows[0]
    if snapshot.ungrouped is None:
        chosen = _largest(keys, wanted)[search.offset : wanted]
        docs = ids[chosen]
        return _hits(snapshot, docs, groups[docs], scores[chosen])
    leaders = np.array(_group_leaders(keys, groups[ids], wanted)[search.offset :], np.int64)

    shown, best = _group_members(snapshot, search.preferred_language, ids, scores, leaders)
    return _hits(snapshot, ids[shown], groups[ids[shown]], scores[best])


def _sort_keys(snapshot: Snapshot, sort: str, ids: Ids, scores: Scores) -> Array:
    """What the order goes by, the largest first; an entry without the number comes last."""
    if not sort:
        return scores
    numbers = snapshot.number_column(sort.removeprefix("-"))[ids]
    return np.where(numbers == MISSING, _LAST, numbers if sort.startswith("-") else -numbers)


def _largest(keys: Array, size: int) -> Array:
    """The places of at least the `size` largest keys if there are so many, largest first, the earlier of equals first.

    A value that `size` keys of a sample reach is reached by `size` keys at least; only what reaches it is sorted.
    """
    if len(keys) <= max(size, _FEW):
        return np.negative(keys).argsort(kind="stable")
    sample = keys[::_STEP] if len(keys) > 4 * _STEP * size else keys
    sample = np.partition(sample, len(sample) - size)
    (places,) = (keys >= sample[len(sample) - size]).nonzero()
    largest: Array = places[np.negative(keys[places]).argsort(kind="stable")]
    return largest


def _group_leaders(keys: Array, groups: Array, wanted: int) -> list[int]:
    """The places of the first entry of each of the first `wanted` groups, in order."""
    size = wanted + 8
    while True:
        top, first = _largest(keys, size), dict[int, int]()
        for place, group in zip(top.tolist(), groups[top].tolist(), strict=True):
            first.setdefault(group, place)
        if len(first) >= wanted or len(top) == len(keys):
            return list(first.values())[:wanted]
        size *= 4


def _group_members(
    snapshot: Snapshot, preferred_language: str | None, ids: Ids, scores: Scores, leaders: Array
) -> tuple[Array, Array]:
    """For each leader the member of its group to show, and the one with the best score, as places in `ids`."""
    preferred = snapshot.string_column("language").mask_of([preferred_language])[ids] if preferred_language else None
    groups = snapshot.string_column("group").rows[0][ids]
    members = _members(snapshot, groups, ids, scores, leaders)
    shown, best = leaders.copy(), leaders.copy()
    for number, leader in enumerate(leaders.tolist()):
        places = members.get(int(groups[leader]))
        if places is not None:
            best[number] = shown[number] = places[0]
            if preferred is not None:
                shown[number] = next((place for place in places if preferred[place]), places[0])
    return shown, best


def _members(snapshot: Snapshot, groups: Array, ids: Ids, scores: Scores, leaders: Array) -> dict[int, list[int]]:
    """The matching entries of the leaders' groups, for groups that may have several, best score first."""
    assert snapshot.ungrouped is not None  # noqa: S101 - says so to the type checker
    chosen = np.zeros(len(snapshot.string_column("group").interner.words), np.bool_)
    chosen[groups[leaders[~snapshot.ungrouped[ids[leaders]]]]] = True
    members: dict[int, list[int]] = {}
    (places,) = chosen[groups].nonzero()
    for place in places[np.negative(scores[places]).argsort(kind="stable")].tolist():
        members.setdefault(int(groups[place]), []).append(place)
    return members


def _hits(snapshot: Snapshot, docs: Array, groups: Array, scores: Scores) -> tuple[EngineHit, ...]:
    words = snapshot.string_column("group").interner.words
    return tuple(
        map(EngineHit, snapshot.keys(docs.tolist()), [words[code] for code in groups.tolist()], scores.tolist())
    )
