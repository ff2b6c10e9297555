"""The words of a reply that may claim a memory nothing supports, each with what tells of it. Pure.

A candidate is a word that names something (a name, a number with what it counts, a time, a
quotation, a noun) and does not stand in what Echo could know, or stands there beside other things
(swaps.py). Whether it claims anything, or only advises, guesses or comforts, is told by how its
clause is made: marks that judge.py weighs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from echo.mind.grounds import swaps
from echo.mind.grounds.amounts import Count
from echo.mind.grounds.asked import ASKING
from echo.mind.grounds.figures import COUNTER, figures, unit_of
from echo.mind.grounds.forms import WEIGHT, around, paired, whole
from echo.mind.grounds.marks import (
    CLASSES,
    DEFINITE,
    EN,
    INDEFINITE,
    KO,
    PARTICLES,
    TIMES,
    VERBAL,
    YOUR,
)
from echo.mind.grounds.slots import is_light, letters, terms
from echo.mind.grounds.support import WORD, Support
from echo.recall.senses import fine_kinds, kinds
from echo.terms.split import is_korean

_HANGUL = re.compile(r"[가-힣]")
_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+[\"”'’]?|\n|$)")
_LONG = 400  # characters of a sentence that are looked at together
_POINT = re.compile(
    r"(?<=\d)[.](?=\d)|(?<=\bMr)[.]|(?<=\bMrs)[.]|(?<=\bMs)[.]|(?<=\bDr)[.]|(?<=\bSt)[.]"
)
_CLAUSE_KO = re.compile(
    r"(?<!\d),|,(?!\d)|[;:]|(?<=니까)\s|(?<=는데)\s|(?<=지만)\s|(?<=라서)\s|(?<=[아어해]서)\s|(?<=[으]니)\s|(?<=거라)\s|(?<=으면)\s|(?<=다면)\s|(?<=하고)\s|(?<=다며)\s|(?<=더니)\s"
)
_CLAUSE_EN = re.compile(
    r"(?<!\d),|,(?!\d)|[;:—]"
    r"|\s(?=(?:so|but|because|since|and then|though|although|while|after|if)\b)"
)
_DATED = ("", "일")
_ORDINALS = ("st", "nd", "rd", "th")
_OF_TIME = ("minut", "hour", "day", "week", "month", "year")
_ORDINAL = re.compile(
    r"\d{1,2}(?:(?:st|nd|rd|th)\b|일(?!\s*(?:간|째|차|동안|전|후|뒤|만)))", re.IGNORECASE
)
_BOTH = re.compile(r"둘(?:이서|이|은|도)?(?= (?!있|였|이|낳|밖))|둘 ?다")
_TWO, _YOU = (
    re.compile(r"two\b", re.IGNORECASE),
    re.compile(r"\b(?:you|us|them|those|these|we) $", re.IGNORECASE),
)
_ENDING = re.compile(  # of a word in another script
    r"(?:이|가|은|는|을|를|도|만|의|에|로|으로|에서|에게|한테|까지|부터|랑|이랑|하고|와|과|보다|처럼|씩|쯤|정도|짜리|대)*"
    r"(?:이?[였었](?:[가-힣]{0,3})|이?야|이?지|이?니까|이?라[고며서도면니]?[가-힣]{0,2}|이?잖아|이?네|인[데지]?[가-힣]?|일|이다|다)?"
)
_QUOTE = re.compile(
    r"[\"“「『]([^\"”」』]{2,80})[\"”」』]|(?<![A-Za-z])['‘]([^'’]{2,60})['’](?![A-Za-z])"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word or phrase of a reply, where it stands, and the marks it bears (name → amount)."""

    start: int
    end: int
    korean: bool
    marks: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word of a clause. kind: word, number, name; count: how a number was said before; light: it
    names nothing.
    """

    start: int
    end: int
    text: str
    known: bool
    kind: str = "word"
    count: Count = "said"
    light: bool = False


def candidates(reply: str, support: Support) -> Iterator[Candidate]:
    """What may be invented in a reply."""
    low = _POINT.sub("\u2024", reply)
    said = frozenset(term for word in WORD.findall(reply) for term in terms(word))
    sentences = [span for m in _SENTENCE.finditer(low) for span in _pieces_of(low, *m.span())]
    for nth, (begin, finish) in enumerate(sentences):
        text = reply[begin:finish]
        korean = bool(_HANGUL.search(text))
        marks = _marks(text.strip(), korean, "") | _stand(nth, len(sentences), support)
        marks |= dict.fromkeys(whole(text), WEIGHT)
        for start, end in _clauses(text, korean):
            for found in _of_clause(text, (start, end), korean, marks, support, said):
                span = (found.start, found.end)
                forms = dict.fromkeys(around(text, (start, end), span, korean=korean), WEIGHT)
                marked = paired({**found.marks, **forms})
                yield Candidate(begin + span[0], begin + span[1], korean, marked)


def _pieces_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence; one without an end in pieces, since every word is held against all of it."""
    while end - start > _LONG:
        cut = max(text.rfind(" ", start + 1, start + _LONG), start) or start
        cut = cut if cut > start else start + _LONG
        yield start, cut
        start = cut
    yield start, end


