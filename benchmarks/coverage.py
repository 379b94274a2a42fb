"""Does 95 mean 95? How often every kind of interval of this package holds the truth, as one table.

`python benchmarks/coverage.py` runs every case and prints the table (an hour on one core); `--smoke` runs a few
repeats of each, to see that they run; `--only slopes intervals` runs some parts; `--write docs/coverage_table.md` puts
the rows of the parts that ran into the table of the documentation and leaves the others as they are. The Flores and
Clio cases need the public data (FARADAIC_DATA, or the network).
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PARTS = ("intervals", "slopes", "learning", "cokriging", "identifiability")
HEAD = "| case | level | measured | median width | repeats |\n|---|---|---|---|---|\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--write", type=Path, metavar="F.md")
    asked = parser.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.path[:0] = [str(HERE), str(HERE / "coverage_cases")]
    for part in asked.only:
        begin = time.perf_counter()
        rows = [_row(case) for case in importlib.import_module(part).cases(asked.smoke)]
        print(f"{part}, {time.perf_counter() - begin:.0f} s\n{HEAD}" + "\n".join(rows), flush=True)
        if asked.write:
            _replace(asked.write, part, rows)


def _row(case: dict[str, Any]) -> str:
    if case["repeats"] == 1:
        measured = "inside" if case["measured"] else "outside"
    else:
        measured = f"{100 * case['measured']:.1f} %"
    width = f"{case['width']:.3g}" if case["width"] == case["width"] else "–"
    return f"| {case['case']} | {100 * case['level']:g} % | {measured} | {width} | {case['repeats']:,} |"


def _replace(path: Path, part: str, rows: list[str]) -> None:
    """Put the rows of one part between its marks; parts that are not there yet are added at the end."""
    begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    block = f"{begin}\n\n{HEAD}" + "\n".join(rows) + f"\n\n{end}"
    if begin in text:
        text = text[: text.index(begin)] + block + text[text.index(end) + len(end) :]
    else:
        text = f"{text.rstrip()}\n\n{block}\n".lstrip()
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
