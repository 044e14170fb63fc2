/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

/**
 * The mathematics of the step rules: docs/descent.md has the proofs. Step sizes err downwards.
 *
 * <p>For every step η along the negative gradient of {@code J = ℓ(W + s·A·B, h) + (λ/2)·‖θ‖²} (docs/descent.md, (1))
 *
 * <pre>{@code   J₊ <= J - η·g²·(1 - share(η)) }</pre>
 */
final class StepBounds {

    /** What the closed form guarantees: {@code 5/4 - 7√21/36 = 0.35894}, rounded down. */
    public static final double CLOSED_FORM_C = Math.nextDown(1.25 - 7 * Math.sqrt(21) / 36);

    /** What the step of Mu and Klabjan guarantees. */
    public static final double MU_KLABJAN_C = 0.25;

    /** The largest step of the rules of Mu and Klabjan. */
    public static final double CAP = 1;

    private static final double FOUR_ROOT_TWO = 4 * Math.sqrt(2);

    /** Room for the rounding of {@link #share}: a few roundings per adapter. */
    private static final double ROUNDED_DOWN = 1 - 0x1p-40;

    private StepBounds() {}

    /**
     * The share of the decrease η·g² that curvature may eat (docs/descent.md, (2)); increases in η:
     *
     * <pre>  share(η) = (L/2)·η·[Σ s²·w·(v + η·g/2)² + w_h] + (η/2)·Σ s·n·w + (λ/2)·η </pre>
     *
     * with sums over adapters of gradient norm g, and w the part of an adapter (w_h: of the rest) in the squared gradient.
     */
    public static double share(double lipschitz, Situation at, double step) {
        double curvature = square(at.directGradientNorm() / at.gradientNorm());
        double product = 0;
        for (AdapterState adapter : at.adapters()) {
            double weight = square(adapter.gradientNorm() / at.gradientNorm());
            if (weight > 0) {
                double reach = adapter.factorNorm() + step * adapter.gradientNorm() / 2;
                curvature += weight * square(adapter.scaling() * reach);
                product += weight * adapter.scaling() * adapter.weightGradientNorm();
            }
        }
        return step / 2 * (lipschitz * curvature + product + at.shape().weightDecay());
    }

    /** The largest step with {@code share(η) <= 1 - c}, so that {@code J₊ <= J - c·η·g²}; within one unit, from below. */
    public static double exactStep(double lipschitz, double c, Situation at) {
        double most = (1 - c) * ROUNDED_DOWN;
        double low = 0;
        double ofOne = share(lipschitz, at, 1);
        double high = Double.isInfinite(ofOne) ? 1 : Math.min(most / ofOne, Double.MAX_VALUE / 2);
        while (share(lipschitz, at, high) <= most && high > low && high < Double.MAX_VALUE / 2) {
            low = high;
            high *= 2;
        }
        double middle = low + (high - low) / 2;
        while (middle > low && middle < high) {
            if (share(lipschitz, at, middle) <= most) {
                low = middle;
            } else {
                high = middle;
            }
            middle = low + (high - low) / 2;
        }
        return low;
    }

    /**
     * {@code 1/(s²L·v² + s·n)} for one adapter; the least of these, and 1/L if there are directly trained parameters (docs,
     * (3)). Guarantees {@link #CLOSED_FORM_C}; without weight decay only.
     */
    public static double closedForm(double lipschitz, Situation at) {
        double most = at.shape().direct() ? lipschitz : 0;
        for (AdapterState adapter : at.adapters()) {
            double s = adapter.scaling();
            most = Math.max(most, lipschitz * square(s * adapter.factorNorm()) + s * adapter.weightGradientNorm());
        }
        return 1 / most;
    }

    /**
     * {@code min(1, 1/(4√2·L̂·(‖V‖² + ‖s∇ℓ‖)))} (Mu and Klabjan, arXiv 2512.18248), and at most 1/L if there are directly
     * trained parameters. {@code L̂} is {@link #muKlabjanConstant}; {@code ‖s∇ℓ‖² = Σ s_i²·n_i²}.
     */
    public static double muKlabjan(double lipschitz, Situation at) {
        double scaled = 0;
        for (AdapterState adapter : at.adapters()) {
            scaled += square(adapter.scaling() * adapter.weightGradientNorm());
        }
        double constant = FOUR_ROOT_TWO * muKlabjanConstant(lipschitz, at.shape());
        double most = Math.max(CAP, constant * (square(at.adapterNorm()) + Math.sqrt(scaled)));
        return 1 / (at.shape().direct() ? Math.max(most, lipschitz) : most);
    }

    /**
     * {@code max(1, s²L)} for one adapter, {@code max(1, 2s²L)} for several, s the largest scaling. The paper has s = 1; we
     * read J as a function of s·W, which has the constant s²L. Below 1 its step is not safe: L = 0.01, ∂ℓ/∂W = 10,
     * a = b = 0.1 (one element each) raises the loss by 8.0.
     */
    public static double muKlabjanConstant(double lipschitz, ProblemShape shape) {
        double scaled = square(shape.largestScaling()) * lipschitz;
        return Math.max(1, shape.adapters() > 1 ? 2 * scaled : scaled);
    }

    /** {@code min(1, α/(‖V‖² + ‖∂ℓ/∂W‖_F))}, all adapters together. */
    public static double adapt(double alpha, Situation at) {
        double squares = 0;
        for (AdapterState adapter : at.adapters()) {
            squares += square(adapter.weightGradientNorm());
        }
        return Math.min(CAP, alpha / (square(at.adapterNorm()) + Math.sqrt(squares)));
    }

    /** {@code min(1, α/(‖V‖² + √J))}; NaN if J is negative. */
    public static double adapt2(double alpha, Situation at) {
        return Math.min(CAP, alpha / (square(at.adapterNorm()) + Math.sqrt(at.loss())));
    }

    /** {@code min(1, α/√g)}. */
    public static double norm(double alpha, Situation at) {
        return Math.min(CAP, alpha / Math.sqrt(at.gradientNorm()));
    }

    private static double square(double x) {
        return x * x;
    }
}
