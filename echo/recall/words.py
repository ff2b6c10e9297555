"""The words of a question: which of them ask for something, and in what forms they were said.

Korean particles are stripped and English endings taken off on this side only; the index keeps
words as they were. Knows no store and no dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from echo.text import bare, index_tokens, is_stop

LONGEST = 4000  # characters of a question that are looked at; a pasted page has said it by then


@dataclass(frozen=True, slots=True)
class Term:
    """Index tokens that count as one: the forms, or with prefix all that begin with the first."""

    forms: tuple[str, ...]
    prefix: bool = False

    def match(self, held: Mapping[str, int]) -> str:
        """The term in FTS5's syntax, of the forms that memory holds; "" when it holds none.

        Forms are letters and digits only, so the quotes are safe.
        """
        if self.prefix:
            return f'"{self.forms[0]}"*'
        return " OR ".join(f'"{form}"' for form in self.forms if form in held)


@dataclass(frozen=True, slots=True)
class Word:
    """One word asked for. stem: what it is compared by; terms: what stands for it in the index."""

    stem: str
    terms: tuple[Term, ...]


_HANGUL = re.compile(r"[가-힣]+")
_IRREGULAR = {
    form: base
    for base, forms in {
        "go": "went gone going goes", "buy": "bought buys buying",
        "get": "got gotten gets getting", "make": "made makes making",
        "take": "took taken takes taking", "run": "ran runs running",
        "see": "saw seen sees seeing", "eat": "ate eaten eats eating",
        "give": "gave given giving", "write": "wrote written writes writing",
        "read": "reads reading", "meet": "met meets meeting", "begin": "began begun begins",
        "win": "won wins winning", "lose": "lost loses losing", "find": "found finds finding",
        "feel": "felt feels feeling", "teach": "taught teaches",
        "think": "thought thinks thinking", "leave": "left leaves leaving",
        "sing": "sang sung sings singing", "child": "children",
        "drive": "drove driven drives driving", "grow": "grew grown grows growing",
        "speak": "spoke spoken speaks", "swim": "swam swum swims swimming",
        "choose": "chose chosen", "break": "broke broken breaks",
        "build": "built builds building", "sell": "sold sells selling",
        "wear": "wore worn wears wearing", "fly": "flew flown flies flying",
        "know": "knew known knows", "draw": "drew drawn draws drawing", "sleep": "slept sleeps",
        "spend": "spent spends spending", "man": "men", "woman": "women", "person": "people",
        "mouse": "mice", "hold": "held holds",
    }.items()
    for form in forms.split()
}  # fmt: skip
_SHORT = 4  # letters of a stem up to which a prefix would find too much


def words_of(question: str, *, stop: bool = False) -> tuple[Word, ...]:
    """The words that ask for something, each once; with stop, those that only ask or join too."""
    runs = dict.fromkeys(_runs(question[:LONGEST]))
    found = {word.stem: word for run in runs if stop or not is_stop(run) for word in _words(run)}
    return tuple(found.values())


def _runs(text: str) -> Iterator[str]:
    """Words in lower case, Hangul runs whole: what index_tokens made pairs of is left out."""
    tokens = index_tokens(text.replace("’s", "").replace("'s", ""))
    whole = ""
    for token in tokens:
        if _HANGUL.fullmatch(token) and len(token) == 2 and token in whole:
            continue
        whole = token
        yield token


def _words(run: str) -> Iterator[Word]:
    if _HANGUL.fullmatch(run):
        yield korean(run)
    elif run.isascii() and run.isalpha():
        yield english(run)
    else:
        tokens = dict.fromkeys(index_tokens(run))
        yield Word(run, tuple(Term((token,)) for token in tokens))


def korean(run: str) -> Word:
    """A Korean word by its pairs of syllables; one syllable by what begins with it (꿈 → 꿈을)."""
    stem = bare(run)
    if len(stem) == 1 or (len(stem) == 2 and stem == run and _particle_of_one(run)):
        return Word(stem[0], (Term((stem[0],), prefix=True),))
    pairs = dict.fromkeys(stem[i : i + 2] for i in range(len(stem) - 1))
    return Word(stem, tuple(Term((pair,)) for pair in pairs))


def _particle_of_one(run: str) -> bool:
    """A noun of one syllable with its particle: 집에, 꿈을, 차를."""
    closed = (ord(run[0]) - 0xAC00) % 28 > 0
    return run[1] in ("에", "을" if closed else "를")


def english(run: str) -> Word:
    """An English word by its stem, so that painted finds painting."""
    stem = stem_of(run)
    if len(stem) > _SHORT:
        return Word(stem, (Term((stem, *_inflected(stem)), prefix=True),))
    return Word(stem, (Term(tuple(dict.fromkeys((run, stem, *_inflected(stem))))),))


def stem_of(word: str) -> str:
    """A light stem: plural, -ed, -ing and the commonest irregular forms; never under 3 letters."""
    word = _IRREGULAR.get(word, word)
    for ending, put in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and re.search(r"[aeiouy]", rest):
            return _undoubled(rest + put) if ending in ("ing", "ed") else rest + put
    return word.removesuffix("e") if len(word) > _SHORT else word


_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""),
)  # fmt: skip


def _undoubled(stem: str) -> str:
    double = len(stem) > _SHORT and stem[-1] == stem[-2] and stem[-1] not in "lsz"
    return stem[:-1] if double else stem


def _inflected(stem: str) -> Iterator[str]:
    yield from (form for form, base in _IRREGULAR.items() if base == stem)
    for ending in ("s", "es", "e", "ed", "ing", "d"):
        yield stem + ending
    yield stem + stem[-1] + "ing"
    yield stem + stem[-1] + "ed"
    if stem.endswith("y"):
        yield stem[:-1] + "ies"
        yield stem[:-1] + "ied"
