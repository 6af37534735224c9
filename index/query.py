"""From what a reader typed to a query tree: words, "phrases", -without and word*; anything else is text.

Nothing a person can type is an error, and the work is bounded: only so many characters and words are looked at.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import regex

from index.analysis import phonetics
from index.analysis.analyzer import EXACT, ROOT, SOUND, Reading, Wanted, normal, title_keys, wanted
from index.analysis.folding import exact, fold
from index.engines.base import (
    NAMES,
    All,
    Also,
    Any,
    Best,
    Boost,
    Everything,
    Most,
    Node,
    Nothing,
    Phrase,
    Prefix,
    Term,
    Without,
)

LONGEST_QUERY = 1_000  # characters; what follows is not read
MOST_WORDS = 64
MOST_NEIGHBOURS = 16

# Weights found on Cranfield, ADI and the known-item queries (bench/relevance.py). All of them are flat around here.
IN_A_NAME = 0.6  # what a word counts for once more when it stands in a title or another name
NEIGHBOURS = 1.5  # what two words count for once more when they stand side by side, shared among all the words
AS_TYPED = 1.0  # what a short query counts for once more that stands there word for word
COMPLETE = 30.0  # how many times more an entry with all the words counts than one with some
WHOLE_TITLE = 3.0  # what it counts for that the query is a whole title

TELLING_SOUND = 7  # signs of a sound that few words have by chance, with those that say that it is one, and of what
_ONE_IN = 6  # of the words of a question that few entries answer
CLUSTERED_LANGUAGES = ("km", "th", "lo", "my")
_WIDEST_GAP = 3
_SHORT = 8
_CLAUSES = regex.compile(
    r"""(?P<minus>(?<!\S)[-–−])?["“”„«»「」](?P<phrase>[^"“”„«»「」]+)["“”„«»「」]"""
    r"""|(?<!\S)[-–−](?P<without>[\p{L}\p{N}]\S*)"""
    r"""|(?P<prefix>[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)\*"""
)

Rarity = Callable[[str], float]


@dataclass(frozen=True)
class Asked:
    """What a reader asked for: loose words, phrases, beginnings of words, and what must not be there.

    `spoken` are the loose words as they came; `words` are those of them worth asking for, each once.
    """

    text: str
    spoken: tuple[Wanted, ...] = ()
    words: tuple[Wanted, ...] = ()
    phrases: tuple[tuple[Wanted, ...], ...] = ()
    prefixes: tuple[str, ...] = ()
    without: tuple[tuple[Wanted, ...], ...] = field(default=())

    @property
    def parts(self) -> int:
        """How many things an entry can match."""
        return len(self.words) + len(self.phrases) + len(self.prefixes)

    @property
    def terms(self) -> tuple[str, ...]:
        """The plainest term of every word, for questions about how common each is."""
        phrased = itertools.chain.from_iterable(self.phrases)
        return tuple(dict.fromkeys(plain_term(word) for word in (*self.words, *phrased)))


def parse(typed: str) -> Asked:
    """Read a query. Never raises; an empty or wordless query asks for nothing."""
    text = normal(typed[:LONGEST_QUERY])
    phrases, prefixes, without = [], [], []
    for clause in _CLAUSES.finditer(text):
        if clause["without"] or clause["minus"]:
            without.append(_some(wanted(clause["without"] or clause["phrase"])))
        elif clause["phrase"]:
            at = clause.start("phrase")
            phrases.append(
                _some(word._replace(start=word.start + at, end=word.end + at) for word in wanted(clause["phrase"]))
            )
        else:
            prefixes.append(clause["prefix"])
    rest = _CLAUSES.sub(lambda clause: " " * len(clause.group()), text)
    spoken = _some(wanted(rest))
    return Asked(text, spoken, _telling(spoken), _full(phrases), tuple(prefixes[:MOST_WORDS]), _full(without))


def _some(words: Iterable[Wanted]) -> tuple[Wanted, ...]:
    return tuple(itertools.islice((word for word in words if word.readings), MOST_WORDS))


def _full(clauses: list[tuple[Wanted, ...]]) -> tuple[tuple[Wanted, ...], ...]:
    return tuple(clause for clause in clauses[:MOST_WORDS] if clause)


