"""Whether a text looks like another language than the one that was chosen for it. Rather silent than wrong.

The script says most. Latin letters are told apart by the letters that only Vietnamese has and by small words; the two
ways of writing Chinese by characters that only one of them has.
"""

from __future__ import annotations

from collections.abc import Mapping

import regex

from stories.text.languages import folded
from stories.text.words import WORD

_ENOUGH = 40  # letters; a text with fewer is not judged
_MOST = 20_000  # characters that are looked at
_CLEARLY = 0.8  # of the letters must be of one script
_SCRIPTS: Mapping[str, regex.Pattern[str]] = {
    tag: regex.compile(letters)
    for tag, letters in {
        "latin": r"\p{Latin}",
        "bn": r"\p{Bengali}",
        "hi": r"\p{Devanagari}",
        "km": r"\p{Khmer}",
        "ko": r"\p{Hangul}",
        "zh": r"[\p{Han}\p{Hiragana}\p{Katakana}]",
        "ur": r"\p{Arabic}",
    }.items()
}
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_ONLY_URDU = regex.compile("[ٹڈڑںےہھ]")  # letters that neither Arabic nor Persian has
_ASSAMESE = regex.compile("[ৰৱ]")
_WORD = regex.compile(WORD)
_VIETNAMESE = regex.compile(r"[đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_SMALL_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(["the", "and", "of", "to", "was", "in", "that", "is", "for", "with", "my", "we", "he", "she", "it",
                     "they", "on", "at", "but", "were", "had", "his", "her", "you"]),
    "tl": frozenset(["ang", "ng", "sa", "mga", "na", "ay", "siya", "ko", "niya", "ako", "kami", "namin", "kanyang",
                     "hindi", "nang", "kung", "nila", "sila", "ni", "si"]),
    "vi": frozenset(["và", "của", "là", "một", "những", "các", "không", "người", "được", "cho", "trong", "tôi", "có",
                     "với", "đã", "ở", "khi", "này"]),
}  # fmt: skip
_SIMPLIFIED = frozenset("们这来个为说时国会对学过发问见长门开间马鸟东车书话语让请谁谢读变边还进远运选爱妈爷头听声")
_TRADITIONAL = frozenset("們這來個為說時國會對學過發問見長門開間馬鳥東車書話語讓請誰謝讀變邊還進遠運選愛媽爺頭聽聲")


def looks_unlike(text: str, chosen: str) -> str | None:
    """The tag of the language that `text` looks like, if that is clear and is not `chosen`; else None."""
    guess = _language(text[:_MOST])
    if guess is None:
        return None
    if guess == folded(chosen) == "zh":
        return _other_chinese(text[:_MOST], chosen)
    if guess == "zh":
        return _written_chinese(text[:_MOST]) or "zh"
    return guess if guess != folded(chosen) else None


def _language(text: str) -> str | None:
    letters = len(_LETTER.findall(text))
    counts = {tag: len(script.findall(text)) for tag, script in _SCRIPTS.items()}
    script, most = max(counts.items(), key=lambda pair: pair[1])
    if letters < _ENOUGH / (4 if script == "zh" else 1) or most < _CLEARLY * letters:
        return None
    if script == "latin":
        return _latin(text)
    return script if _is_ours(script, text, most) else None


def _is_ours(script: str, text: str, letters: int) -> bool:
    """Whether a script is written in our language, and not in a neighbour's."""
    if script == "ur":
        return len(_ONLY_URDU.findall(text)) > letters * 0.03
    if script == "zh":
        return len(_KANA.findall(text)) < letters * 0.05
    return script != "bn" or not _ASSAMESE.search(text)


def _latin(text: str) -> str | None:
    words = [word.lower() for word in _WORD.findall(text)]
    marked = sum(_VIETNAMESE.search(word) is not None for word in words)
    if marked > 0.25 * len(words):
        return "vi"
    shares = {tag: sum(word in small for word in words) / len(words) for tag, small in _SMALL_WORDS.items()}
    (best, share), (_, second) = sorted(shares.items(), key=lambda pair: -pair[1])[:2]
    return best if share > 0.15 and share > 3 * second else None


def _written_chinese(text: str) -> str | None:
    simplified, traditional = sum(sign in _SIMPLIFIED for sign in text), sum(sign in _TRADITIONAL for sign in text)
    if traditional >= 10 and traditional > 5 * simplified:
        return "zh-Hant"
    return "zh-Hans" if simplified >= 10 and simplified > 5 * traditional else None


def _other_chinese(text: str, chosen: str) -> str | None:
    written = _written_chinese(text)
    return written if chosen != "zh" and written != chosen else None
