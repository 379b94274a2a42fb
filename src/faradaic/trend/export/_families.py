"""Each family's prediction as a formula of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

import numpy as np
from numpy.polynomial.legendre import leg2poly
from scipy.interpolate import BSpline, PPoly

from faradaic import approximations
from faradaic._core import ArgumentError
from faradaic.approximations import (
    Approximation,
    CoKriging,
    Components,
    Design,
    ElasticNet,
    GaussianProcess,
    LawRegressor,
    Network,
    Polynomial,
    PolynomialTerms,
    RandomFeatures,
    Spline,
    Symmetric,
    Transform,
)

from ._expression import Expression, apply, dot, number, stack, take, variable
from ._law import law_expression

Array = np.ndarray
Inputs = Sequence[Expression]


def design_expression(design: Design, inputs: Inputs, *, flat: bool = False) -> Expression:
    """Return the prediction of a fitted design, SI in and SI out.

    Parameters
    ----------
    design : Design
    inputs : sequence of Expression
        One for each input.
    flat : bool
        Write it for a reader that knows single values only and no shared parts: a polynomial by powers and not by
        recurrence, distances as differences and not as matrix products. Equal but for rounding.

    Raises
    ------
    ArgumentError
        The family has no formula.
    """
    coordinates = [_forward(each, x) for each, x in zip(design.x_, inputs, strict=True)]
    return _inverse(design.y_, approximation_expression(design.approximation_, coordinates, flat))


@singledispatch
def approximation_expression(model: Approximation, inputs: Inputs, flat: bool) -> Expression:
    """Return the prediction of a fitted family; each family registers its own."""
    raise ArgumentError(f"A {type(model).__name__} cannot be exported: it has no formula; export another family.")


def _forward(transform: Transform, x: Expression) -> Expression:
    kinds = {
        "identity": lambda: x,
        "reciprocal": lambda: 1.0 / x,
        "log": lambda: apply("log", x),
        "square_root": lambda: apply("sqrt", x),
        "standardise": lambda: (x - transform.mean) / transform.scale,  # pyright: ignore[reportAttributeAccessIssue]
    }
    return kinds[transform.name]()


def _inverse(transform: Transform, z: Expression) -> Expression:
    kinds = {
        "identity": lambda: z,
        "reciprocal": lambda: 1.0 / z,
        "log": lambda: apply("exp", z),
        "square_root": lambda: z * apply("abs", z),
        "standardise": lambda: z * transform.scale + transform.mean,  # pyright: ignore[reportAttributeAccessIssue]
    }
    return kinds[transform.name]()


def _scaled(inputs: Inputs, centre: Array, scale: Array) -> list[Expression]:
    return [(x - float(c)) / float(s) for x, c, s in zip(inputs, centre, scale, strict=True)]


@approximation_expression.register(PolynomialTerms)
@approximation_expression.register(Polynomial)
def _(model: Polynomial, inputs: Inputs, flat: bool) -> Expression:
    u = _scaled(inputs, model.centre_, model.scale_)
    degree = int(model.exponents_.max())
    norms = np.sqrt(2.0 * np.arange(degree + 1) + 1.0)
    if flat:
        weights = model.coefficients_ * norms[model.exponents_].prod(axis=1)
        grid = np.zeros((degree + 1,) * len(u))
        grid[tuple(model.exponents_.T)] = weights
        for axis in range(len(u)):
            grid = np.apply_along_axis(lambda c: np.pad(p := leg2poly(c), (0, degree + 1 - len(p))), axis, grid)
        return model.offset_ + _powers(grid, u)
    columns = None
    for j, one in enumerate(u):
        values = stack(_legendre(one, degree)) * number(norms)
        values = take(values, model.exponents_[:, j])
        columns = values if columns is None else columns * values
    assert columns is not None
    return model.offset_ + dot(columns, model.coefficients_)


def _legendre(u: Expression, degree: int) -> list[Expression]:
    values: list[Expression] = [u**0.0 if degree == 0 else number(1.0), u]
    for k in range(2, degree + 1):
        values.append((values[-1] * u * (2.0 * k - 1.0) - values[-2] * (k - 1.0)) / float(k))
    return values[: degree + 1]


def _powers(grid: Array, u: Inputs) -> Expression:
    """Return Σ c_αβ.. u1^α u2^β .. by Horner's rule, in the first input first."""
    if not u:
        return number(float(grid))
    coefficients = [_powers(part, u[1:]) for part in grid]
    while len(coefficients) > 1 and coefficients[-1].plain and coefficients[-1].value == 0.0:
        coefficients.pop()
    total = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * u[0] + coefficient
    return total


@approximation_expression.register
def _(model: RandomFeatures, inputs: Inputs, flat: bool) -> Expression:
    coefficients = model.coefficients_
    if len(coefficients) == 1:
        return number(model.offset_ + float(coefficients[0])) + inputs[0] * 0.0
    u = _scaled(inputs, model.centre_, model.scale_)
    arguments = _affine(u, model.inner_.T, model.shift_, flat)
    name = {"tanh": "tanh", "cosine": "cos"}.get(model.activation)
    features = apply(name, arguments) if name else apply("maximum", arguments, 0.0)
    return model.offset_ + dot(stack([1.0, features]), coefficients)


