"""LoCoMo at turn level: how much of a question's evidence stands among the first hits.

    python -m bench.locomo --data DIR [--limit 25] [--json]

DIR holds locomo*.json or locomo*.json.gz (CC BY-NC 4.0, snap-research/LoCoMo; never committed).
Each conversation becomes JSON lines, is imported into a fresh home of its own, and is asked every
question that names its evidence. Mean over questions of the share of evidence turns among the
first 5, 10 and 25 hits; neighbours do not count. Questions are asked the day after the last turn.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import table
from echo.memory.importers import Given, bring
from echo.memory.store import Store
from echo.recall.search import recall

DEPTHS = (5, 10, 25)
KINDS = {1: "multi-hop", 2: "temporal", 3: "open", 4: "single-hop", 5: "adversarial"}
USER = "me"
TURN_S = 30  # seconds between two turns of a session; the data dates sessions only
_REF = re.compile(r"D\d+:\d+")


def conversations(data: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(data.glob("locomo*.json*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield from json.loads(raw)


def turns(sample: dict[str, Any]) -> Iterator[dict[str, str]]:
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


def questions(sample: dict[str, Any]) -> Iterator[tuple[str, frozenset[str], int]]:
    for asked in sample["qa"]:
        evidence = frozenset(_REF.findall(" ".join(asked.get("evidence", ()))))
        if evidence:
            yield asked["question"], evidence, asked["category"]


def opened(home: Path, sample: dict[str, Any]) -> tuple[Store, datetime]:
    """A fresh home with the conversation in it, and the day after its last turn."""
    lines = list(turns(sample))
    file = home / "conversation.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    store = Store.open(home / "memory" / "echo.db", journal=home / "memory", zone=UTC)
    bring(store, file, Given(USER, UTC), fmt="jsonl")
    return store, datetime.fromisoformat(lines[-1]["at"]) + timedelta(days=1)


def measure(data: Path, limit: int) -> tuple[dict[str, dict[int, list[float]]], list[float]]:
    """Evidence recall by kind of question and depth, and the seconds of every query."""
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    took = []
    for sample in conversations(data):
        with TemporaryDirectory() as folder:
            store, now = opened(Path(folder), sample)
            with store:
                for asked, evidence, kind in questions(sample):
                    began = time.perf_counter()
                    hits = recall(store, USER, asked, now=now, limit=limit).hits
                    took.append(time.perf_counter() - began)
                    refs = [hit.turn.ref for hit in hits]
                    for depth in DEPTHS:
                        share = len(evidence.intersection(refs[:depth])) / len(evidence)
                        for group in ("all", KINDS[kind], sample.get("sample_id", "?")):
                            found[group][depth].append(share)
    return found, took


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with locomo*.json[.gz]")
    parser.add_argument("--limit", type=int, default=max(DEPTHS))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found, took = measure(args.data, args.limit)
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


if __name__ == "__main__":
    main()
