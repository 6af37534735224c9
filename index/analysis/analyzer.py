"""How words become terms, for the index and for queries alike, in nine languages.

    kind of script   what is kept in the index, all at the position of the word
    --------------   -----------------------------------------------------------------------------
    alphabet         its stem (letters folded, ending taken off): কাহিনী, stori, nguoi
                     =its exact form, where that differs:         =stories, =người
                     +its root, in Tagalog:                       +turu
                     ~its sound, in other letters than Latin:     ~khn
    hangul           its noun, =the word, its pairs of syllables, and its ~sound
    han              each character, and each pair, in Simplified characters, and ~how the pair is spoken
    clusters         each cluster, and each pair, and their ~sound (Khmer, Thai, Lao, Burmese)

A query asks for the same terms: the exact form first, the stem for less, see `query_words`. Offsets count characters of
the normalised text, so callers pass `normalize(text)` and cut their excerpts from it.
"""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import regex

from index.analysis import segmentation
from index.analysis.cache import memoize
from index.analysis.folding import exact_form, fold, fold_khmer, to_simplified
from index.analysis.phonetics import korean_key, phonetic_bigram_key, phonetic_key, phonetic_keys
from index.analysis.segmentation import ScriptRun
from index.analysis.stemming import korean_noun, korean_short, stem, tagalog_root
from index.analysis.stop_words import STOP_CHARACTERS, STOP_WORDS

EXACT, ROOT, PHONETIC, TITLE, NAME = "=", "+", "~", "^", "/"

# What another form of a typed word is worth beside its exact form.
STEM_WEIGHT = 0.9
ROOT_WEIGHT = 0.4
BIGRAM_WEIGHT = 0.5
PHONETIC_WEIGHT = 0.3

LONGEST_TERM = 64  # characters; longer "words" are page-long lines of letters, cut here

_LATIN = "\u0250"  # words that begin with a letter below this are written in Latin letters
_LONE_SURROGATES = regex.compile("[\ud800-\udfff]")
# English possessives, and the Tagalog "at" and "ay" after a vowel: Aditi's, namumutlâ't, ako'y.
_CONTRACTION = regex.compile("['’ʼ＇](?:s|(?<=[aeiouáàâéèêíìîóòôúùû].)[ty])$", regex.IGNORECASE)


class Token(NamedTuple):
    """A term, the position of its word, and the characters of the normalised text it stands for."""

    term: str
    position: int
    start: int
    end: int


class WordForm(NamedTuple):
    """A form of a typed word to look for (exact, stem, phonetic …): all of these terms, and what a match is worth."""

    terms: tuple[str, ...]
    weight: float = 1.0


class QueryWord(NamedTuple):
    """A word of a query: its forms, the exact one first, its place, and whether it is a stop word.

    `space_delimited` is false for the bigrams that writing without spaces is cut into: they are pieces, not words.
    `phonetic_forms` are those of a word typed in Latin letters as one of another script, for when no entry has it as
    typed.
    """

    forms: tuple[WordForm, ...]
    position: int
    start: int
    end: int
    is_stop_word: bool = False
    space_delimited: bool = True
    phonetic_forms: tuple[WordForm, ...] = ()


def normalize(text: str) -> str:
    """The text in Unicode's composed form (NFC), without lone surrogates, which no file could hold."""
    return unicodedata.normalize("NFC", _LONE_SURROGATES.sub("\ufffd", text))


def tokens(text: str, language: str = "") -> Iterator[Token]:
    """The terms of a normalised text in order. The language, if known, adds what only it needs (Tagalog roots)."""
    position = 0
    for kind, stretch, start in segmentation.script_runs(text):
        forms: Iterable[_PlacedTerm]
        if kind in (segmentation.HAN, segmentation.CLUSTERS):
            characters = _characters(ScriptRun(kind, stretch, start))
            forms, places = _bigrams(characters, kind == segmentation.HAN), len(characters)
        else:
            forms, places = _word_terms(kind, stretch, language == "tl"), 1
        for term, place, first, last in forms:
            yield Token(term, position + place, start + first, start + last)
        position += places