def _affine(u: Inputs, matrix: Array, shift: Array, flat: bool) -> Expression:
    """Return u @ matrix + shift, (m,)."""
    if len(u) == 1:
        return u[0] * number(matrix[0]) + number(shift)
    return dot(stack(u), matrix) + number(shift)


@approximation_expression.register
def _(model: Network, inputs: Inputs, flat: bool) -> Expression:
    theta, width, depth = model.theta_, int(model.width), int(model.depth)
    if width == 0:
        return number(model.y_mean_ + model.y_std_ * float(theta[0])) + inputs[0] * 0.0
    hidden, at, inside = _scaled(inputs, model.x_mean_, model.x_std_), 0, len(inputs)
    state: Expression | None = None
    for _ in range(depth):
        block = theta[at : at + (inside + 1) * width].reshape(inside + 1, width)
        at, inside = at + block.size, width
        a = (
            _affine(hidden, block[:-1], block[-1], flat)
            if state is None
            else dot(state, block[:-1]) + number(block[-1])
        )
        state = _activated(model.activation, a)
    assert state is not None
    block = theta[at:]
    return model.y_mean_ + model.y_std_ * (dot(state, block[:-1]) + float(block[-1]))


def _activated(activation: str, a: Expression) -> Expression:
    if activation == "sine":
        return apply("sin", a)
    if activation == "softplus":
        return apply("maximum", a, 0.0) + apply("log1p", apply("exp", -apply("abs", a)))
    if activation == "gelu":
        return a * (0.5 * (1.0 + apply("erf", a / float(np.sqrt(2.0)))))
    return apply("tanh", a)


@approximation_expression.register
def _(model: GaussianProcess, inputs: Inputs, flat: bool) -> Expression:
    length = model.lengthscale_
    a = [x / float(each) for x, each in zip(_scaled(inputs, model.x_mean_, model.x_std_), length, strict=True)]
    points, wrt, weights = model.expansion()
    parts = []
    for feature in np.unique(wrt):
        some = wrt == feature
        r2, r = _distance(a, points[some] / length, flat)
        if feature < 0:
            part = _covariance(model.kernel, r2, r)
        else:  # with known slopes: -2 dk/d(r²) (x - z)/l²
            reach = (a[feature] - number(points[some, feature] / length[feature])) / float(length[feature])
            part = _covariance_slope(model.kernel, r2, r) * reach
        parts.append(dot(model.amplitude_ * part, weights[some]))
    return model.y_mean_ + model.y_std_ * sum(parts[1:], parts[0])


@approximation_expression.register
def _(model: CoKriging, inputs: Inputs, flat: bool) -> Expression:
    x = _scaled(inputs, model.x_mean_, model.x_std_)
    offset, parts = model.expansion()
    total = number(offset)
    for amplitude, length, points, weights in parts:
        a = [one / float(each) for one, each in zip(x, length, strict=True)]
        r2, r = _distance(a, points / length, flat)
        total = total + dot(amplitude * _covariance(model.kernel, r2, r), weights)
    return float(model.y_mean_[-1]) + float(model.y_std_[-1]) * total


def _distance(a: Inputs, centres: Array, flat: bool) -> tuple[Expression, Expression | None]:
    """Return the squared distance from each centre, and the distance itself where it comes for nothing."""
    if flat and len(a) == 1:
        r = apply("abs", a[0] - number(centres[:, 0]))
        return r * r, r
    if flat:
        # the tiny number keeps the slope of the distance finite on a centre
        r2 = sum(
            ((one - number(centres[:, j])) ** 2.0 for j, one in enumerate(a)), number(np.full(len(centres), 1e-30))
        )
        return r2, apply("sqrt", r2)
    squares = sum((one * one for one in a[1:]), a[0] * a[0]) + number((centres * centres).sum(1))
    return apply("maximum", squares - 2.0 * dot(stack(a), centres.T), 0.0), None


def _covariance(kernel: str, r2: Expression, r: Expression | None) -> Expression:
    if kernel == "rbf":
        return apply("exp", -0.5 * r2)
    power = {"matern32": 3.0, "matern52": 5.0}[kernel]
    a = apply("sqrt", power * r2) if r is None else float(np.sqrt(power)) * r
    if kernel == "matern32":
        return (1.0 + a) * apply("exp", -a)
    return (1.0 + a + a * a / 3.0) * apply("exp", -a)


def _covariance_slope(kernel: str, r2: Expression, r: Expression | None) -> Expression:
    """Return -2 dk/d(r²)."""
    if kernel == "rbf":
        return apply("exp", -0.5 * r2)
    power = {"matern32": 3.0, "matern52": 5.0}[kernel]
    a = apply("sqrt", power * r2) if r is None else float(np.sqrt(power)) * r
    if kernel == "matern32":
        return 3.0 * apply("exp", -a)
    return (5.0 / 3.0) * (1.0 + a) * apply("exp", -a)


