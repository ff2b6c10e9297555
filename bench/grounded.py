"""How well invented memories are told from grounded ones: replies with and without them.

    python -m bench.grounded [FILE] [--wrong]

FILE: cases as tests/mind/data/README.md has them. A reply with invented claims is found when any
word of them is marked; a reply without is falsely marked when anything in it is.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.measure import table
from echo.mind.grounds.judge import ungrounded
from echo.mind.grounds.support import Support

CASES = Path(__file__).parent.parent / "tests" / "mind" / "data" / "grounded.jsonl"


def support_of(case: dict[str, Any]) -> Support:
    """What the reply of a case may rest on."""
    lines = [(datetime.fromisoformat(line["at"]), line["text"]) for line in case["recalled"]]
    now = [datetime.fromisoformat(case["now"])] if case.get("now") else []
    today = max(now or [at for at, _ in lines], default=None)
    return Support(
        texts=(*(text for _, text in lines), case["words"]),
        told=tuple((text, at.date()) for at, text in lines),
        now=today.date() if today else None,
        words=case["words"],
        hours=tuple(at.hour for at in (*now, *(at for at, _ in lines))),
    )


def marked(case: dict[str, Any]) -> tuple[str, ...]:
    """What is marked in the reply of a case."""
    return ungrounded(case["reply"], support_of(case))


def is_hit(case: dict[str, Any], found: tuple[str, ...]) -> bool:
    """Does anything that was marked stand in what was invented, or the other way about?"""
    reply = case["reply"]
    wanted = {i for text in case["ungrounded"] for i in places(reply, text)}
    return any(wanted & set(places(reply, text)) for text in found)


def places(reply: str, text: str) -> range:
    """Where in a reply a text of it stands."""
    start = reply.find(text)
    return range(start, start + len(text)) if start >= 0 else range(0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=CASES)
    parser.add_argument("--wrong", action="store_true", help="show every case that goes wrong")
    args = parser.parse_args()
    cases = [json.loads(line) for line in args.file.read_text("utf-8").splitlines()]
    rows = []
    for lang in ("ko", "en", ""):
        some = [case for case in cases if lang in ("", case["lang"])]
        bad = [case for case in some if case["ungrounded"]]
        good = [case for case in some if not case["ungrounded"]]
        hits = [case for case in bad if is_hit(case, marked(case))]
        any_ = [case for case in bad if marked(case)]
        false = [case for case in good if marked(case)]
        rows.append((
            lang or "both", str(len(bad)), f"{len(hits) / len(bad):.1%}",
            f"{len(any_) / len(bad):.1%}", str(len(good)), f"{len(false) / len(good):.1%}",
        ))  # fmt: skip
        if args.wrong and lang:
            for case in [c for c in bad if c not in hits] + false:
                told = " / ".join(line["text"] for line in case["recalled"])
                print(f"\n{told}\n> {case['words']}\n  {case['reply']}")
                print(f"  wanted {case['ungrounded']}, marked {list(marked(case))}")
    heads = ("", "invented", "found", "(any mark)", "clean", "falsely marked")
    print(table(heads, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
