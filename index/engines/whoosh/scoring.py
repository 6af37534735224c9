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
from index.engines.whoosh.term_postings import bm25, entries_of, idf, occurrences_of

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


NONE = Scored(np.empty(0, np.intp), np.empty(0, np.float32))


Among = Ids | None


def match(snapshot: Snapshot, node: base.Node, among: Among = None) -> Matches:
    """The entries that match `node`. Deleted entries may be among them; the reserved one never is.

    Where only the entries in `among` matter, others may be left out, if that saves work.
    """
    return _RULES[type(node)](snapshot, node, among)


def _term(snapshot: Snapshot, node: base.Term, _: Among) -> Matches:
    found = entries_of(snapshot, node.field, node.term)
    return found if node.boost == 1 else Boosted(found, node.boost)


def _prefix(snapshot: Snapshot, node: base.Prefix, _: Among) -> Matches:
    word = node.prefix.encode("utf-8", "surrogatepass")
    weights = np.zeros(snapshot.count, np.float32)
    for start, field in snapshot.fields(node.field):
        low, high = field.lexicon.range(word)
        postings = slice(int(field.at[low]), int(field.at[high])) if high > low else slice(0)
        docs = field.docs[postings]
        if len(docs):
            sums = np.bincount(docs, field.weights[postings])
            weights[start : start + len(sums)] += sums.astype(np.float32)
    (ids,) = (weights > 0).nonzero()
    factor = max(node.boost, _LEAST) * (K1 + 1) * idf(snapshot, len(ids))
    lengths = snapshot.lengths(node.field)[ids].astype(np.float32)
    return Scored(ids, bm25(weights[ids], lengths, snapshot.average_length(node.field), factor))


def _phrase(snapshot: Snapshot, node: base.Phrase, among: Among) -> Matches:
    found = [(occurrences_of(snapshot, node.field, term), offset) for term, offset in node.terms]
    found.sort(key=lambda each: len(each[0]))
    if not found or not len(found[0][0]):
        return NONE
    first, rarest = min(offset for _, offset in found), found[0][0].entries
    entries = None if among is None else _meeting(among, rarest.ids, snapshot.count)[1]
    ids = phrase_ids([(occurrences, offset - first) for occurrences, offset in found], entries)
    scores = np.zeros(len(ids), np.float32)
    for occurrences, _ in found:
        scores += occurrences.entries.scores(occurrences.entries.ids.searchsorted(ids))
    return Boosted(Scored(ids, scores), node.boost) if node.boost != 1 else Scored(ids, scores)


def _tag(snapshot: Snapshot, node: base.Tag, _: Among) -> Matches:
    (ids,) = snapshot.tags(node.facet).carrying([node.value]).nonzero()
    return Scored(ids, np.full(len(ids), max(node.score, _LEAST), np.float32))


def _everything(snapshot: Snapshot, _: base.Everything, __: Among) -> Matches:
    (ids,) = snapshot.live.nonzero()
    return Scored(ids, np.ones(len(ids), np.float32))


def _nothing(_: Snapshot, __: base.Nothing, ___: Among) -> Matches:
    return NONE


def _members(snapshot: Snapshot, nodes: Sequence[base.Node], among: Among) -> list[Matches]:
    return [found for node in nodes if len((found := match(snapshot, node, among)).ids)]


def _any(snapshot: Snapshot, node: base.Any, among: Among) -> Matches:
    return _at_least(snapshot, _members(snapshot, node.nodes, among), 1)


def _most(snapshot: Snapshot, node: base.Most, among: Among) -> Matches:
    return _at_least(snapshot, _members(snapshot, node.nodes, among), max(node.minimum, 1))