@approximation_expression.register
def _(model: LawRegressor, inputs: Inputs, flat: bool) -> Expression:
    formula = law_expression(model.law, [inputs[j] for j in model.columns_], model.theta_)
    return formula + inputs[0] * 0.0 if formula.op == "number" else formula


@approximation_expression.register
def _(model: Spline, inputs: Inputs, flat: bool) -> Expression:
    m, p, degree = int(model.n_basis), len(model.knots_), int(model.degree_)
    u = _scaled(inputs, model.centre_, model.scale_)
    if degree == 0:
        return model.offset_ + number(float(model.coefficients_.sum())) + inputs[0] * 0.0
    if len(model.coefficients_) == m**p and p <= 3:
        total = None
        grid = model.coefficients_.reshape(m, -1)
        for j in reversed(range(1, p)):
            columns = _splines(u[j], model.knots_[j], degree, np.eye(m))
            total = columns if total is None else _outer(columns, total)
        if total is None:
            return model.offset_ + _splines(u[0], model.knots_[0], degree, grid[:, 0])
        return model.offset_ + dot(_splines(u[0], model.knots_[0], degree, np.eye(m)) * dot(total, grid.T), np.ones(m))
    parts = model.coefficients_.reshape(p, m)
    return sum(
        (_splines(one, knots, degree, row) for one, knots, row in zip(u, model.knots_, parts, strict=True)),
        number(model.offset_),
    )


@approximation_expression.register
def _(model: Symmetric, inputs: Inputs, flat: bool) -> Expression:
    u = inputs[model.axis] - float(model.about)
    squared = [u * u if j == model.axis else each for j, each in enumerate(inputs)]
    inner = approximation_expression(model.approximation_, squared, flat)
    return inner if model.kind == "even" else float(model.value) + u * inner


@approximation_expression.register
def _(model: Components, inputs: Inputs, flat: bool) -> Expression:
    mean = model.offset_ + float(model.coefficients_[0])
    return _plane(mean, model.directions_ @ model.coefficients_[1:], _scaled(inputs, model.centre_, model.scale_))


@approximation_expression.register
def _(model: ElasticNet, inputs: Inputs, flat: bool) -> Expression:
    return _plane(float(model.mean_), model.weights_, _scaled(inputs, model.centre_, model.scale_))


@approximation_expression.register
def _(model: approximations.Inputs, inputs: Inputs, flat: bool) -> Expression:
    return approximation_expression(model.approximation_, [inputs[j] for j in model.seen(len(inputs))], flat)


def _plane(mean: float, weights: Array, u: Inputs) -> Expression:
    if not weights.any():
        return number(mean) + u[0] * 0.0
    if len(u) == 1:
        return mean + u[0] * float(weights[0])
    return mean + dot(stack(u), weights)


def _outer(left: Expression, right: Expression) -> Expression:
    """Return all products of two vectors, the right one running faster."""
    a, b = left.size or 1, right.size or 1
    return take(left, np.repeat(np.arange(a), b)) * take(right, np.tile(np.arange(b), a))


def _splines(u: Expression, knots: Array, degree: int, coefficients: Array) -> Expression:
    """Return one spline for each column of ``coefficients``, or one value.

    The sum over the pieces of how far each has been climbed: s(-1) + Σ_i [P_i(u_i) − P_i(0)] with the way
    u_i = min(max(u, t_i), t_{i+1}) − t_i into piece i, and tangents beyond the ends. It needs no branches.
    """
    columns = coefficients[:, None] if coefficients.ndim == 1 else coefficients
    made = [PPoly.from_spline(BSpline(knots, np.ascontiguousarray(column), degree)) for column in columns.T]
    breaks = np.unique(knots)
    inside = np.searchsorted(made[0].x, breaks[:-1], side="right") - 1
    local = np.stack([one.c[:, inside] for one in made], axis=-1)  # powers from the highest, pieces, splines
    tails = [np.array([float(one.derivative()(end)) for one in made]) for end in (-1.0, 1.0)]
    way = apply("minimum", apply("maximum", u, number(breaks[:-1])), number(breaks[1:])) - number(breaks[:-1])
    below, above = apply("minimum", u + 1.0, 0.0), apply("maximum", u - 1.0, 0.0)
    if coefficients.ndim == 1:  # by Horner's rule, in all pieces at once
        climbed = number(local[0, :, 0]) * way
        for row in local[1:-1, :, 0]:
            climbed = (climbed + number(row)) * way
        risen = dot(climbed, np.ones(len(breaks) - 1))
        return float(local[-1, 0, 0]) + risen + float(tails[0][0]) * below + float(tails[1][0]) * above
    power, risen = way, dot(way, local[-2])
    for row in local[-3::-1]:
        power = power * way
        risen = risen + dot(power, row)
    return number(local[-1, 0]) + risen + number(tails[0]) * below + number(tails[1]) * above


def inputs_of(design: Design) -> list[Expression]:
    """Return one variable for each input of a design."""
    return [variable(j) for j in range(len(design.x_))]