def _stand(nth: int, count: int, support: Support) -> dict[str, float]:
    """Where a sentence stands: the first answers what was asked."""
    asks = not support.asked.isdisjoint(ASKING)
    marks = {"later": nth / count, "alone": float(count == 1), "to_question": float(asks)}
    marks |= {f"q_{name}": 1.0 for name in support.asked}
    return marks | {"answers": float(asks and nth == 0)}


def _marks(text: str, korean: bool, prefix: str) -> dict[str, float]:
    return {prefix + name: 1.0 for name, p in (KO if korean else EN).items() if p.search(text)}


def _clauses(text: str, korean: bool) -> Iterator[tuple[int, int]]:
    start = 0
    for m in (_CLAUSE_KO if korean else _CLAUSE_EN).finditer(text):
        if re.search(r"\w", text[start : m.start()]):
            yield start, m.end()
            start = m.end()
    if re.search(r"\w", text[start:]):
        yield start, len(text)


def _of_clause(
    text: str,
    span: tuple[int, int],
    korean: bool,
    marks: dict[str, float],
    support: Support,
    said: frozenset[str],
) -> Iterator[Candidate]:
    start, end = span
    clause = text[start:end]
    own = _marks(clause.strip(), korean, "c_")
    times = support.times(clause)
    pieces = sorted(
        _pieces(clause, start, [span for span, _ in times], support), key=lambda p: p.start
    )
    named = [p for p in pieces if not p.light]
    known = sum(p.known for p in named)
    share = known / len(named) if named else 0.0
    frame = {
        **marks,
        **own,
        "share": share,
        "known": min(known, 3) / 3,
        "many": min(len(named), 6) / 6,
        "together": support.together(p.text for p in named if p.known and p.kind != "number"),
    }
    for m in _QUOTE.finditer(clause):
        if not support.says(m[1] or m[2]):
            yield Candidate(start + m.start(), start + m.end(), korean, {**frame, "quote": 1.0})
    for (one, other), held in times:
        if held != "named":
            kinds_of = dict.fromkeys(_of_time(clause[one:other], support), 1.0)
            if held == "follows" and not _is_other_weekday(kinds_of):
                continue
            if "t_weekday" in kinds_of and support.agrees(clause):
                continue
            marks_of = {**frame, "time": 1.0, f"t_{held}": 1.0, **kinds_of}
            yield Candidate(start + one, start + other, korean, marks_of)
    nearest = support.slots.nearest(_terms(p.text for p in named), said)
    for at, piece in enumerate(pieces):
        swapped = _swapped(piece, named, said, support)
        if (piece.known and not swapped) or piece.light:
            continue
        yield Candidate(
            piece.start, piece.end, korean,
            {
                **frame,
                **swapped,
                **_of_word(at, pieces, text, korean, support),
                **_of_place(at, pieces, nearest, said, support),
            },
        )  # fmt: skip


