"""The hand-written turns and how what was found is counted against them (data/README.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from echo.facts.find import find
from echo.nouns import Fact

TURNS = Path(__file__).parent / "data" / "turns.jsonl"
_CLAUSE_END = re.compile(r"[.!?;\n]")
Case = Mapping[str, Any]


@dataclass
class Count:
    """right: found facts that were expected; met: expected facts that were found."""

    expected: int = 0
    met: int = 0
    found: int = 0
    right: int = 0
    misses: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        return self.met / max(self.expected, 1)


def cases(path: Path = TURNS) -> list[Case]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def count(some: Sequence[Case]) -> Count:
    total = Count()
    for case in some:
        _add(total, case)
    return total


def _add(total: Count, case: Case) -> None:
    found = find(case["text"])
    wanted, may = case["facts"], case.get("may", [])
    for one in wanted:
        total.expected += 1
        if any(same(fact, one) for fact in found):
            total.met += 1
        else:
            total.misses.append(f"{case['text']}\n    wanted {_told(one)}, found {_list(found)}")
    for fact in found:
        if any(same(fact, one) for one in wanted):
            total.found += 1
            total.right += 1
        elif not any(same(fact, one, loosely=True) for one in may):
            total.found += 1
            total.extras.append(f"{case['text']}\n    {_list([fact])}, wanted {case['facts']}")


def same(fact: Fact, one: Case, *, loosely: bool = False) -> bool:
    """loosely: of a `may` fact the value need not stand in the text, and denial does not matter."""
    subjects = {bare(one["subject"]), *(bare(name) for name in one.get("aka", ()))}
    if fact.relation != one["relation"] or bare(fact.subject) not in subjects:
        return False
    if not loosely and fact.negated != bool(one.get("negated")):
        return False
    got, want = _folded(fact.value), _folded(one["value"])
    if loosely and got in want:
        return True
    return want in got and not _CLAUSE_END.search(got.replace(want, ""))


def bare(subject: str) -> str:
    return re.sub(r"^(?:my|our) ", "", _folded(subject))


def _folded(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _told(one: Case) -> str:
    return "/".join((one["subject"], one["relation"], one["value"])) + (
        " negated" if one.get("negated") else ""
    )


def _list(facts: Sequence[Fact]) -> list[str]:
    return [f"{f.subject}/{f.relation}/{f.value}{' negated' if f.negated else ''}" for f in facts]


def report(total: Count, *, whole: bool = False) -> Iterator[str]:
    yield (
        f"precision {total.precision:.1%} ({total.right}/{total.found}), "
        f"recall {total.recall:.1%} ({total.met}/{total.expected})"
    )
    if whole:
        yield from (f"MISSED {one}" for one in total.misses)
        yield from (f"EXTRA {one}" for one in total.extras)


if __name__ == "__main__":
    import sys

    files = [Path(arg) for arg in sys.argv[1:] if arg != "-v"]
    every = [case for path in files or [TURNS] for case in cases(path)]
    for lang in ("ko", "en", ""):
        some = [case for case in every if case["lang"] == lang or not lang]
        print(lang or "all", *report(count(some), whole="-v" in sys.argv and bool(lang)), sep="\n")  # noqa: T201
