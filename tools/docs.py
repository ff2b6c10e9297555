"""The command list of README.md and README.ko.md, made from what --help says.

python tools/docs.py            write it between the markers
python tools/docs.py --check    only compare; exit 1 when a file says something else
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from echo.cli.app import tree  # noqa: E402 - this script is run from anywhere
from echo.i18n import catalogue  # noqa: E402
from echo.nouns import Lang  # noqa: E402

BETWEEN = re.compile(r"(<!-- commands\b[^>]*-->\n).*?(<!-- /commands -->)", re.DOTALL)
FILES: tuple[tuple[str, Lang], ...] = (("README.md", "en"), ("README.ko.md", "ko"))
HEADS = {"en": "| command | does | options |", "ko": "| 명령 | 하는 일 | 옵션 |"}
EVERYWHERE = {"--home", "--user", "--lang", "--help"}


def rows(command: Any, path: str = "fillin") -> Iterator[str]:
    """One table row for every command that does something."""
    inner = getattr(command, "commands", None)
    if inner:
        for name, each in inner.items():
            yield from rows(each, f"{path} {name}")
        return
    words = [path, *(p.metavar for p in command.params if p.param_type_name == "argument")]
    options = [
        f"`{cell(option)}`" for param in command.params if (option := spelled(param)) is not None
    ]
    yield f"| `{cell(' '.join(words))}` | {command.help} | {' '.join(options)} |"


def spelled(param: Any) -> str | None:
    if param.param_type_name != "option" or EVERYWHERE & set(param.opts):
        return None
    name = param.opts[0]
    return name if param.is_flag else f"{name} {param.metavar}"


def cell(text: str) -> str:
    """Text that cannot end a table cell."""
    return text.replace("|", "\\|")


def table(lang: Lang) -> str:
    body = "\n".join(rows(tree(catalogue(lang))))
    return f"{HEADS[lang]}\n|---|---|---|\n{body}"


def replaced(text: str, lang: Lang) -> str | None:
    """The text with today's list between its markers; None where it has none."""
    if not BETWEEN.search(text):
        return None
    return BETWEEN.sub(lambda found: f"{found[1]}{table(lang)}\n{found[2]}", text, count=1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    wrong = 0
    for name, lang in FILES:
        path = ROOT / name
        text = path.read_text("utf-8") if path.exists() else ""
        fresh = replaced(text, lang)
        if fresh is None:
            print(
                f"{name} has no markers <!-- commands --> and <!-- /commands -->.", file=sys.stderr
            )
            wrong += 1
        elif fresh != text and check:
            print(
                f"{name} does not list today's commands; run: python tools/docs.py", file=sys.stderr
            )
            wrong += 1
        elif fresh != text:
            path.write_text(fresh, "utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
