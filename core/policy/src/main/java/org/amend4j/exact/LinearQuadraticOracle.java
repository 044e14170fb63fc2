/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.environment.LinearQuadratic;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Lu;
import org.amend4j.numeric.Matrices;

/**
 * Exact discounted costs of linear policies u = -Kx + σξ, ξ standard normal, on {@link LinearQuadratic}; J = -C. With
 * F = A - BK, Σ₀ the covariance of the first state and W of the noise:
 *
 * <pre>
 *   P_K = Q + KᵀRK + γFᵀP_K F
 *   C   = tr(P_K Σ₀) + γ/(1 - γ)·tr(P_K W) + σ²/(1 - γ)·tr(R + γBᵀP_K B)
 *   Σ_K = S + γFΣ_K Fᵀ,   S = Σ₀ + γ/(1 - γ)·(W + σ²BBᵀ)
 *   ∇C  = 2 E_K Σ_K,   E_K = (R + γBᵀP_K B)K - γBᵀP_K A        (Fazel et al. 2018, with discount and noise)
 * </pre>
 *
 * Without a finite cost, that is if √γ·ρ(F) ≥ 1, gains are refused. C is not convex, but has no stationary point besides its
 * minimum where S is positive definite. Scores of these policies are unbounded, so theories of bounded scores do not apply.
 */
public final class LinearQuadraticOracle {

    /** Terms of a sum of powers that are this share of it end the sum. */
    private static final double NEGLIGIBLE = 0x1p-56;

    private static final int MOST_DOUBLINGS = 64;
    private static final int MOST_ITERATIONS = 1_000_000;

    private final double[][] a;
    private final double[][] b;
    private final double[][] q;
    private final double[][] r;
    private final double[][] start;
    private final double[][] noise;
    private final double gamma;
    private final double variance;

    /**
     * An oracle for one problem.
     *
     * @param problem with Q and R symmetric
     * @param gamma γ, in (0, 1)
     * @param variance σ², at least 0
     * @throws IllegalArgumentException if a number is out of its range or a cost is not symmetric
     */
    public LinearQuadraticOracle(LinearQuadratic.Problem problem, double gamma, double variance) {
        a = Matrices.copy(problem.a());
        b = Matrices.copy(problem.b());
        q = requireSymmetric("q", problem.q());
        r = requireSymmetric("r", problem.r());
        start = covariance(problem.startFactor());
        noise = covariance(problem.noiseFactor());
        this.gamma = Checks.insideUnit("gamma", gamma);
        this.variance = Checks.notNegative("variance", variance);
    }

    private static double[][] requireSymmetric(String name, double[][] matrix) {
        double[][] copy = Matrices.copy(matrix);
        for (int i = 0; i < copy.length; i++) {
            for (int j = 0; j < i; j++) {
                if (copy[i][j] != copy[j][i]) {
                    throw new IllegalArgumentException(name + " must be symmetric, got " + copy[i][j] + " and "
                            + copy[j][i] + " (row " + i + ", column " + j + ")");
                }
            }
        }
        return copy;
    }

    private static double[][] covariance(double[][] factor) {
        return Matrices.multiply(factor, Matrices.transpose(factor));
    }

    /**
     * A gain and what it costs.
     *
     * @param gain K, [m][n]
     * @param cost C
     * @param costToGo P_K, [n][n]
     * @param visits Σ_K, the discounted sum of second moments of the state, [n][n]
     * @param gradient ∇C with respect to K, [m][n]
     * @param costOfVariance ∂C/∂σ²
     */
    @SuppressWarnings("ArrayRecordComponent") // results, not to be changed
    public record Evaluation(
            double[][] gain,
            double cost,
            double[][] costToGo,
            double[][] visits,
            double[][] gradient,
            double costOfVariance) {}

    /**
     * Evaluates a gain.
     *
     * @param gain K, [m][n]; only read
     * @throws IllegalArgumentException if its shape is wrong or its cost is not finite
     */
    public Evaluation at(double[][] gain) {
        double[][] k = requireStable(gain);
        double[][] f = closedLoop(k);
        double[][] p = toGo(f, Matrices.plus(q, 1, Matrices.sandwich(Matrices.transpose(k), r)));
        double[][] visits = discountedSum(f, source());
        double[][] g = actionCost(p);
        double perVariance = Matrices.trace(g) / (1 - gamma);
        double cost = Matrices.traceOfProduct(p, start)
                + gamma / (1 - gamma) * Matrices.traceOfProduct(p, noise)
                + variance * perVariance;
        double[][] gradient = twice(Matrices.multiply(excess(k, p), visits));
        return new Evaluation(k, cost, p, visits, gradient, perVariance);
    }

