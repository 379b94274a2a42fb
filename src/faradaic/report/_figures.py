"""The pictures of a report, drawn with the displays of the rooms below and kept as SVG."""

from __future__ import annotations

import io
import textwrap
import warnings
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic._core import InputError, number, plural
from faradaic.data import Dataset
from faradaic.landscape import ComparisonDisplay, Exploration, LandscapeDisplay, LearningCurve
from faradaic.trend import ArrheniusDisplay, ParityDisplay, Trend, TrendDisplay

from ._tables import design_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray
WIDTH = 4.8  # inches: beside one another on a desk, still readable when a phone shrinks it
MANY_POINTS = 1500  # beyond, the points of a picture are kept as pixels, else the page grows to megabytes
LEGIBLE = 12  # inputs; of more, one that moves while the others stay says little, and their values fill the picture
MOST_INPUTS = 4  # pictures of the trend, one along each of the first inputs
LABEL_LETTERS = 28
NARROW = 0.13  # a regime is named where it covers at least this share of the axis
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "faradaic",
}


@dataclass(frozen=True)
class Picture:
    """One picture with its words.

    Attributes
    ----------
    title, caption : str
    alt : str
        What is to be seen, for those who cannot see it.
    svg : bytes
    """

    title: str
    caption: str
    alt: str
    svg: bytes

    @property
    def address(self) -> str:
        """The picture as a data address, for an ``img`` element."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg).decode()}"


def pictures(exploration: Exploration, trend: Trend, curve: LearningCurve | None = None) -> list[Picture]:
    """Draw the pictures of one result, in the order in which they are read.

    The comparison of designs, the landscape of the chosen one, predictions of rows that were left out, the trend along
    each of its first inputs unless they are many, its Arrhenius plot where it has one, and the learning curve where it
    was measured.
    """
    inputs = trend.X.shape[1]
    along = range(min(inputs, MOST_INPUTS)) if inputs <= LEGIBLE else ()
    drawn = [_comparison(exploration), _landscape(exploration), _parity(exploration)]
    drawn += [_trend(trend, j) for j in along]
    with suppress(InputError):  # no temperature, or a trend that is not positive everywhere
        drawn.append(_arrhenius(trend))
    return drawn if curve is None else [*drawn, _learning(curve)]


def _comparison(exploration: Exploration) -> Picture:
    display = ComparisonDisplay.from_exploration(exploration)
    labels = design_labels(exploration.landscapes)
    choices = exploration.selections
    order = sorted(range(len(labels)), key=lambda k: choices[k].test_error)
    display.labels = [labels[k] for k in order]

    def draw(ax: Axes) -> None:
        display.plot(ax)
        wrapped = [
            textwrap.fill(f"{label} ({p:,})", LABEL_LETTERS)
            for label, p in zip(display.labels, display.parameters, strict=True)
        ]
        ax.set_yticks(np.arange(len(wrapped))[::-1], wrapped, fontsize=8)
        ax.set_ylim(-0.6, len(wrapped) - 0.4)
        ax.grid(axis="y", color="0.93")
        ax.set_axisbelow(True)
        _legend_below(ax)

    lines = sum(1 + len(label) // LABEL_LETTERS for label in display.labels)
    best = display.labels[0]
    return Picture(
        title="Designs compared",
        caption=f"Train and test error of each design at its chosen size ({exploration.best.splits.kind}; bars: one "
        "standard error; parameters in brackets).",
        alt=f"Errors of {plural(len(labels), 'design')} as points on a logarithmic axis. The smallest test error, "
        f"{number(display.test_error[0])} {display.unit}, is that of: {best}.",
        svg=drawn(draw, (WIDTH, 1.1 + 0.2 * lines + 0.1 * len(labels))),
    )


def _landscape(exploration: Exploration) -> Picture:
    best, chosen = exploration.best, exploration.selection

    def draw(ax: Axes) -> None:
        LandscapeDisplay.from_landscape(best).plot(ax)
        ax.set_title("")
        _name_regimes(ax, best.parameters, best.regimes.names)
        _legend_below(ax)

    floor = f"; dashed: noise floor, from {exploration.floor.source}" if exploration.floor.known else ""
    # the display draws parameters = n where the sweep comes near it
    line = f"; dotted: parameters = n = {best.n_train:,}" if best.parameters.max() >= 0.6 * best.n_train else ""
    return Picture(
        title=f"Landscape of {best.label}",
        caption=f"Train and test error against the number of parameters (band: one standard error{floor}{line}; "
        f"ring: chosen). {best.regimes.text}",
        alt=f"Curves of train and test error against the number of parameters, {int(best.parameters.min()):,} to "
        f"{int(best.parameters.max()):,}. Chosen: {plural(chosen.parameters, 'parameter')}, test error "
        f"{number(chosen.test_error)} {chosen.unit}, train error {number(chosen.train_error)} {chosen.unit}.",
        svg=drawn(draw, (WIDTH, 4.3)),
    )


def _name_regimes(ax: Axes, parameters: Array, names: tuple[str, ...]) -> None:
    """Shade the regimes in turn and name those that are wide enough for their name."""
    order = np.argsort(parameters, kind="stable")
    counts, words = parameters[order].astype(float), [names[k] for k in order]
    starts = [k for k in range(len(words)) if k == 0 or words[k] != words[k - 1]]
    low, high = ax.get_xlim()
    edges = [low, *(np.sqrt(counts[k - 1] * counts[k]) for k in starts[1:]), high]
    for place, (k, left, right) in enumerate(zip(starts, edges[:-1], edges[1:], strict=True)):
        ax.axvspan(left, right, color="0.5", alpha=0.10 if place % 2 else 0.0, lw=0, zorder=0)
        if np.log(right / left) >= NARROW * np.log(high / low):
            middle = np.sqrt(left * right)
            ax.text(
                middle, 1.01, textwrap.fill(words[k], 16), transform=ax.get_xaxis_transform(), ha="center", va="bottom",
                fontsize=7.5, color="0.35",
            )  # fmt: skip
    ax.set_xlim(low, high)


def left_out(exploration: Exploration) -> tuple[Array, Array, str]:
    """Return observed and predicted responses (user's unit) of rows that were left out, and how they were."""
    data, outer = exploration.data, exploration.outer
    if outer is not None:
        predicted = _from_residual(exploration, outer.residual)
        kind = f"outer splits: {outer.kind}"
    else:
        best = exploration.best
        place = best.sizes.index(exploration.selection.size)
        predicted = best.errors["prediction"].values[place].mean(0)
        kind = f"the splits used to choose: {best.splits.kind}"
    tested = np.isfinite(predicted)
    return data.response.from_si(data.y[tested]), data.response.from_si(predicted[tested]), kind


def _from_residual(exploration: Exploration, residual: Array) -> Array:
    """Return predictions (SI) from residuals in the shown measure."""
    data: Dataset = exploration.data
    measure = exploration.best.measure
    si = residual / measure.scale(data)
    if measure.name == "relative":
        return data.y * np.exp(si)
    if measure.name == "standardised":
        noise = data.noise_std if data.target is None else data.noise
        assert noise is not None
        return data.y + si * noise
    return data.y + si


def _parity(exploration: Exploration) -> Picture:
    observed, predicted, kind = left_out(exploration)
    display = ParityDisplay.from_predictions(observed, predicted, exploration.data.response.header)

    def draw(ax: Axes) -> None:
        display.plot(ax)
        if len(observed) > MANY_POINTS:
            for artist in display.points_:
                artist.set_rasterized(True)

    ratio = float(np.corrcoef(observed, predicted)[0, 1]) if np.ptp(predicted) > 0 else float("nan")
    judged = exploration.outer is not None
    how = "chosen and fitted without it" if judged else "fitted without it, though chosen with it"
    return Picture(
        title="Predicted against observed, rows left out",
        caption=f"Each row is predicted by a trend that was {how} ({kind}). On the line a prediction is exact.",
        alt=f"Predicted against observed {display.label} for {plural(len(observed), 'row')} that were left out; "
        f"correlation {number(ratio)}.",
        svg=drawn(draw, (WIDTH, 4.6)),
    )


def _trend(trend: Trend, j: int) -> Picture:
    display = TrendDisplay.from_trend(trend, along=j)
    header = trend.inputs[j].header

    def draw(ax: Axes) -> None:
        display.plot(ax)
        ax.set_title("")
        _legend_below(ax, ncols=1 if max(map(len, display.labels)) > LABEL_LETTERS else 2)

    others = "" if len(trend.inputs) == 1 else " with the other inputs at some of their measured values"
    low, high = sorted(display.ends)
    return Picture(
        title=f"The trend along {header}",
        caption=f"The chosen trend{others}; points: the data (means of equal conditions).{_band(display.band)} Grey: "
        "outside the data; dotted: the trend where no data support it.",
        alt=f"{trend.response.header} against {header} from {number(low)} to {number(high)}, as "
        f"{plural(len(display.curves), 'curve')} with data points; values from "
        f"{number(float(display.curves[display.inside].min()))} to "
        f"{number(float(display.curves[display.inside].max()))}.",
        svg=drawn(draw, (WIDTH, 4.0 + 0.2 * max(0, len(display.curves) - 2))),
    )


def _arrhenius(trend: Trend) -> Picture:
    display = ArrheniusDisplay.from_trend(trend)

    def draw(ax: Axes) -> None:
        display.plot(ax)
        ax.set_title("")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), frameon=False, fontsize=7.5)

    return Picture(
        title="Arrhenius plot",
        caption="The trend against the reciprocal temperature; its slope is the activation energy, given in the middle "
        f"of the temperatures with its 95 % interval.{_band(display.band)}",
        alt=f"{trend.response.header} on a logarithmic axis against 1000/T. {'; '.join(display.labels)}.",
        svg=drawn(draw, (WIDTH, 3.8 + 0.2 * len(display.labels))),
    )


