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
from collections.abc import Iterator
from typing import NamedTuple

import regex

from index.analysis import cutting
from index.analysis.common import COMMON, COMMON_CHARACTERS
from index.analysis.cutting import Piece
from index.analysis.letters import exact, fold, fold_khmer, simplified
from index.analysis.sounds import heard_as, korean, pinyin, sound
from index.analysis.stems import korean_noun, korean_short, stem, tagalog_root

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
    for piece in cutting.pieces(text):
        if piece.kind == cutting.ALPHABET:
            found = _alphabet_tokens(piece, position, language)
        elif piece.kind == cutting.HANGUL:
            found = _hangul_tokens(piece, position)
        else:
            found = _pair_tokens(_signs(piece), position)
        for token in found:
            yield token
            position = max(position, token.position)
        position += 1


def wanted(text: str) -> Iterator[Wanted]:
    """The words of a normalised query, with the terms that each may be found by."""
    position = 0
    for piece in cutting.pieces(text):
        if piece.kind == cutting.ALPHABET:
            yield _alphabet_wanted(piece, position)
        elif piece.kind == cutting.HANGUL:
            yield _hangul_wanted(piece, position)
        else:
            signs = _signs(piece)
            yield from _pairs_wanted(signs, position)
            position += len(signs) - 1
        position += 1


def title_keys(title: str) -> tuple[str, str]:
    """Two terms for a whole title, as it sounds and as it is written: who types the title finds the story first."""
    said = list(tokens(normal(title)))
    folded = "".join(token.term for token in said if token.term[0] not in (EXACT, ROOT, SOUND))
    written = "".join(exact(piece.text) for piece in cutting.pieces(normal(title)))
    return _key(folded), _key(EXACT + written)


def _key(words: str) -> str:
    return TITLE + hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


# ---- alphabets -----------------------------------------------------------------------------------


def _alphabet_terms(word: str) -> tuple[str, str, str]:
    """A word as stem, exact form and folded word."""
    word = word[:LONGEST_TERM]
    folded = fold(_CONTRACTION.sub("", word))
    return (stem(folded) if folded else ""), exact(word), folded


def _alphabet_tokens(piece: Piece, position: int, language: str) -> Iterator[Token]:
    stemmed, written, folded = _alphabet_terms(piece.text)
    if stemmed:
        yield Token(stemmed, position, piece.start, piece.end)
    if written and written != stemmed:
        yield Token(EXACT + written, position, piece.start, piece.end)
    if language == "tl" and len(folded) > 3:
        yield Token(ROOT + tagalog_root(folded), position, piece.start, piece.end)
    if folded > _LATIN and (key := sound(folded)):
        yield Token(SOUND + key, position, piece.start, piece.end)


def _alphabet_wanted(piece: Piece, position: int) -> Wanted:
    stemmed, written, folded = _alphabet_terms(piece.text)
    readings = [Reading((EXACT + written,))] if written and written != stemmed else []
    if stemmed:
        readings.append(Reading((stemmed,), STEM_WEIGHT if readings else 1.0))
    if folded.isascii() and len(folded) > 3:
        readings.append(Reading((ROOT + tagalog_root(folded),), ROOT_WEIGHT))
    common = folded in COMMON or written in COMMON
    heard = () if common or not folded.isascii() else heard_as(folded)
    sounds = tuple(Reading(tuple(SOUND + key for key in keys), SOUND_WEIGHT) for keys in heard)
    return Wanted(tuple(readings), position, piece.start, piece.end, common, sounds=sounds)


# ---- Korean --------------------------------------------------------------------------------------


def _hangul_tokens(piece: Piece, position: int) -> Iterator[Token]:
    word = piece.text[:LONGEST_TERM]
    noun, short = korean_noun(word), korean_short(word)
    yield Token(noun, position, piece.start, piece.start + len(noun))
    if word != noun:
        yield Token(EXACT + word, position, piece.start, piece.end)
    if short:
        yield Token(short, position, piece.start, piece.start + 1)
    if key := korean(noun):
        yield Token(SOUND + key, position, piece.start, piece.start + len(noun))
    for offset in range(len(word) - 1):
        pair = word[offset : offset + 2]
        if pair != noun:
            yield Token(pair, position, piece.start + offset, piece.start + offset + 2)


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


def _signs(piece: Piece) -> list[Piece]:
    """The characters or clusters of a stretch, as they are compared, each with its place in the text."""
    if piece.kind == cutting.HAN:
        return cutting.characters(piece._replace(text=simplified(piece.text)))
    return cutting.clusters(piece)


def _term(sign: Piece) -> str:
    return sign.text if sign.kind == cutting.HAN else fold_khmer(sign.text)[:LONGEST_TERM]


def _pair_tokens(signs: list[Piece], position: int) -> Iterator[Token]:
    terms = [_term(sign) for sign in signs]
    for offset, sign in enumerate(signs):
        yield Token(terms[offset], position + offset, sign.start, sign.end)
        if offset + 1 < len(signs):
            pair, end = terms[offset] + terms[offset + 1], signs[offset + 1].end
            yield Token(pair, position + offset, sign.start, end)
            if key := pinyin(pair) if sign.kind == cutting.HAN else sound(pair):
                yield Token(SOUND + key, position + offset, sign.start, end)


def _pairs_wanted(signs: list[Piece], position: int) -> Iterator[Wanted]:
    if len(signs) == 1:
        term = _term(signs[0])
        yield Wanted((Reading((term,)),), position, signs[0].start, signs[0].end, term in COMMON, spaced=False)
    for offset, (sign, after) in enumerate(itertools.pairwise(signs)):
        common = not COMMON_CHARACTERS.isdisjoint((sign.text, after.text))
        reading = Reading((_term(sign) + _term(after),))
        yield Wanted((reading,), position + offset, sign.start, after.end, common, spaced=False)
