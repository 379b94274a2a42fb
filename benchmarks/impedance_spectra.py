"""Circuits fitted to impedance spectra: coverage, poor starts, 1,358 spectra at once, beside the package `impedance`.

    FARADAIC_DATA=... python benchmarks/impedance_spectra.py [--smoke] [--only coverage|starts|jacobians|zhang]

The circuit of the first two comparisons is R0-p(R1,CPE1)-W1, its noise 1 % of the modulus in the real and in the
imaginary part (and 1 % of each part itself, which no weighting by the modulus describes). The spectra of Zhang et al.
2020 (10.1038/s41467-020-15235-7) are fitted by one call; the other package gets 50 of them, each from our optimum of
the median spectrum, which spares it the search for a start. Its intervals are its standard errors times 1.96.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.approximations import CircuitFit, fit_circuit
from faradaic.laws.circuits import Circuit

CIRCUIT = Circuit("R0-p(R1,CPE1)-W1")
TRUTH = np.array([10.0, 90.0, 1e-4, 0.85, 5.0])
FREQUENCY = np.logspace(-2, 5, 71)
ZHANG = "L0-R0-p(R1,CPE1)-p(R2,CPE2)-W1"
Array = np.ndarray


def spectra(repeats: int, seed: int, of_each_part: bool = False) -> Array:
    """Return spectra of the circuit with 1 % noise, shape (repeats, m)."""
    Z = CIRCUIT(FREQUENCY, TRUTH)
    a, b = np.random.default_rng(seed).normal(size=(2, repeats, len(Z)))
    sizes = (np.abs(Z.real), np.abs(Z.imag)) if of_each_part else (np.abs(Z), np.abs(Z))
    return Z + 0.01 * (sizes[0] * a + 1j * sizes[1] * b)


def peer(circuit: Circuit, frequency: Array, Z: Array, start: Array, by_modulus: bool) -> tuple[Array, Array] | str:
    """Return parameters and standard errors of the other package, or why it failed."""
    from impedance.models.circuits import CustomCircuit

    model = CustomCircuit(str(circuit), initial_guess=list(map(float, start)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(frequency, Z, weight_by_modulus=by_modulus)
    except (RuntimeError, ValueError, FloatingPointError) as error:
        return str(error)
    return np.asarray(model.parameters_), np.asarray(model.conf_)


def coverage(repeats: int, peers: int) -> dict[str, Array]:
    """Return the share of 95 % intervals that hold the truth, for every parameter."""
    found: dict[str, Array] = {}
    for of_each_part in (False, True):
        noise = "of each part" if of_each_part else "of the modulus"
        Z = spectra(repeats, 1, of_each_part)
        for weighting in ("modulus", "estimated", "unit"):
            fit = fit_circuit(CIRCUIT, FREQUENCY, Z, weighting)
            covered = (fit.lower <= TRUTH) & (fit.upper >= TRUTH)
            found[f"noise {noise}, ours, {weighting}"] = covered[~fit.failed].mean(axis=0)
        for by_modulus in (False, True):
            pairs = [peer(CIRCUIT, FREQUENCY, one, TRUTH, by_modulus) for one in Z[:peers]]
            good = [pair for pair in pairs if not isinstance(pair, str)]
            covered = [np.abs(theta - TRUTH) <= 1.96 * error for theta, error in good]
            found[f"noise {noise}, peer, {'modulus' if by_modulus else 'default'}"] = np.mean(covered, axis=0)
    return found


def starts(runs: int, peers: int) -> dict[str, float]:
    """Return how often starts three decades off end within 10 % of all parameters, and the seconds of the processor."""
    random = np.random.default_rng(2)
    Z = spectra(runs, 3)
    off = TRUTH * 10 ** (3 * random.choice([-1.0, 1.0], (runs, 5)))
    off[:, 3] = random.uniform(0.3, 1.0, runs)

    def near(theta: Array) -> bool:
        return bool((np.abs(theta / TRUTH - 1) < 0.1).all())

    ended, spent = [], []
    for one, start in zip(Z, off, strict=True):
        began = time.process_time()
        ended.append(near(fit_circuit(CIRCUIT, FREQUENCY, one, start=start).theta))
        spent.append(time.process_time() - began)
    print(
        f"Starts three decades off, {runs} runs: within 10 % of all parameters {100 * np.mean(ended):.1f} % "
        f"(slowest {max(spent):.2f} s of the processor, mean {np.mean(spent):.3f} s)",
        flush=True,
    )
    began = time.process_time()
    theirs = [peer(CIRCUIT, FREQUENCY, one, start, True) for one, start in zip(Z[:peers], off, strict=False)]
    return {
        "ours": float(np.mean(ended)),
        "slowest": max(spent),
        "mean": float(np.mean(spent)),
        "peer": float(np.mean([not isinstance(pair, str) and near(pair[0]) for pair in theirs])),
        "peer mean": (time.process_time() - began) / peers,
    }


def zhang(folder: Path, peers: int) -> tuple[CircuitFit, dict[str, float]]:
    """Fit all spectra at once, and some of them with the other package."""
    stored = np.loadtxt(folder / "zhang2020" / "EIS_data.txt")
    Z = stored[:, :60] - 1j * stored[:, 60:]  # the authors store minus the imaginary part
    frequency, circuit = np.geomspace(2e4, 0.02, 60), Circuit(ZHANG)
    fit = fit_circuit(circuit, frequency, Z)
    some = np.linspace(0, len(Z) - 1, peers).astype(int)
    start = fit_circuit(circuit, frequency, np.median(Z.real, axis=0) + 1j * np.median(Z.imag, axis=0)).theta
    began = time.perf_counter()
    theirs = [peer(circuit, frequency, Z[i], start, True) for i in some]
    seconds = (time.perf_counter() - began) / peers
    good = [(i, pair[0]) for i, pair in zip(some, theirs, strict=True) if not isinstance(pair, str)]
    reached = [
        np.sum(np.abs((circuit(frequency, np.maximum(theta, 1e-30)) - Z[i]) / Z[i]) ** 2) / fit.chi_square[i]
        for i, theta in good
    ]
    return fit, {
        "ours each": fit.seconds / len(Z),
        "peer each": seconds,
        "peer failed": float(peers - len(good)),
        "chi-square of the peer / ours, median": float(np.median(reached)),
        "chi-square of the peer / ours, largest": float(np.max(reached)),
        "chi-square of the peer / ours, smallest": float(np.min(reached)),
    }


def seconds(call: Callable[[], Any], repeats: int) -> float:
    """Return the shortest of several times."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def jacobians(sets: int) -> tuple[float, float, float]:
    """Return the seconds of impedance and sensitivities for many sets: NumPy, JAX, and JAX's compilation."""
    import jax
    import jax.numpy as jnp

    circuit = Circuit("R0-p(R1,CPE1)-p(R2,CPE2)-W1")
    random = np.random.default_rng(4)
    theta = 10 ** random.uniform(-3, 1, (sets, circuit.count))
    theta[:, ~circuit.logarithmic] = 0.8
    with jax.enable_x64(True):

        def parts(one: Any) -> Any:
            z = circuit.function(FREQUENCY, one)
            return jnp.stack([z.real, z.imag])

        both = jax.jit(jax.vmap(lambda one: (parts(one), jax.jacfwd(parts)(one))))
        first = seconds(lambda: jax.block_until_ready(both(theta)), 1)
        compiled = seconds(lambda: jax.block_until_ready(both(theta)), 5)
    return seconds(lambda: circuit.value_and_sensitivities(FREQUENCY, theta), 5), compiled, first - compiled