    /**
     * ∇²C with respect to K, row by row, [m·n][m·n]: each column is the derivative of 2 E_K Σ_K along one element, with
     * those of P_K and Σ_K from their own equations differentiated.
     *
     * @param gain K, [m][n]; only read
     * @throws IllegalArgumentException as {@link #at}
     */
    public double[][] hessian(double[][] gain) {
        Evaluation at = at(gain);
        double[][] f = closedLoop(at.gain());
        int n = a.length;
        double[][] result = new double[r.length * n][];
        for (int i = 0; i < result.length; i++) {
            double[][] direction = new double[r.length][n];
            direction[i / n][i % n] = 1;
            result[i] = flatten(slope(at, f, direction));
        }
        Matrices.symmetriseInPlace(result);
        return result;
    }

    private double[][] slope(Evaluation at, double[][] f, double[][] direction) {
        double[][] excess = excess(at.gain(), at.costToGo());
        double[][] p = toGo(f, withTranspose(Matrices.multiply(Matrices.transpose(direction), excess)));
        double[][] shift = Matrices.multiply(Matrices.multiply(b, direction), at.visits());
        double[][] moved = Matrices.multiply(shift, Matrices.transpose(f));
        double[][] visits = discountedSum(f, scaled(-gamma, withTranspose(moved)));
        double[][] transposedB = Matrices.transpose(b);
        double[][] ofExcess = Matrices.plus(
                Matrices.multiply(actionCost(at.costToGo()), direction),
                -gamma,
                Matrices.multiply(Matrices.multiply(transposedB, p), f));
        return twice(Matrices.plus(Matrices.multiply(ofExcess, at.visits()), 1, Matrices.multiply(excess, visits)));
    }

    /**
     * The gain of least cost, K* = γ(R + γBᵀPB)⁻¹BᵀPA with P the limit of the Riccati iteration from Q; its σ² is as given.
     *
     * @throws ArithmeticException if the iteration does not settle, as it cannot if no gain has a finite cost
     */
    public Evaluation optimum() {
        double[][] p = q;
        double[][] k = improved(p);
        double change = Double.POSITIVE_INFINITY;
        for (int i = 0; i < MOST_ITERATIONS && change > NEGLIGIBLE * Matrices.size(p); i++) {
            double[][] f = closedLoop(k);
            double[][] now = Matrices.plus(q, 1, Matrices.sandwich(Matrices.transpose(k), r));
            double[][] next = Matrices.plus(now, gamma, Matrices.sandwich(Matrices.transpose(f), p));
            Matrices.symmetriseInPlace(next);
            double moved = Matrices.size(Matrices.plus(next, -1, p));
            if (!Double.isFinite(moved)) {
                break; // it grows for ever
            }
            if (moved >= change && moved <= 0x1p-44 * Matrices.size(next)) {
                break; // the last digits only go to and fro
            }
            change = moved;
            p = next;
            k = improved(p);
        }
        double radius = discountedRadius(k);
        if (!(radius < 1)) {
            throw new ArithmeticException("the Riccati iteration must settle at a gain of finite cost, got"
                    + " sqrt(gamma)·rho(A - BK) = " + radius);
        }
        return at(k);
    }

    /** γ(R + γBᵀPB)⁻¹BᵀPA. */
    private double[][] improved(double[][] p) {
        double[][] right = Matrices.multiply(Matrices.multiply(Matrices.transpose(b), p), a);
        return Lu.of(actionCost(p)).solve(scaled(gamma, right));
    }

