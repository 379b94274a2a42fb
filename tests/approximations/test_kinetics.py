"""Laws of electrode kinetics fitted to public measurements, against published numbers, and to data of known truth."""

import numpy as np
import pandas as pd
import pytest

from faradaic import laws
from faradaic.approximations import LawRegressor

T = 298.0  # K, in all three sources
THERMAL = 8.314462618 * T / 96485.33212
LITHIUM = "diffec/li_metal/Boyle_Figure_4a.csv"
COLUMNS = {"10 % FEC": 0, "EC:DEC": 2, "DEC": 4, "PC": 6}

# Chen, Huang, Rodriguez, Mistry and Viswanathan 2025, arXiv 2511.11631, on the transient voltammetry of Boyle et al.,
# ACS Energy Lett. 5 (2020) 701: exchange current density (mA/cm²), reorganisation energy (eV), root mean square error
# (mA/cm²)
CHIDSEY = {
    "10 % FEC": (13.699, 0.2043, 7.979),
    "EC:DEC": (8.882, 0.2239, 9.249),
    "DEC": (2.187, 0.2601, 3.5145),
    "PC": (1.976, 0.2093, 0.9948),
}
HUSH = {
    "10 % FEC": (13.218, 0.3203, 8.360),
    "EC:DEC": (8.579, 0.3388, 9.412),
    "DEC": (2.143, 0.3771, 3.534),
    "PC": (1.904, 0.3261, 1.0575),
}


def fitted(law, literature, electrolyte):
    """Return exchange current density (mA/cm²), lambda (eV) and root mean square error (mA/cm²), plain least squares.

    The authors compare the magnitude of the current; the file holds magnitudes for both signs of the overpotential.
    """
    table = pd.read_csv(literature(LITHIUM), skiprows=1).to_numpy(float)
    eta, current = table[:, COLUMNS[electrolyte]], table[:, COLUMNS[electrolyte] + 1]
    eta, current = eta[~np.isnan(eta)], current[~np.isnan(eta)]
    X, y = eta[:, None], np.sign(eta) * 10.0 * current
    fit = LawRegressor(0, laws=(law,)).fit(X, y)
    assert fit.held_ == []
    return fit.theta_[0] / 10, fit.theta_[1], np.sqrt(np.mean((fit.predict(X) - y) ** 2)) / 10


@pytest.mark.parametrize("electrolyte", COLUMNS)
def test_lithium_deposition_by_marcus_and_hush(electrolyte, literature):
    found = fitted(laws.marcus_hush(T), literature, electrolyte)
    np.testing.assert_allclose(found, HUSH[electrolyte], rtol=5e-3)


@pytest.mark.parametrize("electrolyte", COLUMNS)
def test_lithium_deposition_by_chidsey(electrolyte, literature):
    """The exact integral; in DEC its best lambda is 0.2618 eV, 0.67 % above the published one.

    Part of that is the authors' quadrature (next test), the rest their search: at their j0 and lambda the root mean
    square error is 3.521, not the 3.5145 that they print.
    """
    found = fitted(laws.marcus_hush_chidsey(T), literature, electrolyte)
    if electrolyte == "DEC":
        np.testing.assert_allclose(found, [2.1913, 0.26183, 3.5141], rtol=1e-4)
        found = (found[0], CHIDSEY["DEC"][1], found[2])
    np.testing.assert_allclose(found, CHIDSEY[electrolyte], rtol=5e-3)


@pytest.mark.parametrize("electrolyte", COLUMNS)
def test_lithium_deposition_by_the_quadrature_of_the_authors(electrolyte, literature):
    """Gauss and Hermite with 50 nodes, which leave an error of a few parts in a thousand."""
    import jax.numpy as jnp

    u, weights = np.polynomial.hermite.hermgauss(50)

    def rate(theta, width):
        return jnp.sum(weights / (1 + jnp.exp(-(2 * jnp.sqrt(width) * u - width + theta))))

    @laws.law(
        formula="Marcus-Hush-Chidsey by 50 nodes",
        variables=[laws.Variable("eta", "V")],
        parameters=laws.marcus_hush_chidsey(T).parameters,
        linear=["j0"],
    )
    def by_nodes(eta, j0, lam):
        theta, width = eta / THERMAL, lam / THERMAL
        return j0 * (rate(theta, width) - rate(-theta, width)) / rate(0.0, width)

    np.testing.assert_allclose(fitted(by_nodes, literature, electrolyte), CHIDSEY[electrolyte], rtol=5e-3)


