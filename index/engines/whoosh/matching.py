"""From a query tree to the entries that match and their scores: BM25F in Whoosh's own formula, on whole arrays.

The formula is whoosh.scoring's (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond", 2009, with idf = log(N / (n + 1)) + 1): a test compares scores with Whoosh's searcher. Where only a few of
a term's entries are asked for, as in an AND, only those are scored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from typing import Any, Protocol

import numpy as np

from index.engines import base
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.phrases import phrase_places
from index.engines.whoosh.snapshot import K1, Ids, Mask, Scores, Snapshot, Spot

_FEW = 16  # a list this many times shorter than another is looked up in it rather than marked in a table


class Matches(Protocol):
    """Entries in ascending order, and their scores when they are asked for."""

    ids: Ids

    def scores(self, at: Array | None = None) -> Scores:
        """The scores of ids[at], or of all."""


class Scored:
    """Matches whose scores are known."""

    def __init__(self, ids: Ids, scores: Scores) -> None:
        self.ids, self._scores = ids, scores

    def scores(self, at: Array | None = None) -> Scores:
        return self._scores if at is None else self._scores[at]


class TermMatches:
    """The entries of one term."""

    def __init__(self, snapshot: Snapshot, field: str, spots: Sequence[Spot], boost: float) -> None:
        self.ids = _joined([_docs(spot) for spot in spots])
        self._weights = _joined([_weights(spot) for spot in spots])
        self._factor = np.float32(boost * (K1 + 1) * idf(snapshot, len(self.ids)))
        self._norms = snapshot.norms(field)

    def scores(self, at: Array | None = None) -> Scores:
        ids, weights = (self.ids, self._weights) if at is None else (self.ids[at], self._weights[at])
        return bm25(weights.astype(np.float32), self._norms[ids], self._factor)


def idf(snapshot: Snapshot, frequency: int) -> float:
    """How telling a term is that occurs in `frequency` entries."""
    return log(snapshot.count / (frequency + 1)) + 1


def bm25(weights: Scores, norms: Scores, factor: np.float32) -> Scores:
    """factor * w / (w + norm), in the memory of `norms`."""
    np.add(norms, weights, out=norms)
    np.divide(weights, norms, out=norms)
    return np.multiply(norms, factor, out=norms)


def _docs(spot: Spot) -> Ids:
    docs: Ids = spot.field.docs[int(spot.field.at[spot.number]) : int(spot.field.at[spot.number + 1])]
    return docs + np.int32(spot.base) if spot.base else docs


def _weights(spot: Spot) -> Array:
    return spot.field.weights[int(spot.field.at[spot.number]) : int(spot.field.at[spot.number + 1])]


def _joined(parts: Sequence[Array]) -> Array:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


NONE = Scored(np.empty(0, np.int32), np.empty(0, np.float32))


def match(snapshot: Snapshot, node: base.Node) -> Matches:
    """The entries that match `node`. Deleted entries may be among them; the reserved one never is."""
    return _RULES[type(node)](snapshot, node)


def _term(snapshot: Snapshot, node: base.Term) -> Matches:
    spots = snapshot.spots(node.field, node.term)
    return TermMatches(snapshot, node.field, spots, node.boost) if spots else NONE


def _prefix(snapshot: Snapshot, node: base.Prefix) -> Matches:
    word = node.prefix.encode("utf-8", "surrogatepass")
    weights = np.zeros(snapshot.count, np.float32)
    for start, field in snapshot.fields(node.field):
        low, high = field.lexicon.range(word)
        postings = slice(int(field.at[low]), int(field.at[high])) if high > low else slice(0)
        docs = field.docs[postings]
        if len(docs):
            sums = np.bincount(docs, field.weights[postings])
            weights[start : start + len(sums)] += sums.astype(np.float32)
    (found,) = weights.nonzero()
    ids = found.astype(np.int32)
    factor = np.float32(node.boost * (K1 + 1) * idf(snapshot, len(ids)))
    return Scored(ids, bm25(weights[ids], snapshot.norms(node.field)[ids], factor))


def _phrase(snapshot: Snapshot, node: base.Phrase) -> Matches:
    terms = [(snapshot.spots(node.field, term), offset) for term, offset in node.terms]
    if not terms or not all(spots for spots, _ in terms):
        return NONE
    members = [TermMatches(snapshot, node.field, spots, node.boost) for spots, _ in terms]
    common = _common(snapshot, members)
    having = phrase_places(terms, common)
    return _added(members, [places[having] for places in common])


def _tag(snapshot: Snapshot, node: base.Tag) -> Matches:
    ids = snapshot.tags(node.facet).carrying([node.value]).nonzero()[0].astype(np.int32)
    return Scored(ids, np.full(len(ids), node.score, np.float32))


def _everything(snapshot: Snapshot, _: base.Everything) -> Matches:
    ids = snapshot.live.nonzero()[0].astype(np.int32)
    return Scored(ids, np.ones(len(ids), np.float32))


def _nothing(_: Snapshot, __: base.Nothing) -> Matches:
    return NONE


def _members(snapshot: Snapshot, nodes: Sequence[base.Node]) -> list[Matches]:
    return [found for node in nodes if len((found := match(snapshot, node)).ids)]


def _any(snapshot: Snapshot, node: base.Any) -> Matches:
    return _at_least(snapshot, _members(snapshot, node.nodes), 1)


def _most(snapshot: Snapshot, node: base.Most) -> Matches:
    return _at_least(snapshot, _members(snapshot, node.nodes), max(node.minimum, 1))


def _at_least(snapshot: Snapshot, members: Sequence[Matches], minimum: int) -> Matches:
    if len(members) < minimum:
        return NONE
    if len(members) == 1:
        return members[0]
    scores = np.zeros(snapshot.count, np.float32)
    matched: Array = np.zeros(snapshot.count, np.bool_ if minimum == 1 else np.int16)
    for found in members:
        scores[found.ids] += found.scores()
        matched[found.ids] += np.True_ if minimum == 1 else 1
    ids = (matched if minimum == 1 else matched >= minimum).nonzero()[0].astype(np.int32)
    return Scored(ids, scores[ids])


def _best(snapshot: Snapshot, node: base.Best) -> Matches:
    members = _members(snapshot, node.nodes)
    if len(members) < 2:
        return members[0] if members else NONE
    scores = np.full(snapshot.count, -np.inf, np.float32)
    for found in members:
        scores[found.ids] = np.maximum(scores[found.ids], found.scores())
    ids = (scores > -np.inf).nonzero()[0].astype(np.int32)
    return Scored(ids, scores[ids])


def _all(snapshot: Snapshot, node: base.All) -> Matches:
    members = [match(snapshot, part) for part in node.nodes]
    if len(members) < 2:
        return members[0] if members else NONE
    return _added(members, _common(snapshot, members))


def _common(snapshot: Snapshot, members: Sequence[Matches]) -> list[Array]:
    """Where, in the ids of each member, the entries stand that all members have."""
    order = sorted(range(len(members)), key=lambda i: len(members[i].ids))
    places: dict[int, Array] = {order[0]: np.arange(len(members[order[0]].ids))}
    for i in order[1:]:
        ids = members[order[0]].ids[places[order[0]]]
        kept, there = _meeting(ids, members[i].ids, snapshot.count)
        places = {j: place[kept] for j, place in places.items()}
        places[i] = there
    return [places[i] for i in range(len(members))]


def _meeting(few: Ids, many: Ids, count: int) -> tuple[Array, Array]:
    """The places in `few` and in `many` of the entries they share."""
    if len(many) > _FEW * len(few):
        there = np.minimum(np.searchsorted(many, few), len(many) - 1)
        (kept,) = (many[there] == few).nonzero()
        return kept, there[kept]
    table = np.full(count, -1, np.int32)
    table[many] = np.arange(len(many), dtype=np.int32)
    there = table[few]
    (kept,) = (there >= 0).nonzero()
    return kept, there[kept]


def _added(members: Sequence[Matches], places: Sequence[Array]) -> Matches:
    scores = members[0].scores(places[0]).copy()
    for found, place in zip(members[1:], places[1:], strict=True):
        scores += found.scores(place)
    return Scored(members[0].ids[places[0]], scores)


def _without(snapshot: Snapshot, node: base.Without) -> Matches:
    found = match(snapshot, node.node)
    excluded: Mask = np.zeros(snapshot.count, np.bool_)
    excluded[match(snapshot, node.excluded).ids] = True
    (kept,) = (~excluded[found.ids]).nonzero()
    return Scored(found.ids[kept], found.scores(kept))


def _also(snapshot: Snapshot, node: base.Also) -> Matches:
    found, more = match(snapshot, node.node), match(snapshot, node.more)
    if len(found.ids) <= len(more.ids):
        kept, there = _meeting(found.ids, more.ids, snapshot.count)
    else:
        there, kept = _meeting(more.ids, found.ids, snapshot.count)
    scores = found.scores().copy()
    scores[kept] += more.scores(there)
    return Scored(found.ids, scores)


def _favour(snapshot: Snapshot, node: base.Favour) -> Matches:
    found = match(snapshot, node.node)
    carrying = snapshot.tags(node.facet).carrying([node.value])[found.ids]
    factors = np.where(carrying, np.float32(node.factor), np.float32(1))
    return Scored(found.ids, found.scores() * factors)


_RULES: dict[type, Callable[[Snapshot, Any], Matches]] = {
    base.Term: _term,
    base.Prefix: _prefix,
    base.Phrase: _phrase,
    base.Tag: _tag,
    base.Any: _any,
    base.All: _all,
    base.Most: _most,
    base.Best: _best,
    base.Without: _without,
    base.Also: _also,
    base.Favour: _favour,
    base.Everything: _everything,
    base.Nothing: _nothing,
}
