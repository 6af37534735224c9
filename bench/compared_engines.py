"""Search engines under one interface, fed the same terms: ours, SQLite FTS5, tantivy, and Whoosh as it comes."""

from __future__ import annotations

import shutil
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from whoosh import fields, query, sorting
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.index import create_in, open_dir

from bench.corpus import Story
from index import engines
from index.engines import base
from index.engines.base import Search, Term
from index.engines.whoosh.directory import IndexDirectory

try:
    import tantivy
except ImportError:  # the bench lock brings it; without it there is one contender less
    tantivy = None

BATCH = 1_000
Counts = Mapping[str, int]


class Contender(Protocol):
    """An engine in a folder. The kinds of query are those of `bench.queries`."""

    name: str

    def __init__(self, folder: Path) -> None: ...

    def build(self, stories: Iterable[Story]) -> None:
        """Index all stories afresh, at once."""

    def open(self) -> None:
        """Get ready to be asked."""

    def ask(self, kind: str, terms: list[str]) -> tuple[list[str], list[Counts]]:
        """The keys of the ten best stories, and the counts by language and theme for the kind "facets"."""


class Site:
    """Our engine."""

    name = "site"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "site"

    def build(self, stories: Iterable[Story]) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        entries = (story.entry() for story in stories)
        with engines.open(self._folder).rebuild() as fresh:
            while batch := list(islice(entries, BATCH)):
                fresh.apply(batch, (), 0, after=0)

    def open(self) -> None:
        self.engine = engines.open(self._folder)
        self.engine.warm()  # as every worker does when it starts

    def ask(self, kind: str, terms: list[str]) -> tuple[list[str], list[Counts]]:
        facets = ("language", "theme") if kind == "facets" else ()
        found = self.engine.search(Search(self._query(kind, terms), facets=facets, limit=10))
        return [hit.key for hit in found.hits], [found.facets[name] for name in facets]

    def _query(self, kind: str, terms: list[str]) -> base.Query:
        if kind == "phrase":
            return base.Phrase(tuple((term, place) for place, term in enumerate(terms)))
        if kind == "prefix":
            return base.Prefix(terms[0])
        subqueries = tuple(Term(term) for term in terms)
        if len(subqueries) == 1:
            return subqueries[0]
        return base.And(subqueries) if kind == "and 2" else base.Or(subqueries)


class Fts5:
    """SQLite's full-text index beside a table, with an index of three-letter prefixes."""

    name = "fts5"
    _TABLES = (
        "create table s(id integer primary key, key text unique, language text, text text)",
        "create table theme(id integer, theme text)",
        "create virtual table f using fts5(text, content='s', content_rowid='id', prefix='3',"
        " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'\")",
    )

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fts5.sqlite"

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for setting in ("journal_mode=wal", "synchronous=normal", "cache_size=-65536", "mmap_size=2000000000"):
            connection.execute(f"pragma {setting}")
        return connection

    def build(self, stories: Iterable[Story]) -> None:
        for path in self._path.parent.glob("fts5.sqlite*"):
            path.unlink()
        connection = self._connect()
        for statement in (*self._TABLES, "begin"):
            connection.execute(statement)
        for number, story in enumerate(stories, 1):
            row = (number, story.key, story.language, story.text)
            connection.execute("insert into s values(?, ?, ?, ?)", row)
            connection.execute("insert into f(rowid, text) values(?, ?)", (number, story.text))
            connection.executemany("insert into theme values(?, ?)", [(number, theme) for theme in story.themes])
        connection.execute("create index by_id on theme(id)")
        connection.execute("commit")
        connection.execute("insert into f(f) values('optimize')")
        connection.close()

    def open(self) -> None:
        self._connection = self._connect()
        weakref.finalize(self, self._connection.close)

    def ask(self, kind: str, terms: list[str]) -> tuple[list[str], list[Counts]]:
        question = self._question(kind, terms)
        best = "select s.key from (select rowid r from f where f match ? order by rank limit 10) join s on s.id = r"
        keys = [key for (key,) in self._connection.execute(best, (question,))]
        return keys, [*self._counts(question)] if kind == "facets" else []

    def _question(self, kind: str, terms: list[str]) -> str:
        quoted = [f'"{term}"' for term in terms]
        if kind == "phrase":
            return f'"{" ".join(terms)}"'
        if kind == "prefix":
            return f"{quoted[0]}*"
        return (" AND " if kind == "and 2" else " OR ").join(quoted)

    def _counts(self, question: str) -> Iterator[Counts]:
        counted = "select {0}, count(*) from f join {1} on {1}.id = f.rowid where f match ? group by 1"
        for column, table in (("language", "s"), ("theme", "theme")):
            yield dict(self._connection.execute(counted.format(column, table), (question,)))


