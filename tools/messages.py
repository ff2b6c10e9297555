"""The Korean catalogue: find every sentence in the code, say what has no Korean, compile.

    python tools/messages.py            update echo.po from the code, compile echo.mo
    python tools/messages.py --check    only tell; exit 1 when something is missing

A sentence is found where it is the first argument of `_`, `words` or `msgid`, or the first or the
second of an error class (there also by the name of a string in the same file). New sentences enter
the .po untranslated; those no longer said leave.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from echo import errors  # noqa: E402 - this script is run from anywhere
from echo.i18n import LOCALE  # noqa: E402

KO = LOCALE / "ko" / "LC_MESSAGES"
EMPTY_TALK = (
    b'"POT-',
    b'"PO-Rev',
    b'"Last-T',
    b'"Language-Team',
    b'"Report-',
    b'"Project-',
    b'"Generated-',
)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the same sentences make the same .mo
WORDS = ("_", "words", "msgid")
CLASSES = [name for name, value in vars(errors).items()
           if inspect.isclass(value) and issubclass(value, errors.EchoError)]  # fmt: skip


def extracted() -> dict[str, list[tuple[str, int]]]:
    """Every sentence, and where it is said."""
    found: dict[str, list[tuple[str, int]]] = {}
    for position in (1, 2):
        names = [*WORDS, *CLASSES] if position == 1 else CLASSES
        keywords = dict.fromkeys(names, (position,))
        for file, line, message, _, _ in extract_from_dir(
            ROOT / "echo", method_map=[("**.py", "python")], keywords=keywords
        ):
            if isinstance(message, str) and message:
                found.setdefault(message, []).append((f"echo/{file}", line))
    for path in sorted((ROOT / "echo").rglob("*.py")):
        for message, line in named(ast.parse(path.read_text("utf-8"))):
            found.setdefault(message, []).append((str(path.relative_to(ROOT)), line))
    return found


def named(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Sentences that an error is given by name: `fetch = "…"` and later `BrainError(…, fetch)`."""
    texts = {
        target.id: (node.value.value, node.lineno)
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in CLASSES
        ):
            for given in node.args[:2]:
                if isinstance(given, ast.Name) and given.id in texts:
                    yield texts[given.id]


def written() -> Catalog:
    path = KO / "echo.po"
    if not path.exists():
        return Catalog(locale="ko")
    with path.open("rb") as file:
        return read_po(file, locale="ko")


def updated() -> Catalog:
    """The catalogue of today's sentences with yesterday's translations."""
    known = written()
    fresh = Catalog(locale="ko", project="Echo", charset="utf-8", fuzzy=False)
    fresh.header_comment = "# Korean words of Echo. `python tools/messages.py` keeps it complete."
    fresh.mime_headers = [("Language", "ko"), ("Content-Type", "text/plain; charset=utf-8")]
    for message, places in sorted(extracted().items()):
        old = known.get(message)
        files = sorted({file for file, _ in places})
        fresh.add(message, str(old.string) if old else "", [(file, 0) for file in files])
    return fresh


def write(catalogue: Catalog) -> None:
    """The .po without the header lines that change with the day, and the .mo of it."""
    text = io.BytesIO()
    write_po(text, catalogue, width=100, include_lineno=False)
    lines = text.getvalue().splitlines(keepends=True)
    KO.mkdir(parents=True, exist_ok=True)
    (KO / "echo.po").write_bytes(b"".join(ln for ln in lines if not ln.startswith(EMPTY_TALK)))
    told = written()
    told.creation_date = told.revision_date = LONG_AGO
    with (KO / "echo.mo").open("wb") as out:
        write_mo(out, told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only tell what is missing")
    asked = parser.parse_args()
    catalogue = updated()
    missing = [str(m.id) for m in catalogue if m.id and not m.string]
    for message in missing:
        print(message)
    if not asked.check:
        write(catalogue)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
