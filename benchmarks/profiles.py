"""How long forty profiles of a circuit of seven parameters take.

    python benchmarks/profiles.py [--workers 2]

Six spectra of R0-p(R1,CPE1)-p(R2,CPE2) with 0.5 % of noise; printed are the seconds of the answers with and without
their 42 profiles, after a first one that starts the workers.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import faradaic as fd
from faradaic.data import Spectrum
from faradaic.laws import Circuit

CIRCUIT = Circuit("R0-p(R1,CPE1)-p(R2,CPE2)")
TRUTH = [5.0, 30.0, 1e-5, 0.9, 60.0, 1e-3, 0.85]
FREQUENCY = np.logspace(-1, 5, 50)


def spectrum(seed: int) -> Spectrum:
    Z, noise = CIRCUIT(FREQUENCY, TRUTH), np.random.default_rng(seed).normal(size=(2, len(FREQUENCY)))
    return Spectrum(FREQUENCY, Z + 0.005 * np.abs(Z) * (noise[0] + 1j * noise[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    spectra = [spectrum(seed) for seed in range(6)]
    fd.identify(CIRCUIT, spectra[0], n_jobs=workers)
    seconds, profiles = {}, []
    for intervals in ("student", "profile"):
        begin = time.perf_counter()
        for one in spectra:
            found = fd.identify(CIRCUIT, one, intervals=intervals, n_jobs=workers)
            profiles += found.profiles
        seconds[intervals] = time.perf_counter() - begin
    more = seconds["profile"] - seconds["student"]
    closed = sum(one.shape == "closed" for one in profiles)
    print(
        f"{len(profiles)} profiles ({closed} closed) in {more:.1f} s on {workers} workers; the six answers without "
        f"them {seconds['student']:.1f} s"
    )


if __name__ == "__main__":
    main()