class Tantivy:
    """The Rust engine, through its Python binding, as one searcher with fast fields for the facets."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tantivy"

    def _schema(self) -> Any:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("key", stored=True, tokenizer_name="raw")
        builder.add_text_field("text", tokenizer_name="whitespace")
        for facet in ("language", "theme"):
            builder.add_text_field(facet, tokenizer_name="raw", fast=True)
        return builder.build()

    def build(self, stories: Iterable[Story]) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        writer = tantivy.Index(self._schema(), path=str(self._folder)).writer(heap_size=256_000_000, num_threads=1)
        for story in stories:
            facets = {"language": story.language, "theme": story.themes}
            writer.add_document(tantivy.Document(key=story.key, text=story.text, **facets))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        index = tantivy.Index(self._schema(), path=str(self._folder))
        index.reload()
        self._searcher, self._fields = index.searcher(), self._schema()

    def ask(self, kind: str, terms: list[str]) -> tuple[list[str], list[Counts]]:
        query = self._query(kind, terms)
        hits = self._searcher.search(query, limit=10, count=False).hits
        keys = [self._searcher.doc(address)["key"][0] for _, address in hits]
        return keys, self._counts(query) if kind == "facets" else []

    def _query(self, kind: str, terms: list[str]) -> Any:
        make = tantivy.Query
        if kind == "phrase":
            return make.phrase_query(self._fields, "text", terms)
        if kind == "prefix":
            return make.regex_query(self._fields, "text", f"{terms[0]}.*")
        how = tantivy.Occur.Must if kind == "and 2" else tantivy.Occur.Should
        queries = [make.term_query(self._fields, "text", term) for term in terms]
        return queries[0] if len(queries) == 1 else make.boolean_query([(how, query) for query in queries])

    def _counts(self, query: Any) -> list[Counts]:
        wanted = {name: {"terms": {"field": name, "size": 50}} for name in ("language", "theme")}
        counted = self._searcher.aggregate(query, wanted)
        return [{row["key"]: row["doc_count"] for row in counted[name]["buckets"]} for name in wanted]


class StockWhoosh:
    """Whoosh 2.7.4 as it comes: its own fields, files and searcher. Where it has no files it reads ours."""

    name = "whoosh"

    def __init__(self, folder: Path) -> None:
        self._folder, self._ours = folder / "whoosh", folder / "site"

    def build(self, stories: Iterable[Story]) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        facets = {"language": fields.ID(sortable=True), "theme": fields.KEYWORD(commas=True, sortable=True)}
        text = fields.TEXT(analyzer=SpaceSeparatedTokenizer())
        writer = create_in(self._folder, fields.Schema(key=fields.ID(stored=True), words=text, **facets)).writer()
        for story in stories:
            writer.add_document(key=story.key, words=story.text, language=story.language, theme=",".join(story.themes))
        writer.commit()

    def open(self) -> None:
        if self._folder.exists():
            self._searcher = open_dir(self._folder).searcher()
        else:
            self._searcher = IndexDirectory(self._ours).open_index((self._ours / "current").read_text()).searcher()

    def ask(self, kind: str, terms: list[str]) -> tuple[list[str], list[Counts]]:
        grouped = {}
        if kind == "facets":
            grouped = {
                name: sorting.FieldFacet(name, allow_overlap=name == "theme", maptype=sorting.Count)
                for name in ("language", "theme")
            }
        results = self._searcher.search(self._query(kind, terms), limit=10, groupedby=grouped or None)
        return [hit["key"] for hit in results], [results.groups(name) for name in grouped]

    def _query(self, kind: str, terms: list[str]) -> Any:
        if kind == "phrase":
            return query.Phrase("words", terms)
        if kind == "prefix":
            return query.Prefix("words", terms[0])
        subqueries = [query.Term("words", term) for term in terms]
        if len(subqueries) == 1:
            return subqueries[0]
        return query.And(subqueries) if kind == "and 2" else query.Or(subqueries)


ALL: dict[str, type[Contender]] = {each.name: each for each in (Site, Fts5, Tantivy, StockWhoosh)}
