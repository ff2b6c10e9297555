"""Text as Echo keeps it, shows it and looks it up. Knows nothing of files, terminals or models.

One choke point each: `scrub` for everything that comes in, `safe` for everything that goes to a
terminal, `key` for "the same sentence", `index_tokens` for what an index sees.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from echo.nouns import Lang

_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]")
_LATIN = re.compile(r"[A-Za-z]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def scrub(text: str) -> str:
    """Make any str storable: NFC, surrogates to U+FFFD, CRLF to LF, no NUL.

    surrogateescape'd bytes that together are valid UTF-8 are put back together first, so what a
    terminal in the C locale delivered as bytes survives.
    """
    if _SURROGATE.search(text):
        text = _mend(text)
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\x00", "\ufffd"))


def _mend(text: str) -> str:
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # a lone surrogate that never was a byte
        return _SURROGATE.sub("\ufffd", text)


def _make_unsafe() -> dict[int, str]:
    controls = [*range(0x20), *range(0x7F, 0xA0)]
    bidi = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    separators = [0x2028, 0x2029, 0xFEFF, *range(0xFFF9, 0xFFFC)]
    tags = list(range(0xE0000, 0xE0080))
    return {c: "\ufffd" for c in (*controls, *bidi, *separators, *tags) if chr(c) not in "\n\t"}


class _Unsafe(dict[int, str]):
    """str.translate table: characters a terminal obeys become U+FFFD, surrogates too."""

    def __missing__(self, code: int) -> str:
        if 0xD800 <= code <= 0xDFFF:
            return "\ufffd"
        raise LookupError(code)


def safe(text: str) -> str:
    """Text a terminal may be given: \\n and \\t stay, every other control becomes U+FFFD.

    Works per character, so a chunk boundary anywhere gives the same result. Source of the list:
    ECMA-48 C0/C1, Unicode bidi controls (TR9), interlinear and tag characters.
    """
    return text.translate(_UNSAFE)


_UNSAFE = _Unsafe(_make_unsafe())


def json_safe(dumped: str) -> str:
    """A JSON text as a terminal may be given it: what it would obey is written as \\uXXXX.

    For whoever parses it nothing has changed. Line ends are left as they are.
    """
    return _OBEYED.sub(lambda found: json.dumps(found[0])[1:-1], dumped)


_OBEYED = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def one_line(text: str) -> str:
    """The same words on one line: runs of white space become one space."""
    return " ".join(text.split())


def key(text: str) -> str:
    """What makes two sentences the same sentence: NFC and folded white space."""
    return one_line(unicodedata.normalize("NFC", text))


def digest(text: str) -> str:
    """blake2b-128 of the UTF-8 of text, as 32 hex digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def language(text: str, default: Lang = "en") -> Lang:
    """ko when there is any Hangul (jamo such as ㅋㅋ count), en when there are Latin letters."""
    if _HANGUL.search(text):
        return "ko"
    return "en" if _LATIN.search(text) else default


# ── index tokens ─────────────────────────────────────────────────────────────────────────────

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[\uac00-\ud7a3]+|[{_CJK}]+|[^\W_{_CJK}\uac00-\ud7a3]+")
_BIGRAMS = re.compile(rf"[\uac00-\ud7a3{_CJK}]")
_REPEAT = re.compile(r"(.)\1{2,}")


def index_tokens(text: str) -> list[str]:
    """Words in lower case; Hangul and CJK runs as the run itself and its character bigrams.

    Repeats longer than two are folded (ㅋㅋㅋㅋ → ㅋㅋ). The index and the query use this one
    function. Source for bigrams on both sides: they find 9 of 9 Korean probes where whole words
    find 2 and trigrams 3.
    """
    return [token for run in _RUN.findall(text.lower()) for token in _pieces(run)]


@lru_cache(1 << 15)  # a pure function of a word; people say the same words again and again
def _pieces(run: str) -> tuple[str, ...]:
    run = _REPEAT.sub(r"\1\1", run)
    if not _BIGRAMS.match(run):
        return (run,)
    pairs = tuple(run[i : i + 2] for i in range(len(run) - 1))
    return pairs if len(run) == 2 else (run, *pairs)


# ── words that name something, and words that only ask ───────────────────────────────────────

