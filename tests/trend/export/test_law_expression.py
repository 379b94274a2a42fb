"""A law that sums over fixed nodes is a formula like any other; more than that is refused."""

import numpy as np
import pytest

from faradaic import laws
from faradaic._core import ArgumentError
from faradaic.trend.export._expression import variable
from faradaic.trend.export._law import law_expression
from faradaic.trend.export._unroll import evaluate


@pytest.mark.parametrize("lam", [0.02, 0.3, 3.0])
def test_an_integral_over_the_electrons_of_a_metal(lam):
    law, theta = laws.marcus_hush_chidsey(), np.array([3.0, lam])
    eta = np.concatenate([-np.geomspace(1e-6, 2.0, 20), [0.0, lam, 2 * lam], np.geomspace(1e-6, 2.0, 20)])[:, None]
    formula = law_expression(law, [variable(0)], theta)
    np.testing.assert_allclose(evaluate(formula, eta), law(eta, theta), rtol=1e-12)


def test_a_sum_counts_a_value_once_for_every_place():
    import jax.numpy as jnp

    places = np.array([1.0, 2.0, 4.0])

    @laws.law(formula="y", variables=[laws.Variable("x")], parameters=[laws.Parameter("a", None, start=1.0)])
    def summed(x, a):
        spread = jnp.broadcast_to(a * x, (3,))
        return jnp.sum(spread) + jnp.sum(spread * places) + jnp.sum(jnp.where(places > x, places, 0.0))

    X = np.array([[0.5], [1.5], [3.0]])
    formula = law_expression(summed, [variable(0)], np.array([2.0]))
    np.testing.assert_allclose(evaluate(formula, X), summed(X, [2.0]), rtol=1e-14)
    np.testing.assert_allclose(summed(X, [2.0]), [3 + 7 + 7, 9 + 21 + 6, 18 + 42 + 4], rtol=1e-14)


def test_what_is_no_formula_is_refused():
    import jax.numpy as jnp

    table = np.ones((2, 2))

    def of(function):
        decorate = laws.law(formula="y", variables=[laws.Variable("x")], parameters=[laws.Parameter("a", None)])
        return law_expression(decorate(function), [variable(0)], np.array([1.0]))

    for function in (
        lambda x, a: jnp.sum(table * x) + a,
        lambda x, a: a * jnp.max(x * table[0]),
        lambda x, a: a * jnp.cumsum(x * table[0])[1],
    ):
        with pytest.raises(ArgumentError, match="cannot be written as a formula: it uses"):
            of(function)
    with pytest.raises(ArgumentError, match=r"marcus_hush_chidsey_zeng.*it uses 'erfc'"):
        law_expression(laws.marcus_hush_chidsey_zeng(), [variable(0)], np.array([1.0, 0.3]))