def terms(text: str, language: str = "") -> tuple[list[str], array[int]]:
    """The terms and the positions of `tokens`, in two columns: whoever makes an entry needs no more."""
    words: list[str] = []
    positions: array[int] = array("I")
    position, tagalog = 0, language == "tl"
    for kind, stretch in segmentation.plain_runs(text):
        if kind in (segmentation.HAN, segmentation.CLUSTERS):
            characters = _characters(ScriptRun(kind, stretch, 0))
            for term, place, _, _ in _bigrams(characters, kind == segmentation.HAN):
                words.append(term)
                positions.append(position + place)
            position += len(characters)
        else:
            forms = _terms_of_word(kind, stretch, tagalog)
            words += forms
            positions.extend([position] * len(forms))
            position += 1
    return words, positions


def query_words(text: str) -> Iterator[QueryWord]:
    """The words of a normalised query, with the terms that each may be found by."""
    position = 0
    for run in segmentation.script_runs(text):
        if run.kind == segmentation.ALPHABET:
            word = _alphabet_query_word(run, position)
            if word.forms:
                yield word
            position += 1
        elif run.kind == segmentation.HANGUL:
            yield _hangul_query_word(run, position)
            position += 1
        for stretch in (
            segmentation.split_at_spaces(run) if run.kind in (segmentation.HAN, segmentation.CLUSTERS) else ()
        ):
            characters = _characters(stretch)
            yield from _bigram_query_words(characters, position, stretch.start)
            position += len(characters)


def title_keys(title: str) -> tuple[str, str]:
    """Two terms for a whole title, as it sounds and as it is written: who types the title finds the story first."""
    said = list(tokens(normalize(title)))
    folded = "".join(token.term for token in said if token.term[0] not in (EXACT, ROOT, PHONETIC))
    written = "".join(exact_form(run.text) for run in segmentation.script_runs(normalize(title)))
    return _key(folded), _key(EXACT + written)


def _key(words: str) -> str:
    return TITLE + hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


# ---- words ---------------------------------------------------------------------------------------

_PlacedTerm = tuple[str, int, int, int]  # a term, its place after the first, and where it starts and ends in the word


@memoize(20_000)
def _word_terms(kind: str, word: str, tagalog: bool) -> tuple[_PlacedTerm, ...]:
    """The terms of a word of an alphabet or of Hangul. Words come again and again, so they are cached."""
    return tuple(_hangul_terms(word) if kind == segmentation.HANGUL else _alphabet_terms(word, tagalog))


@memoize(40_000)
def _terms_of_word(kind: str, word: str, tagalog: bool) -> tuple[str, ...]:
    """The terms alone of such a word: what entries are made of, so only in processes that make many are there many."""
    forms = _hangul_terms(word) if kind == segmentation.HANGUL else _alphabet_terms(word, tagalog)
    return tuple(term for term, _, _, _ in forms)


def _alphabet_forms(word: str) -> tuple[str, str, str]:
    """A word as stem, exact form and folded word."""
    word = word[:LONGEST_TERM]
    folded = fold(word if word.isalnum() and word.isascii() else _CONTRACTION.sub("", word))
    return (stem(folded) if folded else ""), exact_form(word), folded


def _alphabet_terms(word: str, tagalog: bool) -> Iterator[_PlacedTerm]:
    stemmed, written, folded = _alphabet_forms(word)
    if stemmed:
        yield stemmed, 0, 0, len(word)
    if written and written != stemmed:
        yield EXACT + written, 0, 0, len(word)
    if tagalog and len(folded) > 3:
        yield ROOT + tagalog_root(folded), 0, 0, len(word)
    if folded > _LATIN and (key := phonetic_key(folded)):
        yield PHONETIC + key, 0, 0, len(word)


