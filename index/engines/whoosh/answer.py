"""From a search to its answer: matches, filters, counts of groups, and the hits of one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.engines.base import Filters, Found, Hit, Search
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.fields import MISSING
from index.engines.whoosh.matching import match
from index.engines.whoosh.snapshot import Ids, Mask, Scores, Snapshot, Tags

_LAST = -(2**62)  # sorts behind every number
_STEP = 16  # every how many entries are looked at to find a score that the best ones exceed


def answer(snapshot: Snapshot, search: Search) -> Found:
    """Everything the search asked for. Work is bounded by the entries of its terms."""
    found = match(snapshot, search.query)
    ids, scores = found.ids, found.scores()
    if snapshot.has_deletions:
        kept = snapshot.live[ids]
        ids, scores = ids[kept], scores[kept]
    narrowing = Narrowing(snapshot, search.filters, ids)
    facets = {name: _counted(snapshot, name, narrowing.left(besides=name)) for name in search.facets}
    mask = narrowing.mask()
    if mask is not None:
        ids, scores = ids[mask], scores[mask]
    groups = Groups(snapshot)
    return Found(groups.distinct(ids), _page(snapshot, search, groups, ids, scores), facets)


class Narrowing:
    """The filters of a search, applied to the entries that match it."""

    def __init__(self, snapshot: Snapshot, filters: Filters, ids: Ids) -> None:
        self._ids = ids
        self._having = {
            name: snapshot.tags(name).carrying(values)[ids] for name, values in filters.having.items() if values
        }
        self._always = [
            *(~snapshot.tags(name).carrying(values)[ids] for name, values in filters.without.items() if values),
            *(_between(snapshot.numbers(name)[ids], *limits) for name, limits in filters.between.items()),
        ]

    def mask(self, besides: str = "") -> Mask | None:
        """Which of the entries pass every filter, but for the `having` of one facet; None where there are none."""
        masks = [*self._always, *(mask for name, mask in self._having.items() if name != besides)]
        return np.logical_and.reduce(masks) if masks else None

    def left(self, besides: str) -> Ids:
        """The entries that `mask` lets pass."""
        mask = self.mask(besides)
        return self._ids if mask is None else self._ids[mask]


def _between(numbers: Array, least: int | None, most: int | None) -> Mask:
    mask: Mask = numbers != MISSING
    if least is not None:
        mask &= numbers >= least
    if most is not None:
        mask &= numbers <= most
    return mask


class Groups:
    """Which entries are one result."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.tags = snapshot.tags("group")
        self.codes = self.tags.codes
        self.alone = snapshot.alone

    def distinct(self, ids: Ids) -> int:
        """How many groups these entries belong to."""
        if self.alone is None:
            return len(ids)
        seen = np.zeros(len(self.tags.interner.words), np.bool_)
        seen[self.codes[ids]] = True
        return int(np.count_nonzero(seen))

    def name(self, code: int) -> str:
        """The group as entries name it."""
        return self.tags.interner.words[code]


def _counted(snapshot: Snapshot, name: str, ids: Ids) -> Mapping[str, int]:
    """How many groups among these entries have each value of a facet."""
    tags, alone = snapshot.tags(name), snapshot.alone
    size = len(tags.interner.words)
    if alone is None:
        counts = _tally(tags, ids, size)
    else:
        by_itself = alone[ids]
        counts = _tally(tags, ids[by_itself], size) + _tally_groups(snapshot, tags, ids[~by_itself], size)
    return {tags.interner.words[code]: int(counts[code]) for code in counts.nonzero()[0].tolist() if code}


def _tally(tags: Tags, ids: Ids, size: int) -> Array:
    codes = tags.codes[ids] if tags.starts is None else tags.pairs(ids)[1]
    return np.bincount(codes, minlength=size)


def _tally_groups(snapshot: Snapshot, tags: Tags, ids: Ids, size: int) -> Array:
    owners, codes = tags.pairs(ids)
    groups = snapshot.tags("group").codes[ids][owners].astype(np.int64)
    return np.bincount(np.unique(groups * size + codes) % size, minlength=size)


def _page(snapshot: Snapshot, search: Search, groups: Groups, ids: Ids, scores: Scores) -> tuple[Hit, ...]:
    wanted = search.offset + search.limit
    if not len(ids) or search.limit <= 0:
        return ()
    keys = _sort_keys(snapshot, search.sort, ids, scores)
    leaders = _leaders(keys, groups.codes[ids], wanted)[search.offset : wanted]
    return tuple(_hits(snapshot, search, groups, ids, scores, leaders))


def _sort_keys(snapshot: Snapshot, sort: str, ids: Ids, scores: Scores) -> Array:
    """What the order goes by, the largest first; an entry without the number comes last."""
    if not sort:
        return scores
    numbers = snapshot.numbers(sort.removeprefix("-"))[ids]
    return np.where(numbers == MISSING, _LAST, numbers if sort.startswith("-") else -numbers)


def _leaders(keys: Array, groups: Array, wanted: int) -> list[int]:
    """The places of the first entry of each of the first `wanted` groups, in order."""
    size = wanted + 8
    while True:
        top = _largest(keys, size)
        _, first = np.unique(groups[top], return_index=True)
        if len(first) >= wanted or len(top) == len(keys):
            return [int(place) for place in top[np.sort(first)][:wanted]]
        size *= 4


def _largest(keys: Array, size: int) -> Array:
    """The places of at least the `size` largest keys, largest first, the earlier of equals first."""
    if len(keys) > 4 * _STEP * size:
        sample = keys[::_STEP]
        floor = np.partition(sample, len(sample) - size)[len(sample) - size]
        (places,) = (keys >= floor).nonzero()
    else:
        places = np.arange(len(keys))
    largest: Array = places[np.argsort(-keys[places], kind="stable")]
    return largest


def _hits(
    snapshot: Snapshot, search: Search, groups: Groups, ids: Ids, scores: Scores, leaders: Sequence[int]
) -> list[Hit]:
    members = _members(groups, ids, leaders)
    preferred = snapshot.tags("language").carrying([search.prefer]) if search.prefer else None
    hits = []
    for leader in leaders:
        code = int(groups.codes[ids[leader]])
        places = members.get(code) or [leader]
        best = max(places, key=lambda place: float(scores[place]))
        spoken = [place for place in places if preferred is not None and preferred[ids[place]]]
        shown = max(spoken, key=lambda place: float(scores[place])) if spoken else best
        hits.append(Hit(snapshot.key(int(ids[shown])), groups.name(code), float(scores[best])))
    return hits


def _members(groups: Groups, ids: Ids, leaders: Sequence[int]) -> dict[int, list[int]]:
    """For the groups of the page that may have several entries here: the places of those entries."""
    if groups.alone is None:
        return {}
    chosen = np.zeros(len(groups.tags.interner.words), np.bool_)
    chosen[[groups.codes[ids[leader]] for leader in leaders if not groups.alone[ids[leader]]]] = True
    members: dict[int, list[int]] = {}
    for place in chosen[groups.codes[ids]].nonzero()[0].tolist():
        members.setdefault(int(groups.codes[ids[place]]), []).append(place)
    return members
