"""The words of a question: which of them ask for something, and the terms each may be found by.

The index holds the same terms of the same function (echo/terms). Knows no store and no dates.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from echo.recall.senses import across, alike
from echo.terms.korean import stems
from echo.terms.split import exact, is_korean, pairs, runs
from echo.text import is_stop

LONGEST = 4000  # characters of a question that are looked at; a pasted page has said it by then
MOST_WORDS = 32  # words of it that are looked up
_TOGETHER = 4  # syllables from which a run may be several words


# what a question asks for, which the answer need not say
_LIGHT = frozenset((
    "날", "날짜", "사람", "곳", "데", "거", "것", "적", "때", "이유", "얘기", "이야기", "말",
    "번", "쪽", "점", "정도", "가지", "종류", "이름", "내용", "결과", "장소", "음식", "도시",
    "동네",
    "마지막", "마지막으로", "제일", "가장", "먼저", "무렵", "당시",
    "kind", "kinds", "type", "types", "sort", "thing", "things", "time", "times", "name", "way",
    "ways", "person", "people", "place", "places", "item", "items", "event", "events", "activity",
    "activities", "long", "often", "going", "get", "got", "use", "using", "happen", "happened",
    "recently",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One word asked for. exact: terms that are the word; pairs: parts of it, by which it is found
    inside others and when it was spelt apart; begins: what a word of one syllable begins;
    senses: terms of words that mean nearly the same; across: of those that mean the same in the
    other language; light: it names the kind of answer rather than what it is about.
    """

    run: str
    exact: tuple[str, ...]
    pairs: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    senses: tuple[str, ...] = ()
    across: tuple[str, ...] = ()
    light: bool = False

    @property
    def terms(self) -> tuple[str, ...]:
        """Everything it may be found by."""
        return (*self.exact, *self.pairs, *self.begins, *self.senses, *self.across)


def words_of(question: str, *, stop: bool = False) -> tuple[Word, ...]:
    """The words that ask for something, each once; with stop, those that only ask or join too."""
    found: dict[tuple[str, ...], Word] = {}
    for run in _asking(question[:LONGEST], stop=stop):
        made = word(run)
        found.setdefault(made.exact, made)
        if len(found) == MOST_WORDS:
            break
    return tuple(found.values())


def _asking(text: str, *, stop: bool) -> Iterator[str]:
    for run in runs(text):
        if stop or not (is_stop(run) or is_stop(run.partition("'")[0])):
            yield run


def word(run: str) -> Word:
    """A run of echo.terms as a word of a question."""
    whole = exact(run)
    if not is_korean(run):
        inside = pairs(run) if whole == (run,) and not run.isascii() else ()
        return Word(run, whole, inside, (), alike(whole), across(whole), run in _LIGHT)
    forms = stems(run)
    noun, verb = forms[0], forms[-1]
    inside = pairs(noun if len(run) == 2 or len(noun) - 1 <= len(verb) > 1 else noun[: len(verb)])
    begins = ("^" + run[0],) if min(map(len, forms)) == 1 else ()
    light = not _LIGHT.isdisjoint(forms)
    return Word(run, whole, inside, begins, alike(whole), across(whole), light)


# ── words written together ───────────────────────────────────────────────────────────────────


def parts(run: str) -> tuple[str, ...]:
    """Every piece of a long Korean run that may be a word: two to four syllables."""
    found = (run[i : i + n] for i in range(len(run)) for n in range(2, 5) if i + n <= len(run))
    return tuple(dict.fromkeys(found)) if is_korean(run) and len(run) >= _TOGETHER else ()


def apart(run: str, said: Container[str]) -> tuple[str, ...]:
    """처음러닝한날 → 처음, 러닝, 한날: the pieces that were said, as much of the run as they cover.

    said: those of `parts` that memory knows as words. () when less than half is covered.
    """
    best: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for end in range(1, len(run) + 1):
        ways = [best[end - 1]]
        for n in range(2, min(end, 4) + 1):
            piece = run[end - n : end]
            if piece in said:
                score, pieces = best[end - n]
                ways.append((score + n * n, (*pieces, piece)))
        best.append(max(ways, key=lambda way: (way[0], -len(way[1]))))
    pieces = best[-1][1]
    return pieces if 2 * sum(map(len, pieces)) >= len(run) else ()
