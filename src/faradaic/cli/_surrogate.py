"""`faradaic surrogate`: from a table of simulations to trends that stand in for the model, if they are good enough."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._explore import check_paths
from ._say import command_line, console, plain_errors, say_json, say_paragraphs

if TYPE_CHECKING:
    from faradaic.performance import InverseDesign, Sensitivity, Surrogate
    from faradaic.report import SurrogateFinding

NOT_GOOD_ENOUGH = 1


def surrogate(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Simulations: a row for each.")],
    x: Annotated[list[str], typer.Option("--x", metavar="HEADER", help="Header of a parameter; repeat it.")],
    y: Annotated[list[str], typer.Option("--y", metavar="HEADER", help="Header of a response; repeat it.")],
    log: Annotated[
        list[str] | None, typer.Option(metavar="HEADER", help="A parameter to be seen in its logarithm; repeat it.")
    ] = None,
    within: Annotated[
        float, typer.Option(metavar="PERCENT", help="Good enough: leave-out error, per cent of a response's spread.")
    ] = 0.5,
    scatter: Annotated[
        bool, typer.Option("--scatter", help="The responses scatter: fit them instead of meeting every row.")
    ] = False,
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADER", help="Rows of one group are left out together; repeat it."),
    ] = None,
    want: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADER=GOAL", help="Look for parameters: max, min or a number; repeat it."),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADER=LOW:HIGH", help="A response must lie between; either end may be left out."),
    ] = None,
    at: Annotated[Path | None, typer.Option("--at", metavar="TABLE", help="Other parameters to answer for.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="F.csv", help="Write the answers to --at.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="F.html", help="Write one self-contained page.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; files and exit code tell.")] = False,
) -> None:
    """Learn responses of a slow model from a table of its simulations.

    Says by how much rows that are left out are missed, and which share of each response's variance is due to each
    parameter. Exit code 0: good enough. 1: done, but not good enough. 2: the input cannot be used, nothing is written.
    """
    with plain_errors():
        check_paths(table, report, out)
        _check(within, at, out, want, limit)
        from faradaic.performance import surrogate as learn
        from faradaic.report import SurrogateFinding

        goal, limits = _goals(want or []), _limits(limit or [])
        how: Any = "experiment" if scatter else "deterministic"
        found = learn(table, x, y, log=log or (), reliability=how, groups=group or None)
        answers = None if at is None else found.table(at)
        indices = tuple(found.sobol(name, seed=seed) for name in found.responses)
        designs = (found.inverse(goal, limits, seed=seed),) if goal else ()
        finding = SurrogateFinding(found, indices, designs, within / 100)
        written = _write(finding, answers, report, out)
        code = 0 if found.good(within / 100) else NOT_GOOD_ENOUGH
        if as_json:
            _say_record(finding, answers, written, code)
        elif not quiet:
            _say(finding, answers, written)
    raise typer.Exit(code)


def _check(within: float, at: Path | None, out: Path | None, want: list[str] | None, limit: list[str] | None) -> None:
    from faradaic._core import ArgumentError

    if not 0 < within < 100:
        raise ArgumentError(f"--within is a per cent of the spread, above 0 and below 100, got {within:g}.")
    if out is not None and at is None:
        raise ArgumentError("--out has nothing to answer for: give parameters with --at.")
    if limit and not want:
        raise ArgumentError("--limit belongs to --want: say what is wanted, e.g. --want 'energy [Wh]=max'.")


def _split(text: str, option: str, form: str) -> tuple[str, str]:
    from faradaic._core import ArgumentError

    header, found, value = text.rpartition("=")
    if not found or not header.strip():
        raise ArgumentError(f"{option} must be {form}, got {text!r}.")
    return header.strip(), value.strip()


def _goals(texts: list[str]) -> dict[str, Any]:
    from faradaic._core import ArgumentError

    goals: dict[str, Any] = {}
    for text in texts:
        header, value = _split(text, "--want", "HEADER=max, HEADER=min or HEADER=NUMBER")
        try:
            goals[header] = value if value in ("max", "min") else float(value)
        except ValueError:
            raise ArgumentError(f"--want {text!r}: {value!r} is neither max nor min nor a number.") from None
    return goals


def _limits(texts: list[str]) -> dict[str, Any]:
    from faradaic._core import ArgumentError

    limits: dict[str, Any] = {}
    for text in texts:
        header, value = _split(text, "--limit", "HEADER=LOW:HIGH, with one end or both")
        ends = value.split(":")
        try:
            low, high = (float(end) if end.strip() else None for end in ends)
        except ValueError:
            raise ArgumentError(f"--limit {text!r}: {value!r} is not LOW:HIGH, with one end or both.") from None
        limits[header] = (low, high)
    return limits


def _write(finding: SurrogateFinding, answers: Any, report: Path | None, out: Path | None) -> dict[str, str]:
    from faradaic.report import write_surrogate, write_text

    written = {}
    if out is not None:
        written["answers"] = str(write_text(out, answers.to_csv(index=False, lineterminator="\n")))
    if report is not None:
        written["report"] = str(write_surrogate(report, finding, command=command_line()))
    return written


def _say_record(finding: SurrogateFinding, answers: Any, written: dict[str, str], code: int) -> None:
    import faradaic

    found = finding.surrogate
    say_json(
        {
            "faradaic": faradaic.__version__,
            "rows": len(found.parts[0].observed),
            "dropped": found.dropped,
            "parameters": [{"header": one.header, "low": one.low, "high": one.high, "log": one.log}
                           for one in found.ranges],
            "within": finding.within,
            "good": found.good(finding.within),
            "responses": _responses(found, finding.sensitivities),
            "design": _design(finding.designs[0]) if finding.designs else None,
            "answers": None if answers is None else answers.to_dict("records"),
            "words": finding.lines,
            "verdict": finding.headline,
            "command": command_line(),
            "written": written,
            "exit_code": code,
        }
    )  # fmt: skip


def _responses(found: Surrogate, indices: tuple[Sensitivity, ...]) -> list[dict[str, Any]]:
    return [
        {
            "header": part.trend.response.header,
            "trend": part.trend.label,
            "error": part.error,
            "worst": part.worst,
            "spread": part.spread,
            "share": part.share,
            "share_of_std": part.unexplained,
            "covered": part.covered,
            "tried": [{"trend": label, "error": error} for label, error in part.tried],
            "failures": dict(part.failures),
            "sobol": {
                "method": one.method,
                "first": dict(zip(one.parameters, one.first.tolist(), strict=True)),
                "total": dict(zip(one.parameters, one.total.tolist(), strict=True)),
            },
        }
        for part, one in zip(found.parts, indices, strict=True)
    ]


def _design(one: InverseDesign) -> dict[str, Any]:
    return {
        "parameters": one.parameters,
        "responses": one.responses,
        "std": one.std,
        "feasible": one.feasible,
        "sure": one.sure,
        "missed": one.missed,
        "domain": one.domain,
    }


def _say(finding: SurrogateFinding, answers: Any, written: dict[str, str]) -> None:
    screen = console()
    say_paragraphs(screen, finding.heading, [*finding.lines, finding.headline])
    if answers is not None and "answers" not in written:
        screen.print()
        screen.print(answers.to_string(index=False))
    for what, path in written.items():
        screen.print(f"Wrote the {what}: {path}")
