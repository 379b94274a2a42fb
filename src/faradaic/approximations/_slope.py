"""The value and the slope of a trend at one point, and the covariance of the two."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from ._kernels import Covariance
from ._marginal_likelihood import Posterior
from ._transforms import Transform

Array = np.ndarray


def from_factor(rows: Array) -> Array:
    """Return the covariances ``rows @ rowsᵀ``, shape (n, 2, 2), of value and slope given as ``rows`` (n, 2, r).

    Each row of a pair is the linear answer of value or slope to r independent standard normal causes.

    Examples
    --------
    >>> from_factor(np.array([[[1.0, 0.0], [1.0, 2.0]]])).tolist()
    [[[1.0, 1.0], [1.0, 5.0]]]
    """
    return rows @ rows.transpose(0, 2, 1)


def of_process(cov: Covariance, post: Posterior, X: Array, wrt: int) -> Array:
    """Return the posterior covariance of a Gaussian process and of its slope along ``wrt``, shape (n, 2, 2).

    The derivative of a process is a process, jointly Gaussian with it: the covariance of the two with the centres
    is (k, ∂k/∂x), and under a stationary kernel a value and a slope at the same point are independent beforehand (as
    long as nothing else is known).

    Parameters
    ----------
    cov : Covariance
        Kernel of the standardised inputs.
    post : Posterior
        What was learned.
    X : array of shape (n, p)
        Standardised inputs.
    wrt : int
        Feature number.

    References
    ----------
    Rasmussen, Williams: Gaussian Processes for Machine Learning (2006), section 9.4.
    """
    with_centres = np.stack([cov(X, post.centres), cov.derivative(X, post.centres, wrt)], axis=1)
    joint = cov.joint_variance(X, wrt) - from_factor(_solved(post.prior_root, with_centres))
    if post.data_root.size:
        joint = joint + from_factor(_solved(post.data_root, with_centres))
    places = np.arange(2)
    joint[:, places, places] = np.maximum(joint[:, places, places], 0.0)
    return joint


def _solved(root: Array, rows: Array) -> Array:
    """Return root⁻¹ applied to each of the ``rows`` (n, 2, m)."""
    flat = solve_triangular(root, rows.reshape(-1, rows.shape[-1]).T, lower=True, check_finite=False)
    return flat.T.reshape(len(rows), 2, -1)


def back_through(response: Transform, y: Array, slope: Array, stretch: Array, covariance: Array) -> Array:
    """Return the covariance of (y, dy/dx) from that of (z, dz/dt) with z = g(y) and t = f(x), by the delta method.

    Parameters
    ----------
    response : Transform
        g.
    y, slope, stretch : arrays of shape (n,)
        The value, dz/dx, and f'(x).
    covariance : array of shape (n, 2, 2)
        Of z and dz/dt.
    """
    with np.errstate(all="ignore"):  # the value itself may have run off to zero or to infinity
        to_y = 1.0 / response.slope(y)
        bend = -response.curvature(y) * to_y**3
        jacobian = np.zeros((len(y), 2, 2))
        jacobian[:, 0, 0] = to_y
        jacobian[:, 1, 0] = slope * bend
        jacobian[:, 1, 1] = to_y * stretch
        return jacobian @ covariance @ jacobian.transpose(0, 2, 1)
