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

A query asks for the same terms: the exact form first, the stem for less, see `wanted`. Offsets count characters of the
normalised text, so callers pass `normal(text)` and cut their excerpts from it.
"""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import regex

from index.analysis import segmentation
from index.analysis.cache import remembered
from index.analysis.folding import exact, fold, fold_khmer, simplified
from index.analysis.phonetics import heard_as, korean, sound, spoken_pair
from index.analysis.segmentation import Piece
from index.analysis.stemming import korean_noun, korean_short, stem, tagalog_root
from index.analysis.stop_words import COMMON, COMMON_CHARACTERS

EXACT, ROOT, SOUND, TITLE, NAME = "=", "+", "~", "^", "/"

# What a reading of a typed word is worth beside its exact form.
STEM_WEIGHT = 0.9
ROOT_WEIGHT = 0.4
PAIRS_WEIGHT = 0.5
SOUND_WEIGHT = 0.3

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


class Reading(NamedTuple):
    """One way to understand a typed word: all of these terms, and what a match is worth."""

    terms: tuple[str, ...]
    weight: float = 1.0


class Wanted(NamedTuple):
    """A word of a query: its readings, the exact one first, its place, and whether it is too common to ask for.

    `spaced` is false for the pairs that writing without spaces is cut into: they are pieces, not words. `sounds` are
    readings of a word typed in Latin letters as one of another script, for when no entry has it as typed.
    """

    readings: tuple[Reading, ...]
    position: int
    start: int
    end: int
    common: bool = False
    spaced: bool = True
    sounds: tuple[Reading, ...] = ()


def normal(text: str) -> str:
    """The text in Unicode's composed form (NFC), without lone surrogates, which no file could hold."""
    return unicodedata.normalize("NFC", _LONE_SURROGATES.sub("\ufffd", text))


def tokens(text: str, language: str = "") -> Iterator[Token]:
    """The terms of a normalised text in order. The language, if known, adds what only it needs (Tagalog roots)."""
    position = 0
    for kind, stretch, start in segmentation.pieces(text):
        forms: Iterable[_Form]
        if kind in (segmentation.HAN, segmentation.CLUSTERS):
            signs = _signs(Piece(kind, stretch, start))
            forms, places = _pairs(signs, kind == segmentation.HAN), len(signs)
        else:
            forms, places = _word(kind, stretch, language == "tl"), 1
        for term, place, first, last in forms:
            yield Token(term, position + place, start + first, start + last)
        position += places


def wanted(text: str) -> Iterator[Wanted]:
    """The words of a normalised query, with the terms that each may be found by."""
    position = 0
    for piece in segmentation.pieces(text):
        if piece.kind == segmentation.ALPHABET:
            word = _alphabet_wanted(piece, position)
            if word.readings:
                yield word
            position += 1
        elif piece.kind == segmentation.HANGUL:
            yield _hangul_wanted(piece, position)
            position += 1
        for stretch in segmentation.parted(piece) if piece.kind in (segmentation.HAN, segmentation.CLUSTERS) else ():
            signs = _signs(stretch)
            yield from _pairs_wanted(signs, position, stretch.start)
            position += len(signs)


def title_keys(title: str) -> tuple[str, str]:
    """Two terms for a whole title, as it sounds and as it is written: who types the title finds the story first."""
    said = list(tokens(normal(title)))
    folded = "".join(token.term for token in said if token.term[0] not in (EXACT, ROOT, SOUND))
    written = "".join(exact(piece.text) for piece in segmentation.pieces(normal(title)))
    return _key(folded), _key(EXACT + written)


def _key(words: str) -> str:
    return TITLE + hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


# ---- words ---------------------------------------------------------------------------------------

_Form = tuple[str, int, int, int]  # a term, its place after the first, and where it starts and ends in the word


@remembered(20_000)
def _word(kind: str, word: str, tagalog: bool) -> tuple[_Form, ...]:
    """The terms of a word of an alphabet or of Hangul. Words come again and again, so they are remembered."""
    return tuple(_hangul(word) if kind == segmentation.HANGUL else _alphabet(word, tagalog))


def _alphabet_terms(word: str) -> tuple[str, str, str]:
    """A word as stem, exact form and folded word."""
    word = word[:LONGEST_TERM]
    folded = fold(_CONTRACTION.sub("", word))
    return (stem(folded) if folded else ""), exact(word), folded


