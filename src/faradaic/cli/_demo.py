"""`faradaic demo`: the whole method on three bundled tables, one of each reliability, without a network."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._explore import say_finding
from ._say import bars_shown, command_line, console, cores, plain_errors, say_json

if TYPE_CHECKING:
    from faradaic.report import Finding

# Folds to choose and folds to judge: fewer than `explore` makes, an even number to judge for two cores, and fewest for
# the 52 rows for which the whole ladder is climbed, so that all of it ends in about a minute.
SPLITS = {"experiment": (3, 2), "stochastic": (3, 2), "deterministic": (2, 2)}


class ExampleChoice(StrEnum):
    """The bundled tables."""

    experiment = "experiment"
    stochastic = "stochastic"
    deterministic = "deterministic"


class Topic(StrEnum):
    """What is shown."""

    method = "method"
    identify = "identify"


def demo(
    topic: Annotated[
        Topic, typer.Argument(help="The whole method on three tables, or which parameters a circle has.")
    ] = Topic.method,
    report: Annotated[Path, typer.Option(metavar="F.html", help="The page with all results.")] = Path("demo.html"),
    only: Annotated[list[ExampleChoice] | None, typer.Option(help="Only this example; repeat it for more.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default: at most 2.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the report tells.")] = False,
) -> None:
    """Run the method on three bundled tables: an experiment, a stochastic and a deterministic computation.

    Or, as `demo identify`, ask for a circle from many points, from three and from two. Prints the verdicts and writes
    one report. It needs no network, and ends with exit code 0 whatever the verdicts.
    """
    with plain_errors():
        from faradaic.report import check_writable, write_report

        check_writable(report)
        if topic is Topic.identify:
            from ._demo_identify import demo_identify

            demo_identify(report, seed, as_json=as_json, quiet=quiet)
            return
        names = list(dict.fromkeys(only or ExampleChoice))
        out = console()
        findings = []
        for name in names:
            finding = _found(name.value, seed, workers or min(2, cores()), bars_shown(quiet or as_json))
            findings.append(finding)
            if not (quiet or as_json):
                say_finding(out, finding)
                out.print()
        title = "faradaic: three tables, one of each reliability" if len(names) == len(ExampleChoice) else ""
        written = {"report": str(write_report(report, findings, command=command_line(), title=title))}
        if as_json:
            from ._record import record

            say_json({"findings": [record(one) for one in findings], "command": command_line(), "written": written})
        elif not quiet:
            out.print(f"Wrote the report: {report}")


def _found(name: str, seed: int, workers: int, progress: bool) -> Finding:
    import faradaic as fd
    from faradaic.data import EXAMPLES, example
    from faradaic.report import Finding

    begin = time.perf_counter()
    data = example(name)
    splits, outer = SPLITS[name]
    found = fd.explore(data, splits=splits, outer=outer, seed=seed, n_jobs=workers, progress=progress)
    trend = fd.fit(found, data)
    return Finding(found, trend, time.perf_counter() - begin, EXAMPLES[name].title)