def _learning(curve: LearningCurve) -> Picture:
    def draw(ax: Axes) -> None:
        curve.plot(ax)
        ax.set_title("")

    return Picture(
        title="Learning curve",
        caption=curve.summary(),
        alt=f"Test error against the number of training data: {curve.summary()}",
        svg=drawn(draw, (WIDTH, 3.8)),
    )


def _band(what: str) -> str:
    return f" Band: {what}." if what else ""


def _legend_below(ax: Axes, ncols: int = 3) -> None:
    """Put the legend below the axes, where it covers nothing; one curve needs none."""
    legend = ax.get_legend()
    handles, labels = ax.get_legend_handles_labels()
    if legend is not None:
        legend.remove()
    if len(labels) > 1:
        figure: Any = ax.figure
        figure.legend(handles, labels, loc="outside lower center", ncols=ncols, frameon=False, fontsize=8)


def drawn(draw: Callable[[Any], None], size: tuple[float, float]) -> bytes:
    """Return what is drawn on a figure of its own, outside pyplot's list, as SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=size, layout="constrained")
        ax = figure.add_subplot()
        draw(ax)
        _take_words_as_they_are(figure)
        _write_ticks_as_numbers(ax)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", dpi=160, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _take_words_as_they_are(figure: Figure) -> None:
    """Headers may hold $ or ^; only the ticks of numbers are mathematics."""
    for ax in figure.axes:
        legends = [legend for legend in [ax.get_legend(), *figure.legends] if legend is not None]
        words = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts]
        words += [text for legend in legends for text in legend.get_texts()]
        words += [] if ax.yaxis.get_scale() == "log" else ax.get_yticklabels()
        for text in words:
            text.set_parse_math(False)


def _write_ticks_as_numbers(ax: Axes) -> None:
    """Write the ticks of logarithmic axes as 0.2 instead of 2 × 10⁻¹ where the numbers are short."""
    from matplotlib.ticker import LogFormatterSciNotation

    class Plain(LogFormatterSciNotation):
        def __call__(self, x: float, pos: int | None = None) -> str:
            return f"{x:g}" if super().__call__(x, pos) else ""

    for axis in (ax.xaxis, ax.yaxis):
        low, high = axis.get_view_interval()
        if axis.get_scale() == "log" and low >= 9e-4 and high <= 2e5:
            axis.set_major_formatter(Plain(labelOnlyBase=False))
            axis.set_minor_formatter(Plain(labelOnlyBase=False, minor_thresholds=(1.2, 0.5)))
