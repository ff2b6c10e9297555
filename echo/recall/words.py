"""The words of a question: which of them ask for something, and in what forms they were said.

Korean particles are stripped and English endings taken off on this side only; the index keeps
words as they were. Knows no store and no dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from echo.text import index_tokens

LONGEST = 4000  # characters of a question that are looked at; a pasted page has said it by then


@dataclass(frozen=True, slots=True)
class Term:
    """Index tokens that count as one: the forms, or with prefix all that begin with the first."""

    forms: tuple[str, ...]
    prefix: bool = False

    @property
    def match(self) -> str:
        """The term in FTS5's syntax. Forms hold letters and digits only, so quotes are safe."""
        if self.prefix:
            return f'"{self.forms[0]}"*'
        return " OR ".join(f'"{form}"' for form in self.forms)


@dataclass(frozen=True, slots=True)
class Word:
    """One word asked for. stem: what it is compared by; terms: what stands for it in the index."""

    stem: str
    terms: tuple[Term, ...]


STOP_EN = frozenset((
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at",
    "be", "because", "been", "before", "being", "both", "but", "by", "can", "could", "d", "did",
    "do", "does", "doing", "don", "during", "each", "either", "ever", "for", "from", "further",
    "had", "has", "have", "having", "he", "her", "hers", "herself", "him", "himself", "his", "how",
    "i", "if", "in", "into", "is", "it", "its", "itself", "just", "ll", "m", "may", "me", "might",
    "mine", "more", "most", "must", "my", "myself", "no", "nor", "not", "of", "on", "once", "or",
    "other", "our", "ours", "out", "over", "own", "re", "s", "same", "shall", "she", "should",
    "so", "some", "such", "t", "than", "that", "the", "their", "theirs", "them", "then", "there",
    "these", "they", "this", "those", "through", "to", "too", "under", "until", "up", "us", "ve",
    "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whom", "whose",
    "why", "will", "with", "would", "you", "your", "yours", "yourself",
    "remember", "tell", "told", "say", "said", "mention", "mentioned", "many", "much", "kind",
    "please", "yes", "ok", "okay", "hey", "hi", "hello", "echo",
))  # fmt: skip
STOP_KO = frozenset((
    "나", "내", "난", "날", "나는", "내가", "나의", "나를", "나한테", "나도", "너", "네", "넌", "너는",
    "네가", "니가", "너의", "우리", "저", "제", "저는", "제가", "그", "이", "그게", "이게", "저게", "것",
    "거", "게", "걸", "건", "수", "때", "좀", "더", "또", "다", "잘", "안", "못", "그때", "그거", "이거",
    "저거", "그런", "이런", "저런", "그리고", "그래서", "하지만", "그런데", "근데", "그냥", "아직",
    "혹시", "에코", "에코야", "했어", "했지", "했더라", "했던", "한", "하는", "할", "해", "하고", "했니",
    "있어", "있지", "있었지", "있었어", "있는", "있던", "됐지", "됐어", "야", "응", "아니", "네요",
    "어느", "무엇", "뭐", "뭘", "뭔지", "왜", "몇", "말", "말했지", "말했어", "얘기", "말했던", "얘기했지",
    "얘기했던", "이야기", "알아", "알려줘", "알지", "뭐했지", "뭐했어", "같이", "정말", "진짜", "너무",
))  # fmt: skip
_ASKING_KO = re.compile(
    r"(?:뭐|뭘|뭔|무엇|무슨|누구|누가|누군|언제|어디|어딨|어떻|어떤|어땠|왜|몇|얼마|기억|말해|알려)"
)
_PARTICLES = (
    "이었더라", "이라고는", "이라고", "이라는", "이랑은", "이었지", "이었어", "에서는", "에서도", "에서의",
    "에게서", "에게는", "한테서", "한테는", "께서는", "으로는", "하고는", "였더라", "이에요", "입니다",
    "이랑", "이나", "이면", "였지", "였어", "이야", "이지", "예요", "인지", "에서", "에게", "한테", "께서",
    "부터", "까지", "처럼", "보다", "마다", "밖에", "조차", "으로", "로는", "라고", "라는", "랑은", "하고",
    "이란", "에는", "에도", "과는", "와는", "께", "랑", "란", "과", "와", "은", "는", "이", "가", "을", "를",
    "의", "에", "도", "만", "로", "야", "지",
)  # fmt: skip
_HANGUL = re.compile(r"[가-힣]+")
_AFTER_CLOSED = frozenset(("은", "이", "을", "과"))
_AFTER_OPEN = frozenset(("는", "가", "를", "와"))
_IRREGULAR = {
    form: base
    for base, forms in {
        "go": "went gone going goes", "buy": "bought buys buying", "get": "got gotten gets getting",
        "make": "made makes making", "take": "took taken takes taking", "run": "ran runs running",
        "see": "saw seen sees seeing", "eat": "ate eaten eats eating", "give": "gave given giving",
        "write": "wrote written writes writing", "read": "reads reading", "meet": "met meets meeting",
        "begin": "began begun begins", "win": "won wins winning", "lose": "lost loses losing",
        "find": "found finds finding", "feel": "felt feels feeling", "teach": "taught teaches",
        "think": "thought thinks thinking", "leave": "left leaves leaving", "sing": "sang sung sings singing",
        "child": "children", "drive": "drove driven drives driving", "grow": "grew grown grows growing",
        "speak": "spoke spoken speaks", "swim": "swam swum swims swimming", "choose": "chose chosen",
        "break": "broke broken breaks", "build": "built builds building", "sell": "sold sells selling",
        "wear": "wore worn wears wearing", "fly": "flew flown flies flying", "know": "knew known knows",
        "draw": "drew drawn draws drawing", "sleep": "slept sleeps", "spend": "spent spends spending",
        "man": "men", "woman": "women", "person": "people", "mouse": "mice", "hold": "held holds",
    }.items()
    for form in forms.split()
}  # fmt: skip
_SHORT = 4  # letters of a stem up to which a prefix would find too much


def words_of(question: str) -> tuple[Word, ...]:
    """The words that ask for something, each once; all of them when only stop words were said."""
    runs = list(dict.fromkeys(_runs(question[:LONGEST])))
    asking = [run for run in runs if not is_stop(run)]
    found = {word.stem: word for run in asking or runs for word in _words(run)}
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


def is_stop(word: str) -> bool:
    """A word of either language that asks for nothing by itself."""
    return word in STOP_EN or word in STOP_KO or bool(_ASKING_KO.match(word))


def _words(run: str) -> Iterator[Word]:
    if _HANGUL.fullmatch(run):
        yield korean(run)
    elif run.isascii() and run.isalpha():
        yield english(run)
    else:
        tokens = dict.fromkeys(index_tokens(run))
        yield Word(run, tuple(Term((token,)) for token in tokens))


def bare(run: str) -> str:
    """A Korean word without its particle, when what is left is a word's worth (고양이는 → 고양이)."""
    for particle in _PARTICLES:
        stem = run.removesuffix(particle)
        if stem == run or len(stem) < (2 if len(particle) == 1 else 1):
            continue
        closed = (ord(stem[-1]) - 0xAC00) % 28 > 0
        if (closed and particle in _AFTER_OPEN) or (not closed and particle in _AFTER_CLOSED):
            continue
        return stem
    return run


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
