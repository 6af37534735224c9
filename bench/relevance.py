"""How well search finds what people mean: known-item queries in nine languages, and judged test collections.

    python bench/relevance.py                                       all of ../shared/data/search
    python bench/relevance.py --stories DIR --queries FILE          stories as `flask stories import` takes them
    python bench/relevance.py --collection DIR                      docs.jsonl, queries.jsonl, qrels.jsonl
    python bench/relevance.py … --kinds                             hits for each kind of query apart

One JSON line for each engine and figure, ours first. Ours is the real engine behind the real query path; SQLite FTS5
and tantivy (where it is installed) get the same tokens, the title as often, and rank by their own BM25. No database.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sqlite3
import sys
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from index import engines, query, retrieval, weights  # noqa: E402
from index.analysis.analyzer import EXACT, PHONETIC, TITLE  # noqa: E402
from index.analysis.analyzer import ROOT as ROOT_SIGN  # noqa: E402
from index.engines.base import Entry, TokenStream  # noqa: E402

try:
    import tantivy
except ImportError:
    tantivy = None

DATA = ROOT.parent / "shared" / "data"
BATCH = 500


@dataclass(frozen=True)
class Document:
    """A story or a paper: `group` is what a query should find, and is shared by translations."""

    group: str
    title: str
    text: str
    language: str = ""


class Contender(Protocol):
    """An engine under test."""

    name: str

    def add(self, documents: Iterable[Document]) -> None: ...

    def top(self, text: str, limit: int) -> list[str]:
        """The groups found, the best first."""


# ---- the engines ---------------------------------------------------------------------------------


class Site:
    """Our own engine and query path."""

    name = "site"

    def __init__(self, folder: Path) -> None:
        self._engine = engines.open(folder / "site")

    def add(self, documents: Iterable[Document]) -> None:
        entries = (_entry(number, document) for number, document in enumerate(documents))
        for cursor in itertools.count(1):
            batch = list(itertools.islice(entries, BATCH))
            if not batch:
                return
            self._engine.apply(batch, [], cursor, after=cursor - 1)

    def top(self, text: str, limit: int) -> list[str]:
        answer = retrieval.retrieve(self._engine, query.parse(text), retrieval.SearchOptions(limit=limit))
        return [hit.group for hit in answer.result.hits]


def _entry(number: int, document: Document) -> Entry:
    return Entry(
        key=f"document:{number}",
        group=document.group,
        fingerprint="",
        words=weights.words(document.title, [document.text], document.language),
        names=weights.names([document.title], document.language),
        facets={"language": (document.language,)} if document.language else {},
    )


class Fts5:
    """SQLite's full-text search, given our tokens in a form that its own tokeniser leaves whole."""

    name = "fts5"

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "fts5.sqlite")
        weakref.finalize(self, self._database.close)
        self._database.execute("CREATE VIRTUAL TABLE words USING fts5(group_ UNINDEXED, terms, tokenize='ascii')")

    def add(self, documents: Iterable[Document]) -> None:
        rows = ((document.group, " ".join(_ascii(_plain_terms(document)))) for document in documents)
        self._database.executemany("INSERT INTO words VALUES (?, ?)", rows)

    def top(self, text: str, limit: int) -> list[str]:
        terms = " OR ".join(_ascii(query.parse(text).terms))
        if not terms:
            return []
        rows = self._database.execute(
            "SELECT group_ FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT ?", (terms, limit * 12)
        )
        return _first(limit, (group for (group,) in rows))


