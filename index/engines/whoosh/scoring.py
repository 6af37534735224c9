"""From a query tree to the entries that match and their scores: BM25F in Whoosh's own formula, on whole arrays.

The formula is whoosh.scoring's (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond", 2009, with idf = log(N / (n + 1)) + 1): a test compares scores with Whoosh's searcher. Where only a few of
a term's entries are asked for, as in an AND, only those are scored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from index.engines import base
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.phrases import phrase_ids
from index.engines.whoosh.snapshot import K1, Ids, Mask, Scores, Snapshot
from index.engines.whoosh.term_matches import bm25, idf, matches_of, positions_of

_FEW = 32  # a list this many times shorter than another is looked up in it rather than marked in a table
_LEAST = 1e-6  # no score is 0, for 0 says that an entry does not match


class Matches(Protocol):
    """Entries in ascending order, and their scores, all above 0, when they are asked for. Both are only read."""

    ids: Ids

    def scores(self, at: Array | None = None) -> Scores:
        """The scores of ids[at], or of all."""


class Scored:
    """Matches whose scores are known."""

    def __init__(self, ids: Ids, scores: Scores) -> None:
        self.ids, self._scores = ids, scores

    def scores(self, at: Array | None = None) -> Scores:
        return self._scores if at is None else self._scores[at]


class Boosted:
    """Matches that count for more or less."""

    def __init__(self, found: Matches, boost: float) -> None:
        self.ids, self._found, self._boost = found.ids, found, np.float32(max(boost, _LEAST))

    def scores(self, at: Array | None = None) -> Scores:
        return self._found.scores(at) * self._boost


NO_MATCHES = Scored(np.empty(0, np.intp), np.empty(0, np.float32))


Candidates = Ids | None


def match(snapshot: Snapshot, query: base.Query, candidates: Candidates = None) -> Matches:
    """The entries that match `query`. Deleted entries may be among them; the reserved one never is.

    Where only the entries in `candidates` matter, others may be left out, if that saves work.
    """
    return _MATCHERS[type(query)](snapshot, query, candidates)


def _term(snapshot: Snapshot, query: base.Term, _: Candidates) -> Matches:
    found = matches_of(snapshot, query.field, query.term)
    return found if query.boost == 1 else Boosted(found, query.boost)


def _prefix(snapshot: Snapshot, query: base.Prefix, _: Candidates) -> Matches:
    word = query.prefix.encode("utf-8", "surrogatepass")
    weights = np.zeros(snapshot.count, np.float32)
    for start, field in snapshot.fields(query.field):
        low, high = field.term_dictionary.range(word)
        postings = slice(int(field.posting_offsets[low]), int(field.posting_offsets[high])) if high > low else slice(0)
        docs = field.docs[postings]
        if len(docs):
            sums = np.bincount(docs, field.weights[postings])
            weights[start : start + len(sums)] += sums.astype(np.float32)
    (ids,) = (weights > 0).nonzero()
    factor = max(query.boost, _LEAST) * (K1 + 1) * idf(snapshot, len(ids))
    lengths = snapshot.lengths(query.field)[ids].astype(np.float32)
    return Scored(ids, bm25(weights[ids], lengths, snapshot.average_length(query.field), factor))


def _phrase(snapshot: Snapshot, query: base.Phrase, candidates: Candidates) -> Matches:
    found = [(positions_of(snapshot, query.field, term), offset) for term, offset in query.terms]
    found.sort(key=lambda each: len(each[0]))
    if not found or not len(found[0][0]):
        return NO_MATCHES
    first, rarest = min(offset for _, offset in found), found[0][0].entries
    entries = None if candidates is None else _intersection(candidates, rarest.ids, snapshot.count)[1]
    ids = phrase_ids([(occurrences, offset - first) for occurrences, offset in found], entries)
    scores = np.zeros(len(ids), np.float32)
    for occurrences, _ in found:
        scores += occurrences.entries.scores(occurrences.entries.ids.searchsorted(ids))
    return Boosted(Scored(ids, scores), query.boost) if query.boost != 1 else Scored(ids, scores)


def _facet_value(snapshot: Snapshot, query: base.FacetValue, _: Candidates) -> Matches:
    (ids,) = snapshot.string_column(query.facet).mask_of([query.value]).nonzero()
    return Scored(ids, np.full(len(ids), max(query.score, _LEAST), np.float32))


def _every(snapshot: Snapshot, _: base.Every, __: Candidates) -> Matches:
    (ids,) = snapshot.live.nonzero()
    return Scored(ids, np.ones(len(ids), np.float32))


def _null_query(_: Snapshot, __: base.NullQuery, ___: Candidates) -> Matches:
    return NO_MATCHES


def _match_all(snapshot: Snapshot, subqueries: Sequence[base.Query], candidates: Candidates) -> list[Matches]:
    return [found for query in subqueries if len((found := match(snapshot, query, candidates)).ids)]


def _or(snapshot: Snapshot, query: base.Or, candidates: Candidates) -> Matches:
    return _sum_of(snapshot, _match_all(snapshot, query.subqueries, candidates), 1)


def _at_least(snapshot: Snapshot, query: base.AtLeast, candidates: Candidates) -> Matches:
    return _sum_of(snapshot, _match_all(snapshot, query.subqueries, candidates), max(query.minmatch, 1))


def _sum_of(snapshot: Snapshot, matches: Sequence[Matches], minimum: int) -> Matches:
    if len(matches) < minimum:
        return NO_MATCHES
    if len(matches) == 1:
        return matches[0]
    scores = np.zeros(snapshot.count, np.float32)
    for found in matches:
        np.add.at(scores, found.ids, found.scores())
    if minimum == 1:
        (ids,) = (scores > 0).nonzero()
        return Scored(ids, scores.take(ids))
    matched = np.zeros(snapshot.count, np.int16)
    for found in matches:
        np.add.at(matched, found.ids, np.int16(1))
    (ids,) = (matched >= minimum).nonzero()
    return Scored(ids, scores.take(ids))


def _disjunction_max(snapshot: Snapshot, query: base.DisjunctionMax, candidates: Candidates) -> Matches:
    matches = _match_all(snapshot, query.subqueries, candidates)
    if len(matches) < 2:
        return matches[0] if matches else NO_MATCHES
    scores = np.zeros(snapshot.count, np.float32)
    for found in matches:
        np.maximum.at(scores, found.ids, found.scores())
    (ids,) = (scores > 0).nonzero()
    return Scored(ids, scores.take(ids))


def _and(snapshot: Snapshot, query: base.And, candidates: Candidates) -> Matches:
    matches = sorted((match(snapshot, part, candidates) for part in query.subqueries), key=lambda found: len(found.ids))
    if len(matches) < 2:
        return matches[0] if matches else NO_MATCHES
    rarest, *others = matches
    ids, scores = rarest.ids, rarest.scores()
    for found in others:
        kept, more = _matching_too(snapshot, ids, found)
        ids, scores = ids[kept], scores[kept] + more
    return Scored(ids, scores)


def _matching_too(snapshot: Snapshot, ids: Ids, found: Matches) -> tuple[Array, Scores]:
    """The places in `ids` of the entries that match too, and their scores as such."""
    if len(found.ids) > _FEW * len(ids):
        kept, there = _intersection(ids, found.ids, snapshot.count)
        return kept, found.scores(there)
    scores = _table(snapshot, found).take(ids)
    (kept,) = (scores > 0).nonzero()
    return kept, scores[kept]


def _intersection(few: Ids, many: Ids, count: int) -> tuple[Array, Array]:
    """The places in `few` and in `many` of the entries they share."""
    if len(many) > _FEW * len(few):
        there = np.minimum(many.searchsorted(few), len(many) - 1)
        (kept,) = (many[there] == few).nonzero()
        return kept, there[kept]
    return _places_in(few, many, count), _places_in(many, few, count)


def _places_in(ids: Ids, others: Ids, count: int) -> Array:
    """The places in `ids` of the entries that are among the others."""
    marks = np.zeros(count, np.bool_)
    marks[others] = True
    return marks[ids].nonzero()[0]


def _and_not(snapshot: Snapshot, query: base.AndNot, candidates: Candidates) -> Matches:
    found = match(snapshot, query.query, candidates)
    excluded: Mask = np.zeros(snapshot.count, np.bool_)
    excluded[match(snapshot, query.excluded, found.ids).ids] = True
    (kept,) = (~excluded[found.ids]).nonzero()
    return Scored(found.ids[kept], found.scores(kept))


def _and_maybe(snapshot: Snapshot, query: base.AndMaybe, candidates: Candidates) -> Matches:
    found = match(snapshot, query.query, candidates)
    added = match(snapshot, query.optional, found.ids)
    return Scored(found.ids, found.scores() + _table(snapshot, added).take(found.ids))


def _table(snapshot: Snapshot, found: Matches) -> Scores:
    """The score of every entry of the index, 0 where it does not match."""
    table = np.zeros(snapshot.count, np.float32)
    table[found.ids] = found.scores()
    return table


def _boost(snapshot: Snapshot, query: base.Boost, candidates: Candidates) -> Matches:
    return Boosted(match(snapshot, query.query, candidates), query.factor)


def _prefer(snapshot: Snapshot, query: base.Prefer, candidates: Candidates) -> Matches:
    found = match(snapshot, query.query, candidates)
    carrying = snapshot.string_column(query.facet).mask_of([query.value])[found.ids]
    factors = np.where(carrying, np.float32(max(query.factor, _LEAST)), np.float32(1))
    return Scored(found.ids, found.scores() * factors)


_MATCHERS: dict[type, Callable[[Snapshot, Any, Candidates], Matches]] = {
    base.Term: _term,
    base.Prefix: _prefix,
    base.Phrase: _phrase,
    base.FacetValue: _facet_value,
    base.Or: _or,
    base.And: _and,
    base.AtLeast: _at_least,
    base.DisjunctionMax: _disjunction_max,
    base.AndNot: _and_not,
    base.AndMaybe: _and_maybe,
    base.Boost: _boost,
    base.Prefer: _prefer,
    base.Every: _every,
    base.NullQuery: _null_query,
}
