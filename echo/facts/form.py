"""What a rule is, and how a book of rules is read. Knows the form of rules/*.txt, no language.

    words KIN mom dad older_sister        words of a kind; `_` is a space
    let WHEN = pattern                    a piece that others name as {WHEN}
    sieve word word ? pattern             a turn has to hold one of the words and the pattern of
                                          one sieve, or it is passed over
    trigger word word                     and one of these
    rule home .85 each lead ? live|flat   what the patterns under it tell; after the question
        pattern                           mark, words of which a clause has to hold one

A line that is indented by eight spaces or more goes on with the one before it. A word of a kind
carries a mark behind it while rules are tried (Book.mark), and {KIN:m} in a pattern is that mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

ME = "me"
_FIRST_MARK = 0xE001  # private use: no text has a reason to hold them
MARKS = "\ue001-\ue03f"
_NAMED = re.compile(r"\{([A-Z_]+)(:m)?\}")
_WORDS = re.compile(r"\{([A-Z]+):w\}")
_UNMARK = re.compile("[\ue001-\ue3ff]")


@dataclass(frozen=True, slots=True)
class Rule:
    """pattern's groups: v the value; who the subject (none: me); when; no: it is denied.

    each: values in a list are facts of their own; no: the form denies; lead: other words may have
    been taken with the value; sure: it holds in a question or a wish too.
    """

    relation: str
    form: str
    confidence: float
    flags: frozenset[str]
    needs: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """The form, compiled when it is first asked for: all at once take half a second."""
        return _compiled(self.form, cased="cased" in self.flags)


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of a language. words: word → the mark of its kind; marks: kind → mark; sieve: what
    a turn has to hold for any rule to find something in it.
    """

    rules: tuple[Rule, ...]
    words: Mapping[str, str]
    marks: Mapping[str, str]
    sieves: tuple[re.Pattern[str], ...]
    asked: Mapping[str, tuple[int, ...]]
    paired: Mapping[str, tuple[int, ...]]
    pairs: frozenset[str]

    def near(self, clause: str) -> Iterator[Rule]:
        """The rules of whose needs the clause holds one: no other can match."""
        needs: tuple[str, ...] | None = None
        met = False
        for rule in self.rules:
            if rule.needs is not needs:
                needs = rule.needs
                met = not needs
                for word in needs:
                    if word in clause:
                        met = True
                        break
            if met:
                yield rule


class Sieve(NamedTuple):
    """words: one of them has to stand in a turn (none: any may); pattern: and this."""

    words: frozenset[str]
    pattern: re.Pattern[str]


class _Head(NamedTuple):
    confidence: float
    flags: frozenset[str]
    needs: tuple[str, ...]


def group(match: re.Match[str], name: str) -> str:
    """A named group's words, marks and all; "" when there is no such group, or it is empty."""
    return (match.groupdict().get(name) or "").strip()


def bare(text: str) -> str:
    """Words without marks."""
    return _UNMARK.sub("", text)


def words_of(text: str) -> frozenset[str]:
    """The words of a list in which a bar stands between two."""
    return frozenset(text.split("|"))


@lru_cache(2)
def book(name: str) -> Book:
    """The rules of rules/<name>.txt, read once."""
    text = files("echo.facts").joinpath("rules", f"{name}.txt").read_text("utf-8")
    words: dict[str, str] = {}
    marks: dict[str, str] = {}
    pieces: dict[str, str] = {}
    rules: list[Rule] = []
    sieves: list[Sieve] = []
    relation, head = "", _Head(0.0, frozenset(), ())
    cased = ("cased",) if name == "korean" else ()  # Hangul has no case, and re would look for it
    for line in _lines(text):
        kind, _, rest = line.partition(" ")
        if kind == "words":
            name_, *found = rest.split()
            mark = marks.setdefault(name_, chr(_FIRST_MARK + len(marks)))
            words.update((word.replace("_", " "), mark) for word in found)
        elif kind == "let":
            name_, _, pattern = rest.partition(" = ")
            pieces[name_] = _filled(pattern, pieces, marks)
        elif kind == "sieve":
            sieves.append(_sieve(rest, words, marks))
        elif kind == "rule":
            told, _, needs = rest.partition(" ? ")
            relation, confidence, *flags = told.split()
            needed = tuple(_filled(needs, pieces, marks).split("|")) if needs else ()
            head = _Head(float(confidence), frozenset((*flags, *cased)), needed)
        else:
            rules.append(Rule(relation, _filled(line, pieces, marks), *head))
    return Book(tuple(rules), words, marks, *_sifting(sieves))


def _lines(text: str) -> list[str]:
    """Whole lines: comments left out, what goes on put together."""
    found: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" " * 8):
            joint = " " if found[-1].startswith("words ") else ""
            found[-1] += joint + line.strip()
        else:
            found.append(line.strip())
    return found


def _filled(pattern: str, pieces: Mapping[str, str], marks: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda m: marks[m[1]] if m[2] else pieces[m[1]], pattern)


@lru_cache(1024)
def _compiled(form: str, *, cased: bool) -> re.Pattern[str]:
    return re.compile(form, 0 if cased else re.IGNORECASE)


def _sieve(line: str, words: Mapping[str, str], marks: Mapping[str, str]) -> Sieve:
    told, _, form = line.partition(" ? ")
    named: list[str] = []
    for word in told.split():
        kind = _WORDS.fullmatch(word)
        if kind is None:
            named.append(word.replace("_", " "))
        else:
            named += [w for w, mark in words.items() if mark == marks[kind[1]]]
    pattern = _WORDS.sub(lambda m: _trie(words, marks[m[1]]), form)
    return Sieve(frozenset(named), re.compile(pattern, re.MULTILINE))


def _sifting(
    sieves: Sequence[Sieve],
) -> tuple[
    tuple[re.Pattern[str], ...], dict[str, tuple[int, ...]], dict[str, tuple[int, ...]],
    frozenset[str],
]:  # fmt: skip
    """The patterns; word → the places of those it asks for; the same for its first two letters."""
    asked: dict[str, tuple[int, ...]] = {}
    paired: dict[str, tuple[int, ...]] = {}
    for place, sieve in enumerate(sieves):
        for word in sieve.words:
            for name in {word, word.split(" ")[-1]} if word.isascii() else {word}:
                asked[name] = (*asked.get(name, ()), place)
            if place not in paired.get(word[:2], ()):
                paired[word[:2]] = (*paired.get(word[:2], ()), place)
    patterns = tuple(sieve.pattern for sieve in sieves)
    return patterns, asked, paired, frozenset(paired)


def _trie(words: Mapping[str, str], mark: str) -> str:
    """All words of a kind as one pattern in which no letter is looked at twice."""
    return _branches(_tree(word for word, kind in words.items() if kind == mark))


def _tree(words: Iterable[str]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return root


def _branches(node: Mapping[str, Any]) -> str:
    ends = "" in node
    ways = [re.escape(letter) + _branches(rest) for letter, rest in node.items() if letter]
    if not ways:
        return ""
    if len(ways) == 1 and not ends:
        return ways[0]
    return f"(?:{'|'.join(ways)}){'?' if ends else ''}"