def _at_least(snapshot: Snapshot, members: Sequence[Matches], minimum: int) -> Matches:
    if len(members) < minimum:
        return NONE
    if len(members) == 1:
        return members[0]
    scores = np.zeros(snapshot.count, np.float32)
    for found in members:
        np.add.at(scores, found.ids, found.scores())
    if minimum == 1:
        (ids,) = (scores > 0).nonzero()
        return Scored(ids, scores.take(ids))
    matched = np.zeros(snapshot.count, np.int16)
    for found in members:
        np.add.at(matched, found.ids, np.int16(1))
    (ids,) = (matched >= minimum).nonzero()
    return Scored(ids, scores.take(ids))


def _best(snapshot: Snapshot, node: base.Best, among: Among) -> Matches:
    members = _members(snapshot, node.nodes, among)
    if len(members) < 2:
        return members[0] if members else NONE
    scores = np.zeros(snapshot.count, np.float32)
    for found in members:
        np.maximum.at(scores, found.ids, found.scores())
    (ids,) = (scores > 0).nonzero()
    return Scored(ids, scores.take(ids))


def _all(snapshot: Snapshot, node: base.All, among: Among) -> Matches:
    members = sorted((match(snapshot, part, among) for part in node.nodes), key=lambda found: len(found.ids))
    if len(members) < 2:
        return members[0] if members else NONE
    rarest, *others = members
    ids, scores = rarest.ids, rarest.scores()
    for found in others:
        kept, more = _shared(snapshot, ids, found)
        ids, scores = ids[kept], scores[kept] + more
    return Scored(ids, scores)


def _shared(snapshot: Snapshot, ids: Ids, found: Matches) -> tuple[Array, Scores]:
    """The places in `ids` of the entries that match too, and their scores as such."""
    if len(found.ids) > _FEW * len(ids):
        kept, there = _meeting(ids, found.ids, snapshot.count)
        return kept, found.scores(there)
    scores = _table(snapshot, found).take(ids)
    (kept,) = (scores > 0).nonzero()
    return kept, scores[kept]


def _meeting(few: Ids, many: Ids, count: int) -> tuple[Array, Array]:
    """The places in `few` and in `many` of the entries they share."""
    if len(many) > _FEW * len(few):
        there = np.minimum(many.searchsorted(few), len(many) - 1)
        (kept,) = (many[there] == few).nonzero()
        return kept, there[kept]
    return _marked(few, many, count), _marked(many, few, count)


def _marked(ids: Ids, others: Ids, count: int) -> Array:
    """The places in `ids` of the entries that are among the others."""
    marks = np.zeros(count, np.bool_)
    marks[others] = True
    return marks[ids].nonzero()[0]


def _without(snapshot: Snapshot, node: base.Without, among: Among) -> Matches:
    found = match(snapshot, node.node, among)
    excluded: Mask = np.zeros(snapshot.count, np.bool_)
    excluded[match(snapshot, node.excluded, found.ids).ids] = True
    (kept,) = (~excluded[found.ids]).nonzero()
    return Scored(found.ids[kept], found.scores(kept))


def _also(snapshot: Snapshot, node: base.Also, among: Among) -> Matches:
    found = match(snapshot, node.node, among)
    more = match(snapshot, node.more, found.ids)
    return Scored(found.ids, found.scores() + _table(snapshot, more).take(found.ids))


def _table(snapshot: Snapshot, found: Matches) -> Scores:
    """The score of every entry of the index, 0 where it does not match."""
    table = np.zeros(snapshot.count, np.float32)
    table[found.ids] = found.scores()
    return table


def _boost(snapshot: Snapshot, node: base.Boost, among: Among) -> Matches:
    return Boosted(match(snapshot, node.node, among), node.factor)


def _favour(snapshot: Snapshot, node: base.Favour, among: Among) -> Matches:
    found = match(snapshot, node.node, among)
    carrying = snapshot.tags(node.facet).carrying([node.value])[found.ids]
    factors = np.where(carrying, np.float32(max(node.factor, _LEAST)), np.float32(1))
    return Scored(found.ids, found.scores() * factors)


_RULES: dict[type, Callable[[Snapshot, Any, Among], Matches]] = {
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
    base.Boost: _boost,
    base.Favour: _favour,
    base.Everything: _everything,
    base.Nothing: _nothing,
}