    /**
     * C_H, the cost of the first H steps, t = 0..H-1; also of gains whose cost grows for ever.
     *
     * @param gain K, [m][n]; only read
     * @param horizon H, at least 0
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public double truncatedCost(double[][] gain, int horizon) {
        requireShape(gain);
        Checks.atLeast(0, "horizon", horizon);
        double[][] f = closedLoop(gain);
        double[][] perStep = Matrices.plus(q, 1, Matrices.sandwich(Matrices.transpose(gain), r));
        double[][] disturbance = Matrices.plus(noise, variance, covariance(b));
        double[][] moments = start;
        double weight = 1;
        double sum = 0;
        for (int t = 0; t < horizon; t++) {
            sum += weight * (Matrices.traceOfProduct(perStep, moments) + variance * Matrices.trace(r));
            moments = Matrices.plus(disturbance, 1, Matrices.sandwich(f, moments));
            weight *= gamma;
        }
        return sum;
    }

    /**
     * √γ·ρ(A - BK): costs are finite for less than 1. By repeated squaring, ρ = lim ‖F^(2^j)‖^(1/2^j) (Gelfand), from above to
     * rounding; radii that are tiny beside ‖F‖ come out too large.
     *
     * @param gain K, [m][n]; only read
     * @throws IllegalArgumentException if its shape is wrong
     */
    public double discountedRadius(double[][] gain) {
        requireShape(gain);
        double[][] power = scaled(Math.sqrt(gamma), closedLoop(gain));
        double logarithm = 0;
        double share = 1;
        for (int j = 0; j < MOST_DOUBLINGS; j++) {
            double size = Matrices.size(power);
            if (size == 0) {
                return 0;
            }
            logarithm += share * StrictMath.log(size);
            power = scaled(1 / size, power);
            power = Matrices.multiply(power, power);
            share /= 2;
        }
        return StrictMath.exp(logarithm);
    }

    private double[][] requireStable(double[][] gain) {
        double radius = discountedRadius(gain);
        if (!(radius < 1)) {
            throw new IllegalArgumentException(
                    "a gain must have sqrt(gamma)·rho(A - BK) < 1, or its cost is infinite, got " + radius);
        }
        return Matrices.copy(gain);
    }

    private void requireShape(double[][] gain) {
        if (gain.length != r.length) {
            throw new IllegalArgumentException("gain must have " + r.length + " rows, got " + gain.length);
        }
        for (double[] row : gain) {
            if (row.length != a.length) {
                throw new IllegalArgumentException("gain must have " + a.length + " columns, got " + row.length);
            }
            for (double element : row) {
                Checks.finite("gain", element);
            }
        }
    }

    /** A - BK. */
    private double[][] closedLoop(double[][] gain) {
        return Matrices.plus(a, -1, Matrices.multiply(b, gain));
    }

    /** S. */
    private double[][] source() {
        double[][] disturbance = Matrices.plus(noise, variance, covariance(b));
        return Matrices.plus(start, gamma / (1 - gamma), disturbance);
    }

    /** R + γBᵀPB. */
    private double[][] actionCost(double[][] p) {
        return Matrices.plus(r, gamma, Matrices.sandwich(Matrices.transpose(b), p));
    }

    /** E_K. */
    private double[][] excess(double[][] gain, double[][] p) {
        double[][] forced = Matrices.multiply(Matrices.multiply(Matrices.transpose(b), p), a);
        return Matrices.plus(Matrices.multiply(actionCost(p), gain), -gamma, forced);
    }

    /** X = S + γFᵀXF. */
    private double[][] toGo(double[][] f, double[][] s) {
        return discountedSum(Matrices.transpose(f), s);
    }

    /** X = S + γFXFᵀ = Σ γ^k F^k S F^kᵀ, the number of terms doubled at each turn. */
    private double[][] discountedSum(double[][] f, double[][] s) {
        double[][] sum = s;
        double[][] power = scaled(Math.sqrt(gamma), f);
        for (int j = 0; j < MOST_DOUBLINGS; j++) {
            double[][] more = Matrices.sandwich(power, sum);
            sum = Matrices.plus(sum, 1, more);
            if (Matrices.size(more) <= NEGLIGIBLE * Matrices.size(sum)) {
                break;
            }
            power = Matrices.multiply(power, power);
        }
        Matrices.symmetriseInPlace(sum);
        return sum;
    }

    private static double[][] withTranspose(double[][] x) {
        return Matrices.plus(x, 1, Matrices.transpose(x));
    }

    private static double[][] twice(double[][] x) {
        return scaled(2, x);
    }

    private static double[][] scaled(double factor, double[][] x) {
        double[][] result = Matrices.copy(x);
        for (double[] row : result) {
            for (int j = 0; j < row.length; j++) {
                row[j] *= factor;
            }
        }
        return result;
    }

    private static double[] flatten(double[][] x) {
        double[] result = new double[x.length * x[0].length];
        for (int i = 0; i < result.length; i++) {
            result[i] = x[i / x[0].length][i % x[0].length];
        }
        return result;
    }
}
