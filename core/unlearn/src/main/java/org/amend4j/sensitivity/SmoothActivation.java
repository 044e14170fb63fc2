/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * An element-wise activation φ with a Lipschitz derivative; numbers are rounded up.
 *
 * @param name as Deeplearning4j writes it, in small letters
 * @param slope a₁, a bound of |φ'|; > 0
 * @param bend a₂, a Lipschitz constant of φ'; >= 0
 * @param atZero |φ(0)|
 * @param largest a bound of |φ|; +∞ if there is none
 */
public record SmoothActivation(String name, double slope, double bend, double atZero, double largest) {

    /** φ(x) = x. */
    public static final SmoothActivation IDENTITY = unbounded("identity", 1, 0, 0);
    /** a₂ = 4/(3√3), 0.7698. */
    public static final SmoothActivation TANH = new SmoothActivation("tanh", 1, up(4 / (3 * Math.sqrt(3))), 0, 1);
    /** a₂ = 1/(6√3), 0.0962. */
    public static final SmoothActivation SIGMOID =
            new SmoothActivation("sigmoid", 0.25, up(1 / (6 * Math.sqrt(3))), 0.5, 1);
    /** φ(x) = ln(1 + eˣ). */
    public static final SmoothActivation SOFTPLUS = unbounded("softplus", 1, 0.25, up(Math.log(2)));
    /** φ(x) = x·σ(x); a₁ is 1.0998393 rounded up. */
    public static final SmoothActivation SWISH = unbounded("swish", 1.09984, 0.5, 0);
    /** φ(x) = eˣ - 1 below 0, with the factor 1: with another its derivative jumps. */
    public static final SmoothActivation ELU = unbounded("elu", 1, 1, 0);
    /** What ND4J computes by default: φ(x) = x·σ(1.702x), swish in another unit. */
    public static final SmoothActivation GELU = unbounded("gelu", 1.09984, 0.851, 0);

    private static final List<SmoothActivation> ALL = List.of(IDENTITY, TANH, SIGMOID, SOFTPLUS, SWISH, ELU, GELU);

    private static final String KINK = "has a derivative that jumps, so that no L exists";
    private static final Map<String, String> REFUSED = refusals();

    /** @throws IllegalArgumentException if a number is out of its range */
    public SmoothActivation {
        Objects.requireNonNull(name, "name");
        Checks.positive("the slope of an activation", slope);
        Checks.notNegative("the bend of an activation", bend);
        Checks.notNegative("the value of an activation at 0", atZero);
        Checks.notNegativeOrInfinite("the largest value of an activation", largest);
    }

    private static SmoothActivation unbounded(String name, double slope, double bend, double atZero) {
        return new SmoothActivation(name, slope, bend, atZero, Double.POSITIVE_INFINITY);
    }

    /** Over the rounding of a few operations. */
    private static double up(double value) {
        return Upward.over(value, 4);
    }

    /**
     * The smooth ReLU: 0 up to -b, x from b on, {@code (x + b)²/(4b)} between.
     *
     * @param halfWidth b, > 0
     */
    public static SmoothActivation smelu(double halfWidth) {
        Checks.positive("the half-width of SmeLU", halfWidth);
        return unbounded("smelu", 1, Upward.divide(0.5, halfWidth), halfWidth / 4);
    }

    /**
     * The activation of a name.
     *
     * @param name as Deeplearning4j writes it; capitals do not matter
     * @throws IllegalArgumentException if it has no L, or none that was proved here, saying which
     */
    public static SmoothActivation named(String name) {
        String plain = name.toLowerCase(Locale.ROOT);
        for (SmoothActivation activation : ALL) {
            if (activation.name.equals(plain)) {
                return activation;
            }
        }
        throw new IllegalArgumentException(refusal(name));
    }

    /** Why a function of this name has no constants here. */
    public static String refusal(String name) {
        return "activation '" + name + "' "
                + REFUSED.getOrDefault(name.toLowerCase(Locale.ROOT), "is not in the table of proved constants")
                + "; smooth ones are tanh, sigmoid, softplus, swish, elu, gelu, smelu and identity";
    }

    private static Map<String, String> refusals() {
        Map<String, String> refused = new TreeMap<>();
        for (String kinked : List.of(
                "relu",
                "relu6",
                "leakyrelu",
                "rrelu",
                "thresholdedrelu",
                "hardtanh",
                "hardsigmoid",
                "rectifiedtanh",
                "prelu",
                "selu")) {
            refused.put(kinked, KINK);
        }
        refused.put("cube", "has an unbounded derivative, so that no L exists");
        refused.put("gelu_precise", "is not the published function in ND4J, so that its constants do not hold");
        return refused;
    }
}
