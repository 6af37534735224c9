"""Phonetic keys: how a word sounds when it is typed in Latin letters: kahani finds कहानी and کہانی, gushi finds 故事.

A key is what remains of a romanised word whatever the habits of the one who types it. What habits differ in depends on
the script the word comes from: Urdu does not write short vowels, Hindi and Bangla writers disagree about a and o,
Koreans about hard and soft consonants. Only words that no entry has as typed are looked up by their sound.

A key ends with the family of scripts it is of, for the same letters are other words in each: gushi is 故事, which
Mandarin says so, and not 谷四, which Hindi would write so.
"""

from __future__ import annotations

import functools
import itertools
import re

import regex
from anyascii import anyascii

from index.analysis.cache import memoize

SHORTEST_KEY = 3  # letters; shorter keys are shared by too many words

_LEAST_KEPT = 0.4  # of the letters of a word typed in Latin; a key that keeps fewer says little about it

INDIC, ARABIC, KOREAN, MANDARIN, CLUSTERED = "I", "A", "K", "M", "C"  # families, the last letter of a key

_NO_LETTER = re.compile("[^a-z]")

Rules = tuple[tuple[regex.Pattern[str], str], ...]


def _rules(*pairs: tuple[str, str]) -> Rules:
    return tuple((regex.compile(written), kept) for written, kept in pairs)


# What the transliteration does not say as people do: nasal dots, and the Arabic letters that only carry a vowel.
_PRONUNCIATION = _rules(("ं(?=[प-म])", "m"), ("ं", "n"), ("ং", "ng"), ("^[اآأإعٱ]", "a"))
# Consonants of South Asia and the Middle East.
_CONSONANTS = _rules(
    ("chh?", "c"), ("ck|c(?![ch]|$)q|q", "k"), ("sh|ss", "s"), ("ph", "f"), ("z", "j"), ("x", "ks"), ("w", "v")
)  # fmt: skip
_LAST_I = _rules(("(?<=.)(?:ie|ee|[iey])y*$", "Y"))
_WITHOUT_VOWELS = _rules(("^[aeiou]", "a"), ("(?<=.)h$", ""), ("(?<=.)[aeiouvy]", ""), (r"(.)\1+", r"\1"))
_WITHOUT_A_AND_O = _rules(("ee|y", "i"), ("oo", "u"), ("(?<=.)[ao]+", ""), ("^[ao]+", "a"), (r"(.)\1+", r"\1"))
_KOREAN = _rules(
    ("ch", "c"), ("y", ""), ("w(?=oo)", ""), ("eo|oh?", "o"), ("ae|ai", "e"), ("eu|oo", "u"), ("ee", "i"),
    (r"(.)\1+", r"\1"),
)  # fmt: skip
_HARD = str.maketrans("gdbrj", "ktplc")


def _key(word: str, family: str, *tables: Rules) -> str:
    key = word
    for written, kept in itertools.chain(*tables):
        key = written.sub(kept, key)
    return key + family if len(key) >= SHORTEST_KEY else ""


def _latin(word: str) -> str:
    for written, spoken in _PRONUNCIATION:
        word = written.sub(spoken, word)
    return _NO_LETTER.sub("", anyascii(word).lower())


def arabic_key(word: str) -> str:
    """The consonants of a word, whether it begins with a vowel, and whether it ends with i or e, which Urdu does write.

    lahor and لاہور are both lhr; kahani and کہانی are khnY, khana and کھانا are khn.
    """
    return _key(_latin(word), ARABIC, _CONSONANTS, _LAST_I, _WITHOUT_VOWELS)


def clustered_key(word: str) -> str:
    """The consonants of a pair of clusters, and whether it begins with a vowel."""
    return _key(_latin(word), CLUSTERED, _CONSONANTS, _WITHOUT_VOWELS)


def indic_key(word: str) -> str:
    """A word without a and o, which Hindi leaves unwritten and Bangla says differently: golpo and গল্প are both glp."""
    return _key(_latin(word), INDIC, _CONSONANTS, _WITHOUT_A_AND_O)


def korean_key(word: str) -> str:
    """A word as Koreans may romanise it: Pusan and 부산 are both pusan, halmoni and 할머니 both halmoni."""
    return _key(_latin(word).translate(_HARD), KOREAN, _KOREAN)


def pinyin(characters: str) -> str:
    """Chinese characters as Mandarin writes them in Latin letters, without tones: 故事 is gushi."""
    return _latin(characters)


def phonetic_key(word: str) -> str:
    """The key under which a word of another script than Latin, Han or Hangul is kept."""
    return indic_key(word) if "\u0900" <= word[0] <= "\u09ff" else arabic_key(word)


@memoize(20_000)
def phonetic_bigram_key(pair: str, han: bool) -> str:
    """The key of a pair of Chinese characters, or of clusters of another script without spaces."""
    if not han:
        return clustered_key(pair)
    spoken = pinyin(pair)
    return spoken and spoken + MANDARIN


def phonetic_keys(word: str) -> tuple[tuple[str, ...], ...]:
    """What a Latin word may be: keys, or for Mandarin the pairs of its syllables, which must all be there."""
    silent = word.removesuffix("e")  # Lahore is لاہور
    candidates = (indic_key(word), arabic_key(word), arabic_key(silent), korean_key(word), clustered_key(word))
    keys = dict.fromkeys(key for key in candidates if len(key) > max(SHORTEST_KEY, _LEAST_KEPT * len(word)))
    pairs = tuple(pair + MANDARIN for pair in pinyin_pairs(word))
    return (*((key,) for key in keys), *((pairs,) if pairs else ()))


@memoize(10_000)
def pinyin_pairs(word: str) -> tuple[str, ...]:
    """A Latin word as pairs of Mandarin syllables, tushuguan as tushu and shuguan; nothing if it is none."""
    match = _syllables().fullmatch(word)
    syllables = match.captures(1) if match else []
    return tuple(first + second for first, second in itertools.pairwise(syllables))


@functools.cache
def _syllables() -> regex.Pattern[str]:
    """Two to six of Mandarin's few hundred syllables, read off the common characters."""
    characters = "\n".join(map(chr, range(0x4E00, 0x9FA6)))
    spoken = set(regex.findall("[a-z]+", anyascii(characters).lower()))  # all at once: a reader may be waiting
    longest_first = sorted(spoken, key=lambda syllable: (-len(syllable), syllable))
    return regex.compile(f"({'|'.join(longest_first)}){{2,6}}")
