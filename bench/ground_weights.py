"""Set the weights of groundedness, and say how well they do on replies they were not set on.

    python -m bench.ground_weights [--write] [--cases FILE] [--folds 4]

Logistic regression with a quadratic penalty over the marks of every candidate; a candidate is one
to be found when it overlaps with what was invented. A reply is judged by the highest of them: so
the weights are set again AGAIN times, and those that stood high in a reply count up to TOP times
more (multiple-instance learning). Beside it two nets that read a reply word by word
(bench/ground_net.py); their share of the sum is chosen among SHARES. Cases of one author stay in
one fold, so that what is left out is what somebody else wrote. The line is drawn where FALSE of the
replies without inventions are marked, in the folds left out. An hour on two cores;
needs torch beside the program: pip install torch==2.13.0 (a CPU will do).
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from bench import ground_net
from bench.grounded import places, support_of
from bench.logistic import Rows, newton, rows_of
from bench.measure import setting
from echo.mind.grounds import judge, words
from echo.mind.grounds.claims import Candidate, candidates
from echo.mind.grounds.net import DATA, Nets
from echo.nouns import LANGS, Lang

CASES = Path(__file__).parent.parent / "tests" / "mind" / "data" / "grounded_dev.jsonl"
FALSE, PENALTY, LEAST = 0.09, 8.0, 8
AGAIN, TOP = 3, 8.0
FIRST, THEN = 7, 3  # steps of Newton's method, the first time and when a few count more
LIGHT = 0.05  # a mark that weighs less is left out
NONE = -9.0  # the odds of a reply in which nothing can be invented
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)  # of the net beside the regression
Arrays = dict[str, np.ndarray]
Said = list[tuple[float, float | None]]  # of each candidate, by weights and by nets
Labelled = list[tuple[Candidate, bool]]


def labelled(case: dict[str, Any]) -> Labelled:
    wanted = {i for text in case["ungrounded"] for i in places(case["reply"], text)}
    found = candidates(case["reply"], support_of(case))
    return [(one, bool(wanted & set(range(one.start, one.end)))) for one in found]


def vectors(items: list[Labelled], names: dict[str, int]) -> tuple[Rows, np.ndarray]:
    every = [one for some in items for one in some]
    made = rows_of([one.marks for one, _ in every], names)
    return made, np.array([float(hit) for _, hit in every])


def fitted(items: list[Labelled], names: dict[str, int]) -> np.ndarray:
    """The weights, the bias first."""
    x, y = vectors(items, names)
    b = newton(x, y, np.ones_like(y), np.zeros(x.shape[1]), PENALTY, FIRST)
    for _ in range(AGAIN):
        b = newton(x, y, _heavy(items, x.times(b)), b, PENALTY, THEN)
    return b


def _heavy(items: list[Labelled], z: np.ndarray) -> np.ndarray:
    """What each candidate counts for: more, the higher it stands among those of its reply."""
    weight, at = np.ones_like(z), 0
    for some in items:
        hits = [n for n, (_, hit) in enumerate(some, at) if hit]
        top = np.array(hits or range(at, at + len(some)), dtype=int)
        at += len(some)
        if len(top):
            share = np.exp(z[top] - z[top].max())
            weight[top] += TOP * share / share.sum()
    return weight


def named(items: list[Labelled]) -> dict[str, int]:
    count = Counter(name for some in items for one, _ in some for name in one.marks)
    kept = sorted(name for name, n in count.items() if n >= LEAST)
    return {name: place for place, name in enumerate(kept, 1)}


def seen(case: dict[str, Any], some: Labelled) -> ground_net.Read:
    """A reply as the nets learn it."""
    found = [one for one, _ in some]
    attributes, places_of = words.read(case["reply"], found, case["lang"], case["words"])
    covered, wrong = np.zeros(len(attributes), bool), np.zeros(len(attributes), bool)
    for (_, hit), where in zip(some, places_of, strict=True):
        covered[where] = True
        wrong[where] |= hit
    return ground_net.read(attributes, covered, wrong, invented=bool(case["ungrounded"]))


def author(case: dict[str, Any]) -> str:
    """Who wrote a case; the first ones do not say, their groups stand for them."""
    return case.get("by") or json.dumps(case["recalled"])


def folded(sizes: Counter[str], folds: int) -> dict[str, int]:
    """A fold for each author, the folds of much the same size."""
    names = sorted(sizes)
    random.Random(1).shuffle(names)
    filled, fold = [0] * folds, {}
    for name in sorted(names, key=lambda name: -sizes[name]):
        fold[name] = filled.index(min(filled))
        filled[fold[name]] += sizes[name]
    return fold


def left_out(cases: list[dict[str, Any]], items: list[Labelled], folds: int) -> list[Said]:
    """What is said of each reply by weights and nets that were set without its author."""
    fold = folded(Counter(author(case) for case in cases), folds)
    of = [fold[author(case)] for case in cases]
    jobs = [([n for n, f in enumerate(of) if f == k], cases, items) for k in range(folds)]
    with Pool(os.cpu_count()) as pool:
        said = dict(one for some in pool.starmap(_judged, jobs, 1) for one in some)
    return [said[n] for n in range(len(cases))]


def _judged(
    left: list[int], cases: list[dict[str, Any]], items: list[Labelled]
) -> list[tuple[int, Said]]:
    """What weights and nets of the rest say of the replies that were left out."""
    gone = set(left)
    rest = [n for n in range(len(cases)) if n not in gone]
    known = [items[n] for n in rest]
    names = named(known)
    b = fitted(known, names)
    nets = ground_net.trained([seen(cases[n], items[n]) for n in rest])
    return [(n, _said(cases[n], items[n], names, b, nets)) for n in left]


def _said(
    case: dict[str, Any], some: Labelled, names: dict[str, int], b: np.ndarray, nets: Nets
) -> Said:
    if not some:
        return []
    weighed = vectors([some], names)[0].times(b)
    found = [one for one, _ in some]
    heard = judge.heard(case["reply"], found, case["words"], nets, case["lang"])
    return [(float(z), by_net) for z, by_net in zip(weighed, heard, strict=True)]


def drawn(
    cases: list[dict[str, Any]], said: list[Said], share: float, far: float
) -> tuple[float, float]:
    """Where the line lies that marks so many of the clean replies, and how much it finds."""
    best = [max((judge.together(*one, share) for one in some), default=NONE) for some in said]
    pairs = list(zip(best, cases, strict=True))
    clean = sorted((w for w, case in pairs if not case["ungrounded"]), reverse=True)
    bad = [w for w, case in pairs if case["ungrounded"]]
    line = clean[int(far * len(clean))]
    return line, sum(w > line for w in bad) / len(bad)


def set_on(every: list[dict[str, Any]], lang: Lang, folds: int) -> tuple[dict[str, Any], Arrays]:
    """Weights, line and nets of a language; says how well they did on what was left out."""
    cases = [case for case in every if case["lang"] == lang]
    with Pool(os.cpu_count()) as pool:
        items = pool.map(labelled, cases, 50)
    said = left_out(cases, items, folds)
    share = max(SHARES, key=lambda share: drawn(cases, said, share, FALSE)[1])
    for one in (0.0, share):
        for far in (0.03, FALSE, 0.2):
            _, found = drawn(cases, said, one, far)
            print(f"{lang}: net {one:g}, {far:.0%} of clean marked, {found:.1%} found", flush=True)
    names = named(items)
    b = fitted(items, names)
    kept = {name: round(float(b[place]), 2) for name, place in names.items()}
    weights = {
        "bias": round(float(b[0]), 2), "line": round(drawn(cases, said, share, FALSE)[0], 2),
        "net": share, "marks": {name: w for name, w in kept.items() if abs(w) >= LIGHT},
    }  # fmt: skip
    return weights, ground_net.train([seen(*one) for one in zip(cases, items, strict=True)])


def main() -> int:
    args, every = setting(__doc__, CASES, DATA)
    made = {}
    for lang in LANGS:
        made[lang], nets = set_on(every, lang, args.folds)
        if args.write:
            np.savez_compressed(DATA / f"net_{lang}.npz", **nets)
    if args.write:
        out = DATA / "grounds.json"
        out.write_text(
            json.dumps(made, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8"
        )
        print(f"{out}: {sum(len(one['marks']) for one in made.values())} marks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
