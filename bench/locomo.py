"""LoCoMo at turn level: how much of a question's evidence stands among the first hits.

    python -m bench.locomo --data DIR [--limit 25] [--together | --known] [--json]

DIR holds locomo*.json or locomo*.json.gz (CC BY-NC 4.0, snap-research/LoCoMo; never committed).
Each conversation becomes JSON lines, is imported into a fresh home of its own, and is asked every
question that names its evidence. Mean over questions of the share of evidence turns among the
first 5, 10 and 25 hits; neighbours do not count. Questions are asked the day after the last turn.
The weights are set by bench/weights.py, which also says what they do on conversations left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import table
from echo.memory.importers import Given, bring
from echo.memory.store import Store
from echo.recall.knowing import KNOWN
from echo.recall.search import recall

DEPTHS = (5, 10, 25)
KINDS = {1: "multi-hop", 2: "temporal", 3: "open", 4: "single-hop", 5: "adversarial"}
USER = "me"
TURN_S = 30  # seconds between two turns of a session; the data dates sessions only
Shares = dict[str, dict[int, list[float]]]
_REF = re.compile(r"D\d+:\d+")


def conversations(data: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(data.glob("locomo*.json*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield from json.loads(raw)


def turns(sample: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The conversation as lines of `memory import --format jsonl`."""
    said = sample["conversation"]
    for number in range(1, 1 + max(int(k.split("_")[1]) for k in said if k.endswith("_time"))):
        session = f"session_{number}"
        if not said.get(session):
            continue
        began = datetime.strptime(said[f"{session}_date_time"], "%I:%M %p on %d %B, %Y")
        for i, turn in enumerate(said[session]):
            at = began.replace(tzinfo=UTC) + timedelta(seconds=TURN_S * i)
            yield {
                "at": at.isoformat(),
                "speaker": turn["speaker"],
                "text": turn["text"],
                "session": session,
                "ref": turn["dia_id"],
            }


def questions(sample: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[str], int]]:
    for asked in sample["qa"]:
        evidence = frozenset(_REF.findall(" ".join(asked.get("evidence", ()))))
        if evidence:
            yield asked["question"], evidence, asked["category"]


def opened(home: Path, samples: Sequence[Mapping[str, Any]]) -> tuple[Store, datetime]:
    """A fresh home with these conversations in it, and the day after the last turn of all."""
    store = Store.open(home / "memory" / "echo.db", journal=home / "memory", zone=UTC)
    last = ""
    for number, sample in enumerate(samples):
        prefix = prefix_of(sample, samples)
        lines = [
            {**line, "ref": prefix + line["ref"], "session": prefix + line["session"]}
            for line in turns(sample)
        ]
        file = home / f"conversation{number}.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        bring(store, file, Given(USER, UTC), fmt="jsonl")
        last = max(last, lines[-1]["at"])
    return store, datetime.fromisoformat(last) + timedelta(days=1)


def prefix_of(sample: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]) -> str:
    """What the refs of a conversation begin with, where several share a memory."""
    return f"{sample.get('sample_id', '?')}/" if len(samples) > 1 else ""


def measure(data: Path, limit: int, *, together: bool) -> tuple[Shares, list[float]]:
    """Evidence recall by kind of question and depth, and the seconds of every query."""
    found: Shares = defaultdict(lambda: defaultdict(list))
    took: list[float] = []
    samples = list(conversations(data))
    for memory in [samples] if together else [[sample] for sample in samples]:
        with TemporaryDirectory() as folder:
            store, now = opened(Path(folder), memory)
            with store:
                for sample in memory:
                    prefix = prefix_of(sample, memory)
                    _ask(store, sample, (prefix, now, limit), found, took)
    return found, took


def _ask(
    store: Store, sample: Mapping[str, Any], how: tuple[str, datetime, int], found: Shares,
    took: list[float],
) -> None:  # fmt: skip
    prefix, now, limit = how
    for asked, evidence, kind in questions(sample):
        began = time.perf_counter()
        hits = recall(store, USER, asked, now=now, limit=limit).hits
        took.append(time.perf_counter() - began)
        refs = [hit.turn.ref.removeprefix(prefix) for hit in hits]
        for depth in DEPTHS:
            share = len(evidence.intersection(refs[:depth])) / len(evidence)
            for group in ("all", KINDS[kind], str(sample.get("sample_id", "?"))):
                found[group][depth].append(share)


