"""When two texts are the same word, and what was typed with letters of another alphabet."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

# Zero width, direction and byte order marks, the soft hyphen: nobody sees them.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_LONG_ENOUGH = 4  # letters of a word with which another one begins by no chance
SAME = "the same but for case, blanks, underscores or ё"
_BLANK = re.compile(r"\s")
# Latin letters that look like Cyrillic ones.
_LOOKALIKES = str.maketrans("aceopxykmthbAaBCEHKMOPTXY", "асеорхукмтнвАаВСЕНКМОРТХУ")


def clean(text: str) -> str:
    """Return a text in composed letters, every blank a plain one, without what nobody sees."""
    if text.isascii():
        return text.strip()
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _BLANK.sub(" ", text).strip()


def same_word(text: str) -> str:
    """Return what words have in common that differ in case, blanks, underscores or ё alone."""
    return " ".join(clean(text).replace("_", " ").split()).casefold().replace("ё", "е")


def nearest(text: str, known: Iterable[str]) -> str:
    """Return the known word that is most like a text, or nothing.

    One that begins with the other, as where a unit stands behind it, is near, too.
    """
    words = {same_word(word): word for word in known}
    sought = same_word(text)
    near = difflib.get_close_matches(sought, words, n=1, cutoff=0.6) or [
        word
        for word in words
        if min(len(word), len(sought)) >= _LONG_ENOUGH
        and (word.startswith(sought) or sought.startswith(word))
    ]
    return words[near[0]] if near else ""


def in_other_letters(text: str, known: Iterable[str]) -> bool:
    """Return whether a text looks like a known word, but has Latin letters for Cyrillic ones."""
    looks = same_word(same_word(text).translate(_LOOKALIKES))
    return looks != same_word(text) and looks in {
        same_word(same_word(word).translate(_LOOKALIKES)) for word in known
    }