def _alphabet(word: str, tagalog: bool) -> Iterator[_Form]:
    stemmed, written, folded = _alphabet_terms(word)
    if stemmed:
        yield stemmed, 0, 0, len(word)
    if written and written != stemmed:
        yield EXACT + written, 0, 0, len(word)
    if tagalog and len(folded) > 3:
        yield ROOT + tagalog_root(folded), 0, 0, len(word)
    if folded > _LATIN and (key := sound(folded)):
        yield SOUND + key, 0, 0, len(word)


def _alphabet_wanted(piece: Piece, position: int) -> Wanted:
    stemmed, written, folded = _alphabet_terms(piece.text)
    readings = [Reading((EXACT + written,))] if written and written != stemmed else []
    if stemmed:
        readings.append(Reading((stemmed,), STEM_WEIGHT if readings else 1.0))
    if folded.isascii() and len(folded) > 3:
        readings.append(Reading((ROOT + tagalog_root(folded),), ROOT_WEIGHT))
    common = folded in COMMON or written in COMMON
    heard = () if common or not folded.isascii() else heard_as(folded)
    sounds = tuple(_sounding(keys, folded) for keys in heard)
    return Wanted(tuple(readings), position, piece.start, piece.end, common, sounds=sounds)


def _sounding(keys: tuple[str, ...], word: str) -> Reading:
    """A reading by sound: worth the more, the more of the word's letters are in the key."""
    kept = min(1.0, sum(len(key) - 1 for key in keys) / len(word))
    return Reading(tuple(SOUND + key for key in keys), SOUND_WEIGHT * kept)


def _hangul(word: str) -> Iterator[_Form]:
    word = word[:LONGEST_TERM]
    noun, short = korean_noun(word), korean_short(word)
    yield noun, 0, 0, len(noun)
    if word != noun:
        yield EXACT + word, 0, 0, len(word)
    if short:
        yield short, 0, 0, 1
    if key := korean(noun):
        yield SOUND + key, 0, 0, len(noun)
    for start in range(len(word) - 1):
        if word[start : start + 2] != noun:
            yield word[start : start + 2], 0, start, start + 2


def _hangul_wanted(piece: Piece, position: int) -> Wanted:
    word = piece.text[:LONGEST_TERM]
    noun, short = korean_noun(word), korean_short(word)
    readings = [Reading((EXACT + word,))] if word != noun else []
    readings.append(Reading((noun,), STEM_WEIGHT if readings else 1.0))
    if short:
        readings.append(Reading((short,), STEM_WEIGHT))
    if len(noun) > 2:
        pairs = tuple(noun[offset : offset + 2] for offset in range(len(noun) - 1))
        readings.append(Reading(pairs, PAIRS_WEIGHT))
    return Wanted(tuple(readings), position, piece.start, piece.end, word in COMMON)


# ---- scripts without spaces ----------------------------------------------------------------------


_cluster = remembered(20_000)(fold_khmer)

_Sign = tuple[str, int, int]  # a character or cluster as it is compared, and where it starts and ends


def _signs(piece: Piece) -> list[_Sign]:
    """The Chinese characters, in their Simplified form, or the clusters of a stretch."""
    if piece.kind == segmentation.HAN:
        return [(sign, at, at + 1) for at, sign in enumerate(simplified(piece.text))]
    found = ((_cluster(cluster)[:LONGEST_TERM], at, len(cluster)) for cluster, at in segmentation.clusters(piece.text))
    return [(sign, at, at + length) for sign, at, length in found if sign]


def _pairs(signs: list[_Sign], han: bool) -> Iterator[_Form]:
    """Each sign and each pair of a stretch."""
    for place, (sign, start, end) in enumerate(signs):
        yield sign, place, start, end
        if place + 1 < len(signs):
            after, _, end = signs[place + 1]
            yield sign + after, place, start, end
            if key := spoken_pair(sign + after, han):
                yield SOUND + key, place, start, end


def _pairs_wanted(signs: list[_Sign], position: int, at: int) -> Iterator[Wanted]:
    if len(signs) == 1:
        sign, start, end = signs[0]
        yield Wanted((Reading((sign,)),), position, at + start, at + end, sign in COMMON, spaced=False)
    for place, ((sign, start, _), (after, _, end)) in enumerate(itertools.pairwise(signs)):
        common = not COMMON_CHARACTERS.isdisjoint((sign, after))
        reading = Reading((sign + after,))
        yield Wanted((reading,), position + place, at + start, at + end, common, spaced=False)