def _alphabet_query_word(run: ScriptRun, position: int) -> QueryWord:
    stemmed, written, folded = _alphabet_forms(run.text)
    forms = [WordForm((EXACT + written,))] if written and written != stemmed else []
    if stemmed:
        forms.append(WordForm((stemmed,), STEM_WEIGHT if forms else 1.0))
    if folded.isascii() and len(folded) > 3:
        forms.append(WordForm((ROOT + tagalog_root(folded),), ROOT_WEIGHT))
    is_stop_word = folded in STOP_WORDS or written in STOP_WORDS
    candidates = () if is_stop_word or not folded.isascii() else phonetic_keys(folded)
    phonetic_forms = tuple(_phonetic_form(keys, folded) for keys in candidates)
    return QueryWord(tuple(forms), position, run.start, run.end, is_stop_word, phonetic_forms=phonetic_forms)


def _phonetic_form(keys: tuple[str, ...], word: str) -> WordForm:
    """A form by its sound: worth the more, the more of the word's letters are in the key."""
    kept = min(1.0, sum(len(key) - 1 for key in keys) / len(word))
    return WordForm(tuple(PHONETIC + key for key in keys), PHONETIC_WEIGHT * kept)


def _hangul_terms(word: str) -> Iterator[_PlacedTerm]:
    word = word[:LONGEST_TERM]
    noun, short = korean_noun(word), korean_short(word)
    yield noun, 0, 0, len(noun)
    if word != noun:
        yield EXACT + word, 0, 0, len(word)
    if short:
        yield short, 0, 0, 1
    if key := korean_key(noun):
        yield PHONETIC + key, 0, 0, len(noun)
    for start in range(len(word) - 1):
        if word[start : start + 2] != noun:
            yield word[start : start + 2], 0, start, start + 2


def _hangul_query_word(run: ScriptRun, position: int) -> QueryWord:
    word = run.text[:LONGEST_TERM]
    noun, short = korean_noun(word), korean_short(word)
    forms = [WordForm((EXACT + word,))] if word != noun else []
    forms.append(WordForm((noun,), STEM_WEIGHT if forms else 1.0))
    if short:
        forms.append(WordForm((short,), STEM_WEIGHT))
    if len(noun) > 2:
        pairs = tuple(noun[offset : offset + 2] for offset in range(len(noun) - 1))
        forms.append(WordForm(pairs, BIGRAM_WEIGHT))
    return QueryWord(tuple(forms), position, run.start, run.end, word in STOP_WORDS)


# ---- scripts without spaces ----------------------------------------------------------------------


_folded_cluster = memoize(20_000)(fold_khmer)

_Character = tuple[str, int, int]  # a character or cluster as it is compared, and where it starts and ends


def _characters(run: ScriptRun) -> list[_Character]:
    """The Chinese characters, in their Simplified form, or the clusters of a stretch."""
    if run.kind == segmentation.HAN:
        return [(character, at, at + 1) for at, character in enumerate(to_simplified(run.text))]
    found = (
        (_folded_cluster(cluster)[:LONGEST_TERM], at, len(cluster)) for cluster, at in segmentation.clusters(run.text)
    )
    return [(character, at, at + length) for character, at, length in found if character]


def _bigrams(characters: list[_Character], han: bool) -> Iterator[_PlacedTerm]:
    """Each character or cluster, and each pair of them."""
    for place, (character, start, end) in enumerate(characters):
        yield character, place, start, end
        if place + 1 < len(characters):
            after, _, end = characters[place + 1]
            yield character + after, place, start, end
            if key := phonetic_bigram_key(character + after, han):
                yield PHONETIC + key, place, start, end


def _bigram_query_words(characters: list[_Character], position: int, at: int) -> Iterator[QueryWord]:
    if len(characters) == 1:
        character, start, end = characters[0]
        yield QueryWord(
            (WordForm((character,)),), position, at + start, at + end, character in STOP_WORDS, space_delimited=False
        )
    for place, ((character, start, _), (after, _, end)) in enumerate(itertools.pairwise(characters)):
        is_stop_word = not STOP_CHARACTERS.isdisjoint((character, after))
        form = WordForm((character + after,))
        yield QueryWord((form,), position + place, at + start, at + end, is_stop_word, space_delimited=False)
