"""Gaussian-process regression whose size is its number of centres."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from faradaic._core import ArgumentError, FitError, joined

from ._base import Approximation
from ._conditioned import Conditioned, Facts
from ._evidence import IN_STEP, Problem, covariance, searched
from ._job import Job, Swept, seeded
from ._kernels import KERNELS, Array, Covariance, KernelName
from ._known import usable
from ._leave_out import LeftOut, left_out, parts_of
from ._marginal_likelihood import Posterior, between, posterior, variance
from ._noise import Groups, Noise
from ._rows import Rows
from ._scaled_rows import Scaled
from ._slope import of_process

# beyond so many rows no more centres than this are swept: the exact process costs the third power of the rows
MANY_ROWS, MOST_CENTRES = 3000, 1000

# facts that agree are met to rounding, ten times closer than this and more; facts that do not, are not
_MISSED = 1e-5


class GaussianProcess(Approximation):
    """Gaussian process f(x) = m + Σ_j w_j k(x, z_j) with one length scale per feature.

    The size is the number of centres z_j: with fewer than the rows, the most spread rows carry the process; with as
    many it is the exact process. Hyper-parameters maximise the marginal likelihood (with a weak
    log-normal prior on the length scales) by quasi-Newton searches with the closed-form gradient, from several starts.

    A fit takes a time proportional to the rows times the centres squared, and memory for a few arrays of rows times
    centres: 10,000 rows and three features took 1, 4 and 33 s with 100, 300 and 1,000 centres on one core
    (``benchmarks/gaussian_process.py``).

    Parameters
    ----------
    centres : int, default 1000
        Number of centres; as many as there are rows, or more, means the exact process.
    kernel : {"matern52", "matern32", "rbf"}, default "matern52"
        Covariance function: twice, once, or infinitely differentiable.
    noise : {"fitted", "none"}, default "fitted"
        What to assume where `fit` is not told ``noise_std``: one unknown variance, or exact data.
    restarts : int or None, default None
        Starts of the hyper-parameter search; None: 3 up to 200 rows, else 1.
    known : Value, Slope, or sequence of them
        Values and slopes at points, exact or with a standard deviation. The process is conditioned on them before it
        sees a row, so exact ones hold to rounding with any number of centres, and they take part in the marginal
        likelihood. A sign of the slope or of the curvature cannot be given to a process that is to stay Gaussian:
        `Spline` and `Network` hold monotone and convex shapes, and a `Design` with ``y=Log()`` a positive response.
    lengthscale : float, array of shape (p,), or None
        Length scale of each feature, in SI for a table that `faradaic.read` made, where it is known; None: fitted.
    amplitude : float or None
        Standard deviation of the process, in SI of the response alike, where it is known; None: fitted.

    Attributes
    ----------
    lengthscale_ : array of shape (p,)
        Length scales in standardised inputs.
    amplitude_, noise_variance_, shared_variance_ : float
        s², σ² and τ² (variance shared by the rows of one group) in standardised response.
    log_evidence_ : float
        Log marginal likelihood (with the prior of the length scales) that was reached.

    References
    ----------
    Rasmussen & Williams, *Gaussian Processes for Machine Learning*, MIT Press 2006, chapters 2 and 5.
    Quiñonero-Candela & Rasmussen, *A unifying view of sparse approximate Gaussian process regression*, JMLR 6 (2005)
    1939.

    Examples
    --------
    >>> import numpy as np
    >>> from faradaic.approximations import GaussianProcess
    >>> x = np.linspace(0, 3, 12)[:, None]
    >>> trend = GaussianProcess(noise="none").fit(x, np.sin(x[:, 0]))
    >>> bool(np.allclose(trend.derivative(x[3:9], 0), np.cos(x[3:9, 0]), atol=1e-2))
    True
    """

    size_name = "centres"
    shares_sizes = True

    def __init__(
        self,
        centres: int = 1000,
        kernel: KernelName = "matern52",
        noise: Literal["fitted", "none"] = "fitted",
        restarts: int | None = None,
        known: Any = (),
        lengthscale: Any = None,
        amplitude: float | None = None,
    ) -> None:
        self.centres = centres
        self.kernel: KernelName = kernel
        self.noise: Literal["fitted", "none"] = noise
        self.restarts = restarts
        self.known = known
        self.lengthscale = lengthscale
        self.amplitude = amplitude

    @property
    def label(self) -> str:
        """The family with its kernel."""
        return f"{self.kernel} Gaussian process"

    def count(self, n_features: int) -> int:
        """Return centres + length scales + amplitude + noise; once fitted, of no more centres than there were rows."""
        centres = len(self.centre_points_) if "centre_points_" in vars(self) else self.centres
        return centres + n_features + 2

    def sizes(self, n_rows: int, n_features: int, most: int | None = None) -> list[int]:
        """Return numbers of centres from 1 to the number of rows, evenly in their logarithm.

        Beyond 3,000 rows they end at 1,000 centres: the time of a fit goes with the rows times the centres squared.
        """
        top = min(n_rows if n_rows <= MANY_ROWS else MOST_CENTRES, most or n_rows)
        return sorted({int(c) for c in np.round(np.geomspace(1, top, 12))})

    def parts(self, n_rows: int) -> int:
        """Return two for small tables, whose fits are made together; see `Approximation.parts`."""
        return 2 if n_rows <= IN_STEP else super().parts(n_rows)

    def for_rows(self, n_swept: int, n_rows: int) -> Self:
        """Return the exact process for the new rows where it was exact on the old ones."""
        return self.at_size(max(self.centres, n_rows)) if self.centres >= n_swept else self

    def _check(self) -> None:
        if self.kernel not in KERNELS:
            raise ArgumentError(f"kernel must be {joined(sorted(KERNELS), 'or')}, got {self.kernel!r}.")
        if self.noise not in ("fitted", "none"):
            raise ArgumentError(f"noise must be 'fitted' or 'none', got {self.noise!r}.")
        if not (isinstance(self.centres, (int, np.integer)) and self.centres >= 1):
            raise ArgumentError(f"centres must be a whole number from 1, got {self.centres!r}.")
        if self.restarts is not None and not self.restarts >= 1:
            raise ArgumentError(f"restarts must be at least 1 or None, got {self.restarts!r}.")

    def _fit(self, rows: Rows) -> None:
        self._check()
        problem = self._problem(Scaled.of(rows))
        self._settle(problem, *problem.best(self._starts(len(rows.y))))

    def _starts(self, n: int) -> int:
        return self.restarts if self.restarts is not None else (3 if n <= 200 else 1)

    def _problem(self, scaled: Scaled) -> Problem:
        """Return what is to be maximised, and keep the scales."""
        self.x_mean_, self.x_std_ = scaled.x_mean, scaled.x_std
        self.y_mean_, self.y_std_, self.weight_ = scaled.y_mean, scaled.y_std, scaled.weight
        X, n = scaled.X, len(scaled.y)
        Z = None if self.centres >= n else X[scaled.spread(self.centres)]
        noise = self._noise_model(scaled.rows, scaled.weight, X, Z)
        problem = Problem(self.kernel, X, scaled.y, Z, *noise, facts=self._facts())
        self._hold(problem)
        return problem

    def _settle(self, problem: Problem, theta: Array, lost: float) -> None:
        """Take the hyper-parameters that were found, of which ``lost`` is the negative log evidence."""
        cov, noise = problem.at(theta)
        X, y, Z = problem.X, problem.y, problem.Z
        if isinstance(cov, Conditioned) and cov.missed() > _MISSED:
            raise FitError("what is known contradicts itself; check it, or give it a standard deviation.")
        try:
            post = posterior(cov, X, y - cov.mean(X), Z, noise)
        except LinAlgError as error:
            raise FitError(f"the covariance of {len(y)} rows is singular to rounding ({error}).") from error
        self.amplitude_, self.lengthscale_ = cov.amplitude, cov.lengthscale
        self.noise_variance_ = float(np.exp(theta[problem.p + 1])) if problem.fits_noise else 0.0
        self.shared_variance_, self.shared_length_ = noise.shared, noise.length
        self.log_evidence_ = -lost
        self.centre_points_, self.weights_ = post.centres, post.weights
        self.prior_root_, self.data_root_ = post.prior_root, post.data_root
        self.effective_parameters_, self.freedom_ = post.effective + 1.0, float("inf")
        self.conditional_ = self.lengthscale is None or self.amplitude is None
        labels = np.full(len(y), -1) if problem.groups is None else problem.groups.labels
        self.rows_ = np.column_stack([problem.X, y, noise.diagonal, self.weight_, labels])

    def leave_out(self, groups: ArrayLike | None = None) -> LeftOut:
        """Return what the process says at each row when that row, or the rows of its group, are left out.

        In closed form from the fit to all rows: with C the covariance of the responses, the residuals of the rows g
        are (C⁻¹)_gg⁻¹ (C⁻¹ (y − m))_g. They are those of a fit to the other rows with the hyper-parameters, the
        variances of the noise and the centres held; the mean m is that of the other rows.

        Parameters
        ----------
        groups : array of shape (n,), optional
            Rows with equal labels are left out together; in the order of the rows of the fit, those of weight zero
            left out. Default: each row alone or, where rows of a group share an error, each group.

        Returns
        -------
        LeftOut
            In the units of the response.

        Raises
        ------
        ArgumentError
            There are not as many labels as rows, all are equal, or rows that share an error have different ones; or
            `forget_spread` was called.

        References
        ----------
        Rasmussen & Williams 2006, section 5.4.2. Dubrule 1983, *Cross validation of kriging in a unique neighborhood*,
        10.1007/BF01033232, for several rows at once.

        Examples
        --------
        >>> import numpy as np
        >>> from faradaic.approximations import GaussianProcess
        >>> x = np.linspace(0, 3, 12)[:, None]
        >>> found = GaussianProcess(noise="none").fit(x, np.sin(x[:, 0])).leave_out()
        >>> bool(np.abs(found.residual).max() < 0.05), bool(np.abs(found.residual[1:-1]).max() < 0.005)
        (True, True)
        """
        check_is_fitted(self)
        if not len(vars(self).get("rows_", ())):  # a trend that an older version saved has none
            raise ArgumentError("what is needed to leave rows out was dropped (forget_spread); fit again.")
        p = len(self.x_mean_)
        X, (y, own, weight, labels) = self.rows_[:, :p], self.rows_[:, p:].T
        shared = Groups.of(labels.astype(int), X) if (labels >= 0).all() else None
        noise = Noise(own, shared, self.shared_variance_, self.shared_length_)
        Z = self.centre_points_ if self.data_root_.size else None
        together = parts_of(len(y), groups, labels)
        found = left_out(self._covariance(), X, y, Z, noise, weight, together)
        return LeftOut(
            self.y_mean_ + self.y_std_ * (y - found.residual),
            *(self.y_std_ * each for each in (found.std, found.residual, found.observation_std)),
        )

    def sweep(self, sizes: Sequence[int], jobs: Sequence[Job]) -> list[Swept]:
        """Fit every size to every job, the searches of up to 200 rows in step; see `Approximation.sweep`."""
        out = [Swept.empty(len(sizes), len(job.at)) for job in jobs]
        begun = [each for job, found in zip(jobs, out, strict=True) for each in self._begun(sizes, job, found)]
        if begun:
            begin = time.perf_counter()
            answers = searched([problem for *_, problem in begun], self._starts(0))
            share = (time.perf_counter() - begin) / len(begun)
            for (found, k, job, model, problem), answer in zip(begun, answers, strict=True):
                found.seconds[k] += share
                with found.recording(k):
                    model._finish(found, k, job, problem, answer)
        return out

    def _begun(self, sizes: Sequence[int], job: Job, found: Swept) -> list[tuple[Swept, int, Job, Self, Problem]]:
        """Make the fits of one job that can only be made alone; return those whose searches run in step."""
        scaled, waiting = Scaled.of(job.rows), []
        for k, size in enumerate(sizes):
            with found.recording(k):
                model = seeded(self.at_size(size), job.seed)
                model._check()
                model.n_features_in_ = job.rows.X.shape[1]
                problem = model._problem(scaled)
                if problem.in_step:
                    waiting.append((found, k, job, model, problem))
                else:
                    model._finish(found, k, job, problem, problem.best(model._starts(len(problem.y))))
        return waiting

    def _finish(self, found: Swept, k: int, job: Job, problem: Problem, answer: tuple[Array, float] | FitError) -> None:
        if isinstance(answer, FitError):
            raise answer
        self._settle(problem, *answer)
        with np.errstate(over="ignore", invalid="ignore"):
            found.prediction[k], found.effective[k] = self._predict(job.at), self.effective_parameters_

    def _hold(self, problem: Problem) -> None:
        """Narrow the search to the hyper-parameters that are given."""
        for name, first, unit in (("amplitude", 0, self.y_std_), ("lengthscale", 1, self.x_std_)):
            given = getattr(self, name)
            if given is None:
                continue
            values = np.asarray(given, dtype=np.float64)
            if not (np.isfinite(values).all() and (values > 0).all() and values.shape in ((), np.shape(unit))):
                each = f" or {len(self.x_mean_)} of them" if first else ""
                raise ArgumentError(f"{name} must be a positive number{each}, or None to fit it, got {given!r}.")
            scaled = np.atleast_1d(np.log(np.broadcast_to(values, np.shape(unit)) / unit) * (1 if first else 2))
            problem.bounds[first : first + len(scaled)] = [(float(one), float(one)) for one in scaled]

    def _noise_model(self, rows: Rows, w: Array, X: Array, Z: Array | None) -> tuple[Array, bool, Groups | None]:
        """Return the known diagonal, whether a variance is fitted on top, and the groups that share errors."""
        if rows.exact or (rows.noise_std is None and self.noise == "none"):
            # a sparse process cannot interpolate: what it misses is treated as noise
            return (np.zeros(len(w)) if Z is None else 1.0 / w), Z is not None, None
        if rows.noise_std is not None:
            return 1.0 / (rows.root_precision * self.y_std_) ** 2, False, None
        labels = rows.groups
        if labels is None or len(np.unique(labels)) == len(labels):
            return 1.0 / w, True, None
        return 1.0 / w, True, Groups.of(labels, X)

    def held(self) -> Self:
        """Return an unfitted copy with the fitted length scales and amplitude given."""
        found = hyperparameters(self)
        return clone(self).set_params(lengthscale=found["lengthscale"], amplitude=float(found["amplitude"]))

    def forget_spread(self) -> None:
        """Drop the factors of the posterior covariance; see `Approximation.forget_spread`."""
        super().forget_spread()
        self.prior_root_, self.data_root_, self.rows_ = np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0))

    def _facts(self) -> Facts | None:
        """Return what is known, standardised as the rows are."""
        known = usable(self.known, len(self.x_mean_), "a Gaussian process", spread=True)
        return Facts.of(known, (self.x_mean_, self.x_std_), (self.y_mean_, self.y_std_)) if known else None

    def _covariance(self) -> Covariance:
        return covariance(self.kernel, self.amplitude_, self.lengthscale_, self._facts())

    def expansion(self) -> tuple[Array, Array, Array]:
        """Return points (m, p), features (m,) and weights (m,) of the mean as a sum of covariances.

        In standardised inputs and response the mean is Σ_j w_j cov(f(x), g_j), where g_j is the value at point j
        (feature −1) or the slope there along a feature.
        """
        cov, values = self._covariance(), np.full(len(self.weights_), -1)
        if not isinstance(cov, Conditioned):
            return self.centre_points_, values, self.weights_
        facts = cov.facts
        return (
            np.vstack([self.centre_points_, facts.points]),
            np.concatenate([values, facts.wrt]),
            np.concatenate([self.weights_, cov.shares(self.centre_points_, self.weights_)]),
        )

    def _scaled(self, X: Array) -> Array:
        return (X - self.x_mean_) / self.x_std_

    def _predict(self, X: Array) -> Array:
        cov, Z = self._covariance(), self._scaled(X)
        return self.y_mean_ + self.y_std_ * (cov.mean(Z) + cov(Z, self.centre_points_) @ self.weights_)

    def _predict_std(self, X: Array) -> tuple[Array, Array]:
        cov, Z = self._covariance(), self._scaled(X)
        k = cov(Z, self.centre_points_)
        post = Posterior(self.centre_points_, self.weights_, self.prior_root_, self.data_root_, 0.0)
        mean = self.y_mean_ + self.y_std_ * (cov.mean(Z) + k @ self.weights_)
        if not self.prior_root_.size:
            return mean, np.full(len(mean), np.nan)
        return mean, self.y_std_ * np.sqrt(variance(cov.variance(Z), post, k))

    def _covariance_between(self, A: Array, B: Array) -> Array:
        if not self.prior_root_.size:
            return super()._covariance_between(A, B)
        cov, a, b = self._covariance(), self._scaled(A), self._scaled(B)
        post = Posterior(self.centre_points_, self.weights_, self.prior_root_, self.data_root_, 0.0)
        left, right = cov(a, post.centres), cov(b, post.centres)
        return self.y_std_**2 * between(cov(a, b), post, left, right)

    def _derivative(self, X: Array, wrt: int) -> Array:
        cov, Z = self._covariance(), self._scaled(X)
        slope = cov.mean_slope(Z, wrt) + cov.derivative(Z, self.centre_points_, wrt) @ self.weights_
        return self.y_std_ / self.x_std_[wrt] * slope

    def _value_and_slope(self, X: Array, wrt: int) -> tuple[Array, Array, Array]:
        if not self.prior_root_.size:
            return super()._value_and_slope(X, wrt)
        post = Posterior(self.centre_points_, self.weights_, self.prior_root_, self.data_root_, 0.0)
        joint = of_process(self._covariance(), post, self._scaled(X), wrt)
        unit = self.y_std_ * np.array([1.0, 1.0 / self.x_std_[wrt]])
        return self._predict(X), self._derivative(X, wrt), joint * np.outer(unit, unit)


def hyperparameters(model: GaussianProcess) -> dict[str, Any]:
    """Return the fitted hyper-parameters in the units of the data."""
    return {
        "lengthscale": model.lengthscale_ * model.x_std_,
        "amplitude": np.sqrt(model.amplitude_) * model.y_std_,
        "noise": np.sqrt(model.noise_variance_) * model.y_std_,
        "shared": np.sqrt(model.shared_variance_) * model.y_std_,
    }