def print_coverage(smoke: bool) -> dict[str, Array]:
    """Print and return the coverage."""
    found = coverage(*((100, 5) if smoke else (2000, 200)))
    print(f"Coverage of 95 % intervals of {', '.join(CIRCUIT.names)}")
    for name, covered in found.items():
        print(f"  {name:42s} {'  '.join(f'{share:.3f}' for share in covered)}", flush=True)
    return found


def print_starts(smoke: bool) -> dict[str, float]:
    """Print and return what poor starts do; the other package may follow one for minutes, so it gets few."""
    result = starts(*((10, 2) if smoke else (200, 5)))
    print(f"  peer {100 * result['peer']:.0f} % (mean {result['peer mean']:.3f} s)", flush=True)
    return result


def print_jacobians(smoke: bool) -> list[tuple[float, float, float]]:
    """Print and return the times of impedance and sensitivities."""
    found = []
    for sets in (1, 100) if smoke else (1, 100, 5000):
        plain, compiled, compilation = jacobians(sets)
        print(
            f"Impedance and sensitivities, {sets} sets: NumPy {1e3 * plain:.2f} ms, JAX {1e3 * compiled:.2f} ms "
            f"after {compilation:.1f} s of compilation",
            flush=True,
        )
        found.append((plain, compiled, compilation))
    return found


def print_zhang(smoke: bool) -> dict[str, float]:
    """Print and return the comparison on public spectra."""
    folder = os.environ.get("FARADAIC_DATA")
    if folder is None:
        print("Zhang et al.: left out, FARADAIC_DATA is not set")
        return {}
    fit, numbers = zhang(Path(folder), 3 if smoke else 50)
    print(fit)
    for name, value in numbers.items():
        print(f"  {name}: {value:.6g}")
    print(f"  ratio of seconds for each spectrum: {numbers['peer each'] / numbers['ours each']:.0f}", flush=True)
    return numbers


PARTS = {"zhang": print_zhang, "jacobians": print_jacobians, "starts": print_starts, "coverage": print_coverage}


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print the comparisons and return their numbers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="a few repeats of each")
    parser.add_argument("--only", choices=PARTS, help="one of the comparisons")
    options = parser.parse_args(arguments)
    return {name: call(options.smoke) for name, call in PARTS.items() if options.only in (None, name)}


if __name__ == "__main__":
    main()
