"""Means over a beta distribution, by Gauss-Jacobi quadrature."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import eigh_tridiagonal

from segments.clv.histories import FloatArray

MOST_NODES = 400


def beta_nodes(a: float, b: float, *, stretch: float) -> tuple[FloatArray, FloatArray]:
    """Points in (0, 1) and weights summing to 1, so that weights @ f(points) is the mean of f over beta(a, b).

    For f analytic but at p = -1 / stretch. Golub & Welsch (1969), "Calculation of Gauss Quadrature Rules",
    Mathematics of Computation 23: the points are the eigenvalues of the matrix of the polynomials'
    recurrence, the weights the squares of the eigenvectors' first components. The error falls like
    rho ** -2n where f's trouble lies on the ellipse rho (Trefethen 2008, "Is Gauss Quadrature Better than
    Clenshaw-Curtis?", theorem 4.5), and log rho is near 2 / sqrt(stretch) for a long stretch.
    """
    count = min(MOST_NODES, 16 + math.ceil(10 * math.sqrt(stretch)))
    diagonal, beside = _jacobi_recurrence(a, b, count)
    points, vectors = eigh_tridiagonal(diagonal, beside)
    # Rounding may put the lowest point a hair below 0 where a is tiny.
    return np.maximum(points, 1e-200), vectors[0] ** 2


def _jacobi_recurrence(a: float, b: float, count: int) -> tuple[FloatArray, FloatArray]:
    """Diagonal and off-diagonal of the symmetric recurrence of Jacobi's polynomials, moved to (0, 1)."""
    low, high = a - 1, b - 1  # the weight is p ** low * (1 - p) ** high
    k = np.arange(1.0, count)
    total = 2 * k + low + high
    diagonal = np.empty(count)
    diagonal[0] = a / (a + b)
    # (1 + (low^2 - high^2) / (total (total + 2))) / 2, written without the subtraction of near equals.
    diagonal[1:] = (2 * k * (k + low + high + 1) + (low + high) * (low + 1)) / (total * (total + 2))
    squares = np.empty(count - 1)
    squares[0] = a * b / ((a + b) ** 2 * (a + b + 1))
    k, total = k[1:], total[1:]  # at k = 1 the next line would be 0 / 0 where a + b = 1
    squares[1:] = k * (k + low) * (k + high) * (k + low + high) / (total**2 * (total + 1) * (total - 1))
    return diagonal, np.sqrt(squares)
