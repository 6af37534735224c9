"""What a word is, in every script, wherever words are counted or cut outside of the index."""

from __future__ import annotations

# Letters with their marks (a vowel sign is no letter to most patterns) and the joiners inside words of Indic scripts.
LETTERS = r"\p{L}\p{M}\p{N}\u200c\u200d"
WITHOUT_SPACES = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Khmer}"  # scripts that put no space between words
WORD = rf"(?:(?![{WITHOUT_SPACES}])[{LETTERS}](?:['’](?=[{LETTERS}]))?)+"