def voltammograms(path):
    """Return for each sheet the scan rate (V/s), the potential (V) and the current (A)."""
    sheets = pd.read_excel(path, sheet_name=None)
    return [(float(name.split()[0]) * 1e-3, *sheet.to_numpy(float).T) for name, sheet in sheets.items()]


def peaks(path, radius):
    """Return scan rates (n, 1) and the magnitudes of the cathodic peak current densities (n,)."""
    found = [(v, -current.min() / (np.pi * radius**2)) for v, _, current in voltammograms(path)]
    v, j = np.array(found).T
    return v[:, None], j


def tafel_coefficients(path, radius):
    """Return alpha of each scan from its rise between 10 and 30 % of the cathodic peak (the authors' Tafel region)."""
    alphas = []
    for _, potential, current in voltammograms(path):
        end = current.argmin()
        share = current[:end] / current[end]
        rise = (share > 0.1) & (share < 0.3)
        eta = -(potential[:end][rise] - potential[end])  # magnitudes: the zero of eta only scales j0
        j = -current[:end][rise] / (np.pi * radius**2)
        alphas.append(LawRegressor(0, laws=(laws.tafel(T),), residuals="log").fit(eta[:, None], j).theta_[1])
    return np.array(alphas)


def test_tafel_coefficient_of_iron_on_platinum(literature):
    alphas = tafel_coefficients(literature("diffec/fe_pte/5mM_Fe3_1M_H2SO4_PtE.xlsx"), 0.85e-3)
    assert alphas.mean() == pytest.approx(0.79, abs=0.01)


def test_tafel_coefficient_of_iron_on_glassy_carbon(literature):
    """Over the three slow scans; ECINN: Chen et al. 2024, 10.1002/anie.202315937."""
    alphas = tafel_coefficients(literature("ecinn2023/Fe3_5mM_1M_H2SO4_GCE.xlsx"), 1.5e-3)
    assert alphas[:3].mean() == pytest.approx(0.384, abs=0.005)


def slope(path, radius):
    v, j = peaks(path, radius)
    return LawRegressor(0, laws=(laws.randles_sevcik_offset,)).fit(v, j).theta_[0]


def test_diffusivity_of_iron_on_glassy_carbon(literature):
    """Irreversible, with the alpha of 0.38 that the authors put in, and a line with an intercept as theirs."""
    b = slope(literature("ecinn2023/Fe3_5mM_1M_H2SO4_GCE.xlsx"), 1.5e-3)
    D = laws.randles_sevcik_diffusivity(b, 4.85, alpha=0.38, temperature=T)
    assert pytest.approx(0.389e-9, rel=0.01) == D


def test_diffusivity_of_hexaammineruthenium(literature):
    """Reversible."""
    b = slope(literature("ecinn2023/RuHex_0.96mM_GCE.xlsx"), 1.5e-3)
    assert laws.randles_sevcik_diffusivity(b, 0.96, temperature=T) == pytest.approx(8.34e-10, rel=0.01)


ETA = np.linspace(-0.4, 0.4, 41)
RISE = np.linspace(0.12, 0.5, 41)
OMEGA = np.linspace(20.0, 400.0, 41)
TRUTHS = [
    (laws.butler_volmer_one_step(), ETA, [12.0, 0.35]),
    (laws.butler_volmer(), ETA, [12.0, 0.35, 0.8]),
    (laws.butler_volmer_limited(), ETA, [12.0, 0.5, 0.6, 300.0, 150.0]),
    (laws.tafel(), RISE, [0.02, 0.45]),
    (laws.tafel_limited(), RISE, [0.02, 0.45, 20.0]),
    (laws.marcus_hush(), ETA, [12.0, 0.35]),
    (laws.marcus_hush_chidsey(), ETA, [12.0, 0.35]),
    (laws.koutecky_levich, OMEGA, [80.0, 6.0]),
]


@pytest.mark.parametrize(("law", "x", "truth"), TRUTHS, ids=[law.name for law, _, _ in TRUTHS])
def test_parameters_come_back(law, x, truth):
    """From exact data to rounding, from data with 1 % scatter to within four standard errors."""
    exact = law(x[:, None], truth)
    np.testing.assert_allclose(LawRegressor(0, laws=(law,)).fit(x[:, None], exact).theta_, truth, rtol=1e-6)
    sigma = 0.01 * np.maximum(abs(exact), 0.01 * abs(exact).max())
    scattered = exact + sigma * np.random.default_rng(5).standard_normal(len(x))
    fit = LawRegressor(0, laws=(law,)).fit(x[:, None], scattered, noise_std=sigma)
    assert (abs(fit.theta_ - truth) < 4 * np.sqrt(np.diag(fit.covariance_))).all()
    np.testing.assert_allclose(fit.theta_, truth, rtol=0.05)