def _pieces(
    clause: str, start: int, taken: list[tuple[int, int]], support: Support
) -> Iterator[_Piece]:
    counted = dict(figures(clause))
    for (one, other), n in counted.items():
        if any(a <= one < b for a, b in taken) or _is_pair(clause, one):
            continue
        unit = unit_of(clause, one, other)
        of = support.counts(n, unit)
        if unit in _DATED and support.is_day(n) and _ORDINAL.match(clause, one):
            of = "said"
        one_of = n <= 1 and of not in ("bare", "loose") and not (unit and support.counted(unit))
        known = of == "said" or one_of
        yield _Piece(start + one, start + other, clause[one:other], known, "number", of)
    words = list(WORD.finditer(clause))
    for at, m in enumerate(words):
        if any(a <= m.start() < b for a, b in taken) or any(
            a <= m.start() < b or a < m.end() <= b for a, b in counted
        ):
            continue
        first = start == 0 and not re.search(r"\w", clause[: m.start()])  # of its sentence
        name = m[0][0].isupper() and not first
        counts = _is_counter(clause, m, counted, support)
        light = counts or _is_ending(clause, m) or is_light(m[0], terms(m[0]))
        other = (support.has_letter(m[0]) and not first) or (
            support.has_other(m[0], CLASSES) and not counts
        )
        yield _Piece(
            start + m.start(), start + m.end(), m[0], _is_known(words, at, support),
            "name" if name and not is_korean(m[0]) else "word", light=light and not other,
        )  # fmt: skip


def _is_known(words: Sequence[re.Match[str]], at: int, support: Support) -> bool:
    """Was the word said, alone or as one with a neighbour?"""
    before = words[at - 1][0] if at else ""
    after = words[at + 1][0] if at + 1 < len(words) else ""
    word = words[at][0]
    return support.knows(word) or support.knows_joined(before, word, after)


def _is_pair(clause: str, start: int) -> bool:
    """Does a number say no more than both: you two, 둘이 같이?"""
    if _TWO.match(clause, start):
        return bool(_YOU.search(clause, 0, start))
    return bool(_BOTH.match(clause, start))


def _is_ending(clause: str, word: re.Match[str]) -> bool:
    """Does it only end a word of another script: B였으니까, LA에서?"""
    ahead = clause[word.start() - 1 : word.start()]
    return ahead.isascii() and ahead.isalnum() and bool(_ENDING.fullmatch(word[0]))


def _is_counter(
    clause: str, word: re.Match[str], counted: Iterable[tuple[int, int]], support: Support
) -> bool:
    """Does it say what a number counts, which is weighed with the number?"""
    ahead = next((span for span in counted if -1 <= span[1] - word.start() <= 0), None)
    if ahead is None:
        return word[0] == "반" and clause[: word.start()].rstrip().endswith("시")
    if is_korean(word[0]):
        return ahead[1] == word.start() or bool(COUNTER.match(word[0]))
    if word[0].lower() in _ORDINALS and ahead[1] == word.start():
        return True
    unit = unit_of(clause, *ahead)
    return unit in _OF_TIME or support.counted(unit)


def _of_word(
    at: int, pieces: list[_Piece], text: str, korean: bool, support: Support
) -> dict[str, float]:
    piece = pieces[at]
    found: dict[str, float] = {piece.kind: 1.0}
    before = pieces[at - 1] if at else None
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    if before is not None and before.known and not before.light:
        found["known_before"] = 1.0
    if after is not None and after.known and not after.light:
        found["known_after"] = 1.0
    if piece.kind == "number":
        return found | _of_number(piece, text, support)
    if support.has_other(piece.text, CLASSES):
        found["other_of_class"] = 1.0
    found |= _of_kind(terms(piece.text), support)
    if korean and support.shares_tail(piece.text):
        found["shares_tail"] = 1.0
    return found | (_of_korean(piece) if korean else _of_english(piece, text[: piece.start]))