class Tantivy:
    """Tantivy, given our tokens."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        (folder / "tantivy").mkdir()
        schema = tantivy.SchemaBuilder().add_text_field("group", stored=True, tokenizer_name="raw")
        schema = schema.add_text_field("terms", tokenizer_name="whitespace")
        self._schema = schema.build()
        self._index = tantivy.Index(self._schema, path=str(folder / "tantivy"))

    def add(self, documents: Iterable[Document]) -> None:
        writer = self._index.writer(num_threads=1)
        for document in documents:
            terms = " ".join(_ascii(_plain_terms(document)))
            writer.add_document(tantivy.Document(group=document.group, terms=terms))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def top(self, text: str, limit: int) -> list[str]:
        terms = _ascii(query.parse(text).terms)
        clauses = [(tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "terms", term)) for term in terms]
        searcher = self._index.searcher()
        found = searcher.search(tantivy.Query.boolean_query(clauses), limit * 12).hits if clauses else []
        return _first(limit, (searcher.doc(address).get_first("group") for _, address in found))


def _plain_terms(document: Document) -> Iterator[str]:
    """The terms any engine is given: stems, nouns, characters and pairs, those of the title as often as they weigh."""
    for stream in weights.words(document.title, [document.text], document.language):
        terms = (term for term, _ in stream.terms if term[0] not in (EXACT, ROOT_SIGN, PHONETIC, TITLE))
        yield from _repeated(TokenStream(tuple((term, 0) for term in terms), stream.weight))


def _repeated(stream: TokenStream) -> Iterator[str]:
    for _ in range(round(stream.weight)):
        yield from (term for term, _ in stream.terms)


def _ascii(terms: Iterable[str]) -> list[str]:
    return ["t" + term.encode().hex() for term in terms]


def _first(limit: int, groups: Iterable[str]) -> list[str]:
    return list(itertools.islice(dict.fromkeys(groups), limit))


# ---- the measures --------------------------------------------------------------------------------


def hits(contender: Contender, rows: Sequence[dict[str, Any]], by: Sequence[str]) -> Iterator[dict[str, Any]]:
    """For each group of known-item queries the share whose story came first, and among the first five."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in rows:
        top = contender.top(row["query"], 5)
        wanted = row["expected_source_id"]
        places[tuple(row[name] for name in by)].append(top.index(wanted) if wanted in top else 99)
    for names, found in sorted(places.items()):
        first, five = (sum(place < most for place in found) / len(found) for most in (1, 5))
        yield {
            **dict(zip(by, names, strict=True)),
            "queries": len(found),
            "hit@1": round(first, 3),
            "hit@5": round(five, 3),
        }


def ndcg(contender: Contender, queries: Sequence[dict[str, Any]], judged: dict[str, dict[str, float]]) -> float:
    """Normalised discounted cumulative gain of the first ten: linear gain, log2 discount, judged queries only.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).
    """
    scores = []
    for row in queries:
        gains = judged.get(str(row["query_id"]), {})
        best = _discounted(sorted(gains.values(), reverse=True)[:10])
        if best:
            found = contender.top(row["text"], 10)
            scores.append(_discounted([gains.get(group, 0.0) for group in found]) / best)
    return sum(scores) / len(scores)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / log2(place + 2) for place, gain in enumerate(gains))


# ---- the runs ------------------------------------------------------------------------------------


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _contenders(folder: Path, documents: Sequence[Document]) -> Iterator[Contender]:
    for kind in (Site, Fts5, *([Tantivy] if tantivy else [])):
        contender: Contender = kind(folder)
        contender.add(documents)
        yield contender


def measure_stories(stories: Path, queries: Path, by: Sequence[str]) -> None:
    """Print the hits of known-item queries, all languages in one index."""
    rows = itertools.chain.from_iterable(_rows(path) for path in sorted(stories.glob("*.jsonl")))
    documents = [Document(row["source_id"], row["title"], row["body"], row["language"]) for row in rows]
    asked = _rows(queries)
    with tempfile.TemporaryDirectory() as folder:
        for contender in _contenders(Path(folder), documents):
            for figures in hits(contender, asked, by):
                print(json.dumps({"engine": contender.name, **figures}), flush=True)


def measure_collection(folder: Path) -> None:
    """Print nDCG@10 on one test collection."""
    rows = _rows(folder / "docs.jsonl")
    documents = [Document(str(row["doc_id"]), row.get("title") or "", row.get("text") or "") for row in rows]
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows(folder / "qrels.jsonl"):
        judged[str(row["query_id"])][str(row["doc_id"])] = float(row["relevance"])
    with tempfile.TemporaryDirectory() as scratch:
        for contender in _contenders(Path(scratch), documents):
            score = ndcg(contender, _rows(folder / "queries.jsonl"), judged)
            print(
                json.dumps({"engine": contender.name, "collection": folder.resolve().name, "ndcg@10": round(score, 4)}),
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=Path, metavar="DIR")
    parser.add_argument("--queries", type=Path, metavar="FILE")
    parser.add_argument("--collection", type=Path, metavar="DIR", action="append", default=[])
    parser.add_argument("--kinds", action="store_true", help="one line for each kind of known-item query")
    given = parser.parse_args()
    if not (given.stories or given.collection):
        given.stories, given.queries = DATA / "stories", DATA / "search" / "known_item_queries.jsonl"
        given.collection = [DATA / "search" / "cranfield", DATA / "search" / "adi"]
    if given.stories and not given.queries:
        parser.error("--stories needs --queries")
    for folder in given.collection:
        measure_collection(folder)
    if given.stories:
        measure_stories(given.stories, given.queries, ["language", "level", *(["kind"] if given.kinds else [])])


if __name__ == "__main__":
    main()