# ── was it told? ─────────────────────────────────────────────────────────────────────────────


def known(data: Path) -> dict[str, list[tuple[float, bool]]]:
    """Conversation → (confidence, was it told) of its own questions and of another's.

    Those of the next conversation are asked here with its speakers' names put in the place of
    theirs; the adversarial ones of either are left out: they were told, of somebody else.
    """
    samples = list(conversations(data))
    found: dict[str, list[tuple[float, bool]]] = {}
    for number, sample in enumerate(samples):
        other = samples[(number + 1) % len(samples)]
        asked = [(question, True) for question in told(sample)]
        asked += [(renamed(question, other, sample), False) for question in told(other)]
        with TemporaryDirectory() as folder:
            store, now = opened(Path(folder), [sample])
            with store:
                found[str(sample.get("sample_id", number))] = [
                    (recall(store, USER, question, now=now).confidence, told)
                    for question, told in asked
                ]
    return found


def told(sample: Mapping[str, Any]) -> Iterator[str]:
    return (question for question, _, kind in questions(sample) if KINDS[kind] != "adversarial")


def renamed(question: str, of: Mapping[str, Any], to: Mapping[str, Any]) -> str:
    """A question with the speakers of one conversation put in the place of another's."""
    for role in ("speaker_a", "speaker_b"):
        name = re.escape(of["conversation"][role])
        question = re.sub(rf"\b{name}\b", to["conversation"][role], question)
    return question


def auc(scored: Sequence[tuple[float, bool]]) -> float:
    """How often one that was told scores above one that was not; ties are half."""
    values = sorted({score for score, _ in scored})
    at = {value: i for i, value in enumerate(values)}
    counts = [[0, 0] for _ in values]
    for score, told in scored:
        counts[at[score]][told] += 1
    below = won = 0.0
    for never, told in counts:
        won += told * (below + never / 2)
        below += never
    return won / (below * sum(told for _, told in counts))


# ── told ─────────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with locomo*.json[.gz]")
    parser.add_argument("--limit", type=int, default=max(DEPTHS))
    parser.add_argument("--together", action="store_true", help="all of them in one memory")
    parser.add_argument("--known", action="store_true", help="was it told: AUC")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.known:
        _tell_known(known(args.data))
        return
    found, took = measure(args.data, args.limit, together=args.together)
    if not took:
        parser.error(f"no locomo*.json in {args.data}")
    means = {
        group: {depth: round(100 * statistics.mean(found[group][depth]), 1) for depth in DEPTHS}
        for group in found
    }
    if args.json:
        counts = {group: len(found[group][DEPTHS[0]]) for group in found}
        print(json.dumps({"recall": means, "n": counts, "median_s": statistics.median(took)}))
        return
    rows = [
        [group, *(f"{means[group][depth]:.1f}" for depth in DEPTHS), str(len(found[group][5]))]
        for group in means
    ]
    print(table(["questions", *(f"@{depth}" for depth in DEPTHS), "n"], rows))
    print(f"median {1000 * statistics.median(took):.1f} ms a query, limit {args.limit}")


def _tell_known(found: Mapping[str, list[tuple[float, bool]]]) -> None:
    rows = []
    for name, scored in (*found.items(), ("all", [one for each in found.values() for one in each])):
        right = [(score >= KNOWN) == told for score, told in scored]
        yes = [ok for ok, (_, told) in zip(right, scored, strict=True) if told]
        no = [ok for ok, (_, told) in zip(right, scored, strict=True) if not told]
        shares = (statistics.mean(yes), statistics.mean(no))
        rows.append([name, f"{auc(scored):.3f}", *(f"{share:.0%}" for share in shares)])
    print(table(["conversation", "AUC", "told, known", "not told, not known"], rows))


if __name__ == "__main__":
    main()
