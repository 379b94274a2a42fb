"""The order of the gallery: what is needed first comes first; a new script goes to the end until it is listed here."""

from __future__ import annotations

from pathlib import Path

ORDER = (
    "plot_noise_floor.py",
    "plot_double_descent.py",
    "plot_three_reliabilities.py",
    "plot_decomposition.py",
    "plot_intervals.py",
    "plot_constraints.py",
    "plot_learning_curve.py",
    "plot_two_fidelities.py",
    "plot_replicates_flores.py",
    "plot_flores_landscape.py",
    "plot_calisol_leak.py",
)


class ReadingOrder:
    """A sort key of sphinx-gallery, made once for each folder of scripts."""

    def __init__(self, src_dir: str) -> None:
        self.src_dir = src_dir

    def __call__(self, filename: str) -> tuple[int, str]:
        name = Path(filename).name
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)

    def __repr__(self) -> str:
        return type(self).__name__