def _of_kind(own: tuple[str, ...], support: Support) -> dict[str, float]:
    """What kinds of things a word names, and what was said of those kinds."""
    found = {"retold": 1.0} if support.is_retold(own) else {}
    for kind in kinds(own):
        found[f"kind: {kind}"] = WEIGHT
        if support.has_kind(kind):
            found[f"same kind: {kind}"] = found["same_kind"] = WEIGHT
    for kind in fine_kinds(own):
        found[f"kind: {kind}"] = WEIGHT
        if support.has_kind(kind):
            found[f"same kind: {kind}"] = WEIGHT
            found["same_fine"] = 1.0
    return found


def _terms(words: Iterable[str]) -> frozenset[str]:
    return frozenset(term for word in words for term in terms(word))


def _of_place(
    at: int, pieces: list[_Piece], nearest: set[str], said: frozenset[str], support: Support
) -> dict[str, float]:
    """What lines have where this word stands, and whether it begins as a word they have."""
    piece = pieces[at]
    slots = support.slots
    before = next((p.text for p in reversed(pieces[:at]) if not p.light), "")
    after = next((p.text for p in pieces[at + 1 :] if not p.light), "")
    behind, ahead = slots.beside(_terms([before]), _terms([after]), said)
    found = {"instead": float(bool(behind or ahead)), "twice_instead": float(bool(behind & ahead))}
    others = behind | ahead
    found["alike_instead"] = float(any(swaps.alike(piece.text, one) for one in others))
    found["line_alike"] = float(any(swaps.alike(piece.text, one) for one in nearest))
    found["line_left"] = min(len(nearest), 5) / 5
    if piece.kind != "number":
        begins = slots.begins_like(piece.text)
        found[f"begins: {min(begins, 6)}"] = WEIGHT
        found["begins"] = begins / len(letters(piece.text))
    return found


def _swapped(
    piece: _Piece, named: Sequence[_Piece], said: frozenset[str], support: Support
) -> dict[str, float]:
    """Marks of a word that was told of something else; none where it goes with what was told."""
    own = _terms([piece.text])
    if piece.light or not piece.known or not own.isdisjoint(support.now_terms):
        return {}
    beside = [_terms([other.text]) for other in named if other.known and other is not piece]
    asks = not support.asked.isdisjoint(ASKING)
    alone = asks and not beside
    if asks:
        beside += (one for one in support.now_words if one not in beside)
    there = said | support.now_terms
    by, far = swaps.swapped(piece.text, beside, there, support.told_slots)
    if by < swaps.LEAST:
        return {}
    return {"swap": 1.0, "swap_by": by, "swap_far": far, "swap_alone": float(alone)}


def _is_other_weekday(kinds_of: Iterable[str]) -> bool:
    """Is it a weekday, where another was named?"""
    found = set(kinds_of)
    return "other_weekday" in found and found.isdisjoint(("t_ago", "t_last", "t_yesterday"))


def _of_time(time: str, support: Support) -> Iterator[str]:
    """What kind of time it is, and whether another of that kind was said."""
    for name, pattern in TIMES.items():
        if pattern.search(time):
            yield f"t_{name}"
            if support.has_weekday if name == "weekday" else support.has(pattern):
                yield f"other_{name}"


def _of_number(piece: _Piece, text: str, support: Support) -> dict[str, float]:
    unit = unit_of(text, piece.start, piece.end)
    other = bool(unit) and support.counted(unit)
    return {"unit": float(bool(unit)), "other_count": float(other), f"n_{piece.count}": 1.0}


def _of_korean(piece: _Piece) -> dict[str, float]:
    name = next((name for name, p in PARTICLES if p.search(piece.text)), "none")
    found = {f"p_{name}": 1.0, "short": float(len(piece.text) == 1)}
    return found | {"verbal": float(bool(VERBAL.search(piece.text)))}


def _of_english(piece: _Piece, ahead: str) -> dict[str, float]:
    places = (("w_definite", DEFINITE), ("w_your", YOUR), ("w_a", INDEFINITE))
    found = {name: float(bool(pattern.search(ahead))) for name, pattern in places}
    found["w_verb"] = float(piece.text.endswith(("ed", "ing")))
    return found | {"first": float(not re.search(r"\w", ahead))}
