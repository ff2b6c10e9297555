"""Set what finds facts, and say how well it does on turns of authors it was not set on.

    python -m bench.fact_weights [--write] [--folds 8] [--cases FILE]

A linear-chain CRF (CRFsuite, L-BFGS) for each language learns where values stand; three logistic
models (whose, denied, trust) learn from what the CRF finds in turns of authors left out. Trust is a
probability; its lines (echo.facts.learned.LINES) were drawn by hand on turns.jsonl and
turns_2.jsonl, which nothing is learned from. A fourth (gate) learns for which turns all of this
finds something. A quarter of an hour on two cores.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite

from bench.logistic import newton, rows_of
from bench.measure import setting
from echo.facts import gate, learned, owners
from echo.facts.edges import OWNER, Span
from echo.facts.features import attributes
from echo.facts.find import by_rules
from echo.facts.form import ME
from echo.facts.owners import BIAS
from echo.facts.tagger import OUT, of_rules, tagged
from echo.facts.tokens import Reading, read
from echo.nouns import LANGS, Fact, Lang
from echo.text import language
from tests.facts.turns import Case, bare, same

HERE = Path(__file__).parent.parent
TESTS = HERE / "tests"
CASES = TESTS / "facts" / "data" / "turns_dev.jsonl"
OUT_DIR = HERE / "echo" / "facts" / "data"
CRF = {"c1": 0.3, "c2": 0.02, "max_iterations": 120, "feature.minfreq": 1}
PENALTY = {"owner": 2.0, "denied": 0.3, "trust": 2.0, "gate": 1.0}
LEAST = 2  # times a mark has to stand somewhere
LIGHT = 0.05  # a mark that weighs less is left out
PASSED = 0.95
HEAVY = 0.1  # what a mark of the gate weighs at least


@dataclass(frozen=True, slots=True)
class Seen:
    """A turn, read; ruled: what rules find in it; spans: what the CRF found that never saw it."""

    case: Case
    reading: Reading
    ruled: tuple[Fact, ...]
    spans: tuple[Span, ...] = ()


# ── labels ───────────────────────────────────────────────────────────────────────────────────


def places(text: str, words: str) -> list[tuple[int, int]]:
    low, sought, found, at = text.lower(), words.lower(), [], -1
    while (at := low.find(sought, at + 1)) >= 0:
        found.append((at, at + len(sought)))
    return found


def labels(case: Case, reading: Reading) -> list[str]:
    """What the CRF is taught: values first, then who is spoken of."""
    made = [OUT] * len(reading.tokens)
    for fact in case["facts"]:
        _put(made, reading, places(case["text"], fact["value"]), fact["relation"])
    for fact in case["facts"]:
        if fact["subject"] != ME:
            for who in (fact["subject"], *fact.get("aka", ())):
                _put(made, reading, places(case["text"], who), OWNER)
    return made


def _put(made: list[str], reading: Reading, spots: Iterable[tuple[int, int]], label: str) -> None:
    for start, end in spots:
        here = [i for i, t in enumerate(reading.tokens) if t.start < end and t.end > start]
        if here and all(made[i] == OUT for i in here):
            for n, i in enumerate(here):
                made[i] = f"{'I' if n else 'B'}-{label}"
            return


# ── the CRF ──────────────────────────────────────────────────────────────────────────────────


def seen(case: Case) -> Seen:
    lang: Lang = case["lang"]
    return Seen(case, read(case["text"], lang), by_rules(case["text"], lang))


def train(some: Sequence[Seen], lang: Lang, out: Path) -> None:
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(CRF)
    for one in some:
        if one.reading.tokens:
            ruled = of_rules(one.case["text"], one.reading, one.ruled)
            trainer.append(attributes(one.reading, ruled, lang), labels(one.case, one.reading))
    trainer.train(str(out))


def _fold(job: tuple[Lang, list[Seen], list[Seen]]) -> list[Seen]:
    """The turns left out, with what the CRF of the others finds in them."""
    lang, taught, left = job
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "crf"
        train(taught, lang, out)
        tagger = pycrfsuite.Tagger()
        tagger.open(str(out))
        return [
            Seen(
                one.case, one.reading, one.ruled,
                tuple(tagged(tagger, one.case["text"], one.reading, one.ruled, lang)),
            )
            for one in left
        ]  # fmt: skip


def left_out(every: Sequence[Seen], lang: Lang, folds: int) -> list[Seen]:
    def fold(one: Seen) -> int:
        return int(one.case["by"]) % folds

    jobs = [
        (lang, [o for o in every if fold(o) != k], [o for o in every if fold(o) == k])
        for k in range(folds)
    ]
    with Pool(os.cpu_count()) as pool:
        return [one for some in pool.map(_fold, jobs, 1) for one in some]


# ── the heads ────────────────────────────────────────────────────────────────────────────────


def fitted(
    examples: Sequence[Sequence[str]], hits: Sequence[bool], penalty: float
) -> dict[str, float]:
    count = Counter(mark for marks in examples for mark in set(marks))
    kept = sorted(mark for mark, n in count.items() if n >= LEAST)
    names = {mark: n for n, mark in enumerate(kept, 1)}
    x = rows_of([dict.fromkeys(marks, 1.0) for marks in examples], names)
    y = np.array(hits, dtype=float)
    b = newton(x, y, np.ones_like(y), np.zeros(x.shape[1]), penalty)
    found = {mark: round(float(b[n]), 2) for mark, n in names.items()}
    light = {mark: w for mark, w in found.items() if abs(w) >= LIGHT}
    return {BIAS: round(float(b[0]), 2), **light}


def meant(one: Seen, span: Span) -> list[Mapping[str, Any]]:
    """The facts of the case whose value this span carries."""
    words = owners.named(one.case["text"], one.reading, span.first, span.last).lower()
    return [
        fact
        for fact in one.case["facts"]
        if fact["relation"] == span.relation and fact["value"].lower() in words
    ]


def owner_head(some: Sequence[Seen]) -> dict[str, float]:
    examples, hits = [], []
    for one in some:
        for span in one.spans:
            facts = meant(one, span)
            whose = {bare(w) for f in facts for w in (f["subject"], *f.get("aka", ()))}
            if facts:
                text = one.case["text"]
                place = learned.mate(text, one.reading, span, one.ruled)
                ruled = None if place is None else one.ruled[place].subject
                rivals = owners.mentions(one.reading, one.spans, span)
                for words, marks in owners.whom(text, one.reading, span, rivals, ruled):
                    examples.append(marks)
                    hits.append(bare(words) in whose)
    return fitted(examples, hits, PENALTY["owner"])


def denied_head(some: Sequence[Seen]) -> dict[str, float]:
    examples, hits = [], []
    for one in some:
        for span in one.spans:
            facts = meant(one, span)
            if facts:
                examples.append(owners.of_denial(one.reading, span))
                hits.append(any(f.get("negated") for f in facts))
    return fitted(examples, hits, PENALTY["denied"])


@dataclass(frozen=True, slots=True)
class Weighed:
    """A fact that may be told. right: it is; neither: it may be found or left."""

    case: Case
    fact: Fact
    marks: Sequence[str]
    right: bool
    neither: bool


def weighed(some: Sequence[Seen], heads: owners.Heads, lang: Lang) -> list[Weighed]:
    made = []
    for one in some:
        found = learned.candidates(one.case["text"], one.reading, one.spans, one.ruled, heads, lang)
        for fact, marks, _ in found:
            right = any(same(fact, wanted) for wanted in one.case["facts"])
            may = any(same(fact, m, loosely=True) for m in one.case.get("may", ()))
            made.append(Weighed(one.case, fact, marks, right, may and not right))
    return made


def trust_head(some: Sequence[Weighed]) -> dict[str, float]:
    taken = [one for one in some if not one.neither]
    return fitted([one.marks for one in taken], [one.right for one in taken], PENALTY["trust"])


def judged(every: Sequence[Seen], lang: Lang, folds: int) -> list[tuple[float, Weighed]]:
    """The odds of all that was found, by heads that were set without its author."""
    made: list[tuple[float, Weighed]] = []
    for k in range(folds):
        rest = [one for one in every if int(one.case["by"]) % folds != k]
        left = [one for one in every if int(one.case["by"]) % folds == k]
        heads = {"owner": owner_head(rest), "denied": denied_head(rest)}
        trust = trust_head(weighed(rest, heads, lang))
        made += [(owners.score(trust, one.marks), one) for one in weighed(left, heads, lang)]
    return made


def line_of(odds: Sequence[tuple[float, Weighed]], precise: float) -> float:
    """The lowest line above which that share is right."""
    order = sorted((o for o in odds if not o[1].neither), key=lambda o: -o[0])
    right, line = 0, 9.0
    for n, (high, one) in enumerate(order, 1):
        right += one.right
        if right / n >= precise:
            line = high
    return round(line, 2)


def figures(
    odds: Sequence[tuple[float, Weighed]], every: Sequence[Seen], line: float
) -> tuple[float, float]:
    """Precision and recall above the line."""
    kept = [one for high, one in odds if high >= line and not one.neither]
    wanted = sum(len(one.case["facts"]) for one in every)
    right = sum(one.right for one in kept)
    return right / max(len(kept), 1), right / max(wanted, 1)


def gate_head(lang: Lang, texts: Sequence[str]) -> dict[str, float]:
    """Which turns tell something, by what was written, where the rules alone find nothing.

    Its line passes PASSED of those turns, by weights that were set on the other half of them.
    """
    examples, tells, silent = [], [], []
    for text in texts:
        ruled = by_rules(text, lang)
        tells.append(any(True for _ in learned.trusted(text, ruled, lang)))
        examples.append(sorted(set(gate.marks(text, lang))))
        silent.append(not ruled)
    high = []
    for half in (0, 1):
        made = fitted(examples[half::2], tells[half::2], PENALTY["gate"])
        other = slice(1 - half, None, 2)
        high += [
            owners.score(made, marks)
            for marks, met, alone in zip(examples[other], tells[other], silent[other], strict=True)
            if met and alone
        ]
    made = fitted(examples, tells, PENALTY["gate"])
    line = sorted(high)[int(len(high) * (1 - PASSED))]
    made = {mark: weight for mark, weight in made.items() if abs(weight) >= HEAVY}
    return {**made, BIAS: round(made.get(BIAS, 0.0) - line, 2)}


def lines_of_diaries(lang: Lang) -> list[str]:
    """What people write down of their days; most of it tells no fact."""
    told = (
        line["text"]
        for case in map(json.loads, (TESTS / "mind/data/grounded_dev.jsonl").open(encoding="utf-8"))
        if "by" not in case  # of later ones, with more facts, the gate would let fewer pass
        for line in case["recalled"]
    )
    diary = (
        row.rstrip("\n").split("\t")[-1]
        for row in (TESTS / "recall/data/diary_ko.tsv").open(encoding="utf-8")
    )
    return [text for text in dict.fromkeys((*told, *diary)) if language(text) == lang]


def main() -> int:
    args, cases = setting(__doc__, CASES, OUT_DIR)
    made: dict[str, dict[str, dict[str, float]]] = {}
    for lang in LANGS:
        every = [seen(case) for case in cases if case["lang"] == lang]
        out = left_out(every, lang, args.folds)
        odds = judged(out, lang, args.folds)
        for style in ("buried", "varied", "ordinary"):
            some = [one for one in odds if one[1].case["style"] == style]
            turns = [one for one in out if one.case["style"] == style]
            for precise in (0.8, 0.85, 0.9, 0.95):
                precision, recall = figures(some, turns, line_of(some, precise))
                print(
                    f"{lang}: {len(turns)} {style} turns,",
                    f"precision {precision:.1%}, recall {recall:.1%}",
                )
        heads = {"owner": owner_head(out), "denied": denied_head(out)}
        heads["trust"] = trust_head(weighed(out, heads, lang))
        made[lang] = heads
        if args.write:
            train(every, lang, OUT_DIR / f"{lang}.crfsuite")
    if args.write:
        _write(made)
        for lang in LANGS:
            texts = [case["text"] for case in cases if case["lang"] == lang]
            made[lang]["gate"] = gate_head(lang, [*texts, *lines_of_diaries(lang)])
        _write(made)
    return 0


def _write(made: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    text = json.dumps(made, ensure_ascii=False, indent=0, sort_keys=True)
    (OUT_DIR / "heads.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
