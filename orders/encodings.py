"""Which encoding a text file is in. Pure.

UTF-8 and UTF-16 give themselves away. Among the one-byte encodings that shops' computers still write, the bytes
alone decide nothing: 0xF5 is ő in cp1250, õ in latin-1 and х in cp1251. So the letters beyond ASCII are weighed
against the alphabets of the languages written in each encoding, common letters counting more than rare ones.
"""

from __future__ import annotations

import codecs
from math import log

# Letters beyond ASCII, the most frequent first, by the general shape of each language.
_ALPHABETS: tuple[tuple[str, str], ...] = (
    ("cp1252", "éèàêçùâîôûëïœ"),  # French
    ("cp1252", "üäöß"),  # German
    ("cp1252", "óáéíñúü¿¡ª"),  # Spanish
    ("cp1252", "ãçáéíóêõâúàô"),  # Portuguese
    ("cp1252", "èàùòéì"),  # Italian
    ("cp1252", "äöåøæéü"),  # Swedish, Finnish, Danish, Norwegian
    ("cp1250", "áéóöőíüúű"),  # Hungarian
    ("cp1250", "ęąłśżóćńź"),  # Polish
    ("cp1250", "íáéěýžšřčůúťňóďľĺôä"),  # Czech, Slovak
    ("cp1250", "ăîşţâ"),  # Romanian
    ("cp1250", "čžšćđ"),  # Croatian, Slovenian, Serbian
    ("cp1251", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"),  # Russian
    ("cp1251", "оаиніртевслкдумпязьбгйчхцжїюєщшфґў"),  # Ukrainian, Belarusian
    ("cp1251", "аиоентрсвлкдпмзябугъчщцйжшхфюь"),  # Bulgarian
)
_UNLIKELY = 1e-4
# Signs that go beyond ASCII in any language and say nothing about it.
_SIGNS = frozenset("£€§©®°«»„“”‘’–—…• \u00a0½×№")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (with BOM)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western European)",
    "latin-1": "Latin-1 (Western European)",
}


def marked_encoding(head: bytes) -> str:
    """The encoding that the file's first bytes prove: a byte order mark, or UTF-16 by its zeros; else empty."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    sample = head[:2000]
    if len(sample) >= 8 and len(sample) % 2 == 0:
        evens, odds = sample[::2].count(0), sample[1::2].count(0)
        half = len(sample) // 2
        if odds > half * 0.6 and evens < half * 0.05:
            return "utf-16-le"
        if evens > half * 0.6 and odds < half * 0.05:
            return "utf-16-be"
    return ""


def one_byte_encoding(sample: bytes) -> str:
    """The one-byte encoding whose languages explain the sample best; latin-1 where none can decode it."""
    scores = [
        (score, encoding)
        for encoding, alphabet in _ALPHABETS
        if (score := _likelihood(sample, encoding, alphabet)) is not None
    ]
    return max(scores, key=lambda scored: scored[0])[1] if scores else "latin-1"


def _likelihood(sample: bytes, encoding: str, alphabet: str) -> float | None:
    """Log-likelihood of the sample's letters beyond ASCII, the n-th of the alphabet being 1/n as common."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    whole = sum(1 / rank for rank in range(1, len(alphabet) + 1))
    chances = {letter: log(1 / (rank * whole)) for rank, letter in enumerate(alphabet, 1)}
    unlikely = log(_UNLIKELY)
    beyond = (letter for letter in text.lower() if letter > "\x7f" and letter not in _SIGNS)
    return sum(chances.get(letter, unlikely) for letter in beyond)
