"""How a word sounds when it is typed in Latin letters: kahani finds कहानी and کہانی, gushi finds 故事.

A key is what remains of a romanised word whatever the habit of the one who types: its consonants, alike ones made one,
and whether it begins with a vowel. Only words that no entry has as typed are looked up by their sound.
"""

from __future__ import annotations

import functools
import itertools

import regex
from anyascii import anyascii

SHORTEST_KEY = 3  # shorter keys are shared by too many words

_ALIKE = (
    # people write        we keep
    (regex.compile("chh?"), "c"),
    (regex.compile("ck|c(?![ch]|$)q|q"), "k"),
    (regex.compile("sh|ss"), "s"),
    (regex.compile("ph"), "f"),
    (regex.compile("z"), "j"),
    (regex.compile("x"), "ks"),
    (regex.compile("(?<=.)[aeiouwvy]"), ""),
    (regex.compile("^[aeiou]"), "a"),
    (regex.compile("^w"), "v"),
    (regex.compile("(?<=.)h$"), ""),  # the silent end of مدرسہ
    (regex.compile(r"(.)\1+"), r"\1"),
)
# What the transliteration does not say as people do: nasal dots, and the Arabic letters that only carry a vowel.
_SPOKEN = (
    (regex.compile("ं(?=[प-म])"), "m"),
    (regex.compile("ं"), "n"),
    (regex.compile("ং"), "ng"),
    (regex.compile("^[اآأإعٱ]"), "a"),
)
# Korean consonants are written hard or soft as one likes: Busan and Pusan, kimchi and gimchi.
_HARD = str.maketrans("gdbrj", "ktplc")


@functools.lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """The key of a word of any script but Han, or nothing where it would be too short to tell words apart."""
    for written, spoken in _SPOKEN:
        word = written.sub(spoken, word)
    key = _latin(word)
    for written, kept in _ALIKE:
        key = written.sub(kept, key)
    return key if len(key) >= SHORTEST_KEY else ""


def korean_sound(word: str) -> str:
    """The key of a Korean word, or of a Latin one if it were Korean; shorter ones count, there are fewer."""
    key = _latin(word).translate(_HARD).replace("ch", "c").replace("ss", "s")
    key = regex.sub("(?<=.)[aeiouwy]", "", regex.sub("^[aeiouwy]+", "a", key))
    key = regex.sub(r"(.)\1+", r"\1", key)
    return "ko" + key if len(key) >= SHORTEST_KEY else ""


def pinyin(characters: str) -> str:
    """Chinese characters as Mandarin writes them in Latin letters, without tones: 故事 is gushi."""
    return _latin(characters)


def _latin(word: str) -> str:
    return str(regex.sub("[^a-z]", "", anyascii(word).lower()))


@functools.lru_cache(maxsize=10_000)
def pinyin_pairs(word: str) -> tuple[str, ...]:
    """A Latin word as pairs of Mandarin syllables, tushuguan as tushu and shuguan; nothing if it is none."""
    match = _syllables().fullmatch(word)
    syllables = match.captures(1) if match else []
    return tuple(first + second for first, second in itertools.pairwise(syllables))


@functools.cache
def _syllables() -> regex.Pattern[str]:
    """Mandarin's few hundred syllables, read off the common characters."""
    spoken = {pinyin(chr(point)) for point in range(0x4E00, 0x9FA6)} - {""}
    longest_first = sorted(spoken, key=lambda syllable: (-len(syllable), syllable))
    return regex.compile(f"({'|'.join(longest_first)}){{2,6}}")
