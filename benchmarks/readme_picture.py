"""The landscape in the README, docs/_static/landscape.png: random features on the conductivities of Flores et al.

FARADAIC_DATA=... python benchmarks/readme_picture.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

import faradaic as fd
from faradaic.approximations import Design, Identity, RandomFeatures, Reciprocal, SquareRoot

PICTURE = Path(__file__).parents[1] / "docs" / "_static" / "landscape.png"


def main() -> None:
    """Sweep, print the regimes, and draw."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    data = fd.data.load("flores2022")
    design = Design(RandomFeatures(activation="relu"), x=(Reciprocal(), Identity(), Identity()), y=SquareRoot())
    found = fd.landscape(design, data, progress=True)
    print(found)
    figure, ax = plt.subplots(figsize=(7.2, 4.2), layout="constrained")
    found.plot(ax=ax)
    ax.set_title(f"{found.label} ({found.splits.kind})", fontsize=10)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=150, metadata={"Software": None})
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