def _telling(spoken: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
    """The words worth asking for: each once, the common ones only where there are no others."""
    once = {word.readings: word for word in reversed(spoken)}
    inorder = tuple(sorted(once.values(), key=lambda word: word.position))
    return tuple(word for word in inorder if not word.common) or inorder


def heard(asked: Asked, foreign: Callable[[Wanted], bool]) -> Asked:
    """The same, with every word that may be of another script read by its sound as well: kahani for कहानी."""
    words = tuple(
        word._replace(readings=word.readings + word.sounds) if word.sounds and foreign(word) else word
        for word in asked.words
    )
    return replace(asked, words=words)


def sounding_in(asked: Asked, language: str) -> Asked:
    """The same, without the sounds of clusters for readers of other languages than those written in them.

    A pair of clusters is a piece of a word, so a Latin word sounds like one by chance too often.
    """
    if language in {"", *CLUSTERED_LANGUAGES}:
        return asked
    return _sounding(asked, lambda sound: not sound.terms[0].endswith(phonetics.CLUSTERED))


def _sounding(asked: Asked, keeps: Callable[[Reading], bool]) -> Asked:
    words = (word._replace(sounds=tuple(filter(keeps, word.sounds))) for word in asked.words)
    return replace(asked, words=tuple(words))


def telling_sounds(asked: Asked) -> Asked:
    """The same, with only those sounds of its words that few words have by chance."""
    return _sounding(asked, lambda sound: len(sound.terms[0]) >= TELLING_SOUND)


# ---- the tree ------------------------------------------------------------------------------------


def with_all_words(asked: Asked, rarity: Rarity) -> Node:
    """Entries that have every word, phrase and beginning, and nothing unwanted."""
    return _finished(asked, All(_parts(asked, rarity)), rarity)


def with_most_words(asked: Asked, rarity: Rarity) -> Node:
    """Entries that have at least half of them; those with all come first."""
    return _with_at_least((asked.parts + 1) // 2, asked, rarity)


def with_some_words(asked: Asked, rarity: Rarity) -> Node:
    """Entries that have a few of them, as suits a whole question; those with all come first."""
    return _with_at_least(asked.parts // _ONE_IN, asked, rarity)


def _with_at_least(enough: int, asked: Asked, rarity: Rarity) -> Node:
    some = _finished(asked, Most(_parts(asked, rarity), max(1, enough)), rarity)
    return Also(some, Boost(with_all_words(asked, rarity), COMPLETE))


def _finished(asked: Asked, node: Node, rarity: Rarity) -> Node:
    if not asked.parts:
        node = Everything() if asked.without else Nothing()
    extras = tuple(_extras(asked, rarity))
    node = Also(node, Any(extras)) if extras else node
    unwanted = tuple(_phrase(words) for words in asked.without)
    return Without(node, Any(unwanted)) if unwanted else node


def _parts(asked: Asked, rarity: Rarity) -> tuple[Node, ...]:
    words = (_word(word, rarity(plain_term(word))) for word in asked.words)
    phrases = (_phrase(words) for words in asked.phrases)
    prefixes = (_prefix(prefix) for prefix in asked.prefixes)
    return (*words, *phrases, *prefixes)


def _extras(asked: Asked, rarity: Rarity) -> Iterator[Node]:
    """What raises an entry that matches already: the whole title, words in names, words as they were typed."""
    if asked.parts:
        yield from (Term(key, WHOLE_TITLE) for key in title_keys(asked.text))
    for term in dict.fromkeys(plain_term(word) for word in asked.words):
        yield Term(term, IN_A_NAME * rarity(term), NAMES)
    for reading in itertools.chain.from_iterable(word.readings for word in asked.words):
        if reading.terms[0].startswith(SOUND) and len(reading.terms) == 1:
            yield Term(reading.terms[0], IN_A_NAME * reading.weight, NAMES)
    if 2 < len(asked.spoken) <= _SHORT:
        yield _phrase(asked.spoken, AS_TYPED)
    for pair in itertools.islice(_neighbours(asked), MOST_NEIGHBOURS):
        yield _phrase(pair, NEIGHBOURS / len(asked.words))


def _neighbours(asked: Asked) -> Iterator[tuple[Wanted, Wanted]]:
    """Words that stand side by side in the query: in a short one all of them, in a long one those worth asking for."""
    short = len(asked.spoken) <= _SHORT
    for first, second in itertools.pairwise(asked.spoken if short else asked.words):
        if second.position - first.position <= _WIDEST_GAP and not (first.common and second.common):
            yield first, second


def _word(word: Wanted, boost: float) -> Node:
    readings = tuple(_reading(reading, boost * reading.weight) for reading in word.readings)
    return readings[0] if len(readings) == 1 else Best(readings)


def _reading(reading: Reading, boost: float) -> Node:
    if len(reading.terms) == 1:
        return Term(reading.terms[0], boost)
    terms = tuple(Term(term, boost / len(reading.terms)) for term in reading.terms)
    return Most(terms, max(2, _two_thirds(len(terms))))


def _two_thirds(pieces: int) -> int:
    """How many of its pieces make a word: not all, for a compound may be written apart, 교회지하실 and 교회 지하실."""
    return -(-2 * pieces // 3)


def _phrase(words: tuple[Wanted, ...], boost: float = 1.0) -> Node:
    """The words side by side, as written or, for half, in the form of their stems."""
    first = words[0].position
    if len(words) == 1:
        return _word(words[0]._replace(readings=words[0].readings[:1]), boost)
    written = tuple((word.readings[0].terms[0], word.position - first) for word in words)
    plain = tuple((plain_term(word), word.position - first) for word in words)
    return Phrase(plain, boost) if plain == written else Best((Phrase(written, boost), Phrase(plain, boost / 2)))


def _prefix(prefix: str) -> Node:
    folded, written = fold(prefix), EXACT + exact(prefix)
    return Best((Prefix(folded), Prefix(written))) if folded else Nothing()


def plain_term(word: Wanted) -> str:
    """The term that every form of the word shares: its stem, noun, character or pair."""
    terms = (reading.terms[0] for reading in word.readings)
    return next((term for term in terms if term[0] not in (EXACT, ROOT)), word.readings[0].terms[0])