_STOP_EN = frozenset((
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at",
    "be", "because", "been", "before", "being", "both", "but", "by", "can", "could", "d", "did",
    "do", "does", "doing", "don", "during", "each", "either", "ever", "for", "from", "further",
    "had", "has", "have", "having", "he", "her", "hers", "herself", "him", "himself", "his",
    "how", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "ll", "m", "may", "me",
    "might", "mine", "more", "most", "must", "my", "myself", "no", "nor", "not", "of", "on",
    "once", "or", "other", "our", "ours", "out", "over", "own", "re", "s", "same", "shall",
    "she", "should", "so", "some", "such", "t", "than", "that", "the", "their", "theirs", "them",
    "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until",
    "up", "us", "ve", "very", "was", "we", "were", "what", "when", "where", "which", "while",
    "who", "whom", "whose", "why", "will", "with", "would", "you", "your", "yours", "yourself",
    "remember", "tell", "told", "say", "said", "mention", "mentioned", "many", "much", "kind",
    "please", "yes", "ok", "okay", "hey", "hi", "hello", "echo",
))  # fmt: skip
_STOP_KO = frozenset((
    "나", "내", "난", "날", "나는", "내가", "나의", "나를", "나한테", "나도", "너", "네", "넌",
    "너는", "네가", "니가", "너의", "우리", "저", "제", "저는", "제가", "그", "이", "그게",
    "이게", "저게", "것", "거", "게", "걸", "건", "수", "때", "좀", "더", "또", "다", "잘", "안",
    "못", "그때", "그거", "이거", "저거", "그런", "이런", "저런", "그리고", "그래서", "하지만",
    "그런데", "근데", "그냥", "아직", "혹시", "에코", "에코야", "했어", "했지", "했더라", "했던",
    "한", "하는", "할", "해", "하고", "했니", "있어", "있지", "있었지", "있었어", "있는", "있던",
    "됐지", "됐어", "야", "응", "아니", "네요", "어느", "무엇", "뭐", "뭘", "뭔지", "왜", "몇",
    "말", "말했지", "말했어", "얘기", "말했던", "얘기했지", "얘기했던", "이야기", "알아",
    "알려줘", "알지", "뭐했지", "뭐했어", "같이", "정말", "진짜", "너무",
))  # fmt: skip
_ASKING_KO = re.compile(
    r"뭐|뭘|뭔|무엇|무슨|누구|누가|누군|언제|어디|어딨|어떻|어떤|어땠|왜|몇|얼마|기억|말해|알려"
    r"|[갔왔했봤됐](?:었|던|지|어|나|니|냐|더라|는지|을까|다)*$"
)
_PARTICLES = (
    "이었더라", "이라고는", "이라고", "이라는", "이랑은", "이었지", "이었어", "에서는", "에서도",
    "에서의", "에게서", "에게는", "한테서", "한테는", "께서는", "으로는", "하고는", "였더라",
    "이에요", "입니다", "이랑", "이나", "이면", "였지", "였어", "이야", "이지", "예요", "인지",
    "에서", "에게", "한테", "께서", "부터", "까지", "처럼", "보다", "마다", "밖에", "조차",
    "으로", "로는", "라고", "라는", "랑은", "하고", "이란", "에는", "에도", "과는", "와는", "께",
    "랑", "란", "과", "와", "은", "는", "이", "가", "을", "를", "의", "에", "도", "만", "로",
    "야", "지",
)  # fmt: skip
WHOLE = (
    "강아지",
    "망아지",
    "송아지",
    "아버지",
    "두더지",
    "나머지",
    "이미지",
    "메시지",
    "메세지",
    "소시지",
    "오렌지",
    "페이지",
    "패키지",
    "스테이지",
    "에너지",
    "도라지",
    "바가지",
    "모가지",
    "고양이",
    "호랑이",
    "원숭이",
    "거북이",
    "부엉이",
    "지렁이",
    "달팽이",
    "곰팡이",
    "멍멍이",
    "어린이",
    "젊은이",
    "볶이",
    "걸이",
    "잡이",
    "둥이",
    "쟁이",
    "맹이",
    "놀이",
    "풀이",
    "먹이",
)  # fmt: skip - the 이 of these words is no particle
AFTER_CLOSED = frozenset(("은", "이", "을", "과"))
AFTER_OPEN = frozenset(("는", "가", "를", "와"))


def is_stop(word: str) -> bool:
    """A word of either language, in lower case, that names nothing and only asks or joins."""
    return word in _STOP_EN or word in _STOP_KO or bool(_ASKING_KO.match(word))


def bare(word: str) -> str:
    """A Korean word without its particle, if a word's worth is left (고양이는 → 고양이)."""
    if word.endswith(WHOLE):
        return word
    for particle in _PARTICLES:
        stem = word.removesuffix(particle)
        if stem == word or len(stem) < (2 if len(particle) == 1 else 1):
            continue
        closed = (ord(stem[-1]) - 0xAC00) % 28 > 0
        if particle not in (AFTER_OPEN if closed else AFTER_CLOSED):
            return stem
    return word


# ── josa ─────────────────────────────────────────────────────────────────────────────────────

_DIGIT_FINAL = {"0": 1, "1": 8, "3": 16, "6": 1, "7": 8, "8": 8}  # 영 일 삼 육 칠 팔: final index
_RIEUL = 8


def josa(word: str, pair: str) -> str:
    """word with the particle that fits it; pair is "은/는", "이/가", "을/를", "과/와", "으로/로".

    Hangul and digits are decided by their final consonant; after anything else both forms are
    given, as in "Anna은(는)".
    """
    closed, open_ = pair.split("/")
    last = word[-1:] or " "
    if "가" <= last <= "힣":
        final = (ord(last) - 0xAC00) % 28
    elif last.isdigit() and last.isascii():
        final = _DIGIT_FINAL.get(last, 0)
    else:
        return f"{word}{closed}({open_})"
    if closed == "으로" and final == _RIEUL:
        return word + open_
    return word + (closed if final else open_)
