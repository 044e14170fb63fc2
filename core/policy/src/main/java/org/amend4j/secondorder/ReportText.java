/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/**
 * A report in words, a line for each: verdict, gradient, noise, context, assumptions. It says nothing that the numbers do
 * not show, and states assumptions along with the verdict.
 */
final class ReportText {

    private final Findings found;
    private final Origin origin;

    ReportText(Findings found, Origin origin) {
        this.found = found;
        this.origin = origin;
    }

    String all() {
        return String.join(
                "\n",
                verdict(),
                gradient(),
                noise() + DeadWords.of(found.dead(), found.dimension()),
                standing(),
                scope());
    }

    private boolean exact() {
        return origin.isExact();
    }

    private String verdict() {
        SaddleVerdict verdict = found.verdict();
        return verdict + of(verdict) + ": " + meaning(verdict);
    }

    private String of(SaddleVerdict verdict) {
        if (verdict == SaddleVerdict.INCONCLUSIVE) {
            return "";
        }
        return (found.criterion().cutOff().isWithin(found.criterion().epsilon()) ? "" : " of J_H, not shown of J")
                + (origin.assumptions().isEmpty()
                        ? ""
                        : ", assuming that " + String.join(", and that ", origin.assumptions()));
    }

    private String assumed(String before, String after) {
        List<String> assumptions = origin.assumptionsOf(found.verdict());
        return (assumptions.isEmpty() ? "" : before + String.join(", and that ", assumptions)) + after;
    }

    private String meaning(SaddleVerdict verdict) {
        String tolerance = tolerance();
        String upwards = "along the direction v the return curves upwards by "
                + words(found.curvature().along()) + ", more than " + tolerance;
        return switch (verdict) {
            case SADDLE ->
                upwards + ", and the gradient is small: to second order a step along v raises it, either way.";
            case NOT_STATIONARY_CURVED ->
                upwards + ", but this is not a saddle, since the gradient is not small: a slope that curves upwards.";
            case CURVED_UPWARDS ->
                upwards
                        + ": no second-order stationary point. Whether the gradient is small, which would make it a saddle, is not"
                        + " decided.";
            case NOT_STATIONARY ->
                "the gradient is not small. The upward curvature along v is "
                        + words(found.curvature().along()) + ", not shown to be more than " + tolerance + ".";
            case SATURATED ->
                "the policy is as good as deterministic (entropy "
                        + words(found.context().entropyShare())
                        + " of the greatest), and there gradient and curvature vanish, at the worst policy as at the best: they do not"
                        + " say which this is.";
            case DEGENERATE ->
                "the gradient is small, and the Hessian is 0 within rounding (at most "
                        + up(found.curvature().size())
                        + "): second order says nothing here, and a saddle of higher order looks the same.";
            case SOSP_CONSISTENT ->
                "the return curves "
                        + (found.curvature().upperEstimate() < 0
                                ? "downwards by at least "
                                        + rounded(-found.curvature().upperEstimate(), RoundingMode.FLOOR)
                                        + " in every direction"
                                : "upwards by at most " + up(found.curvature().upperEstimate())
                                        + " in any direction, below " + tolerance)
                        + ", and the gradient is small: a second-order stationary point for this epsilon. A flat place or a saddle of"
                        + " higher order may look like that, so it need not be a good policy.";
            case INCONCLUSIVE -> reason();
        };
    }

    /** Why nothing is certain; empty if something is. */
    String reason() {
        if (found.verdict() != SaddleVerdict.INCONCLUSIVE) {
            return "";
        }
        int both = 2 * origin.computation().sampling().trajectories();
        if (found.tooFew()) {
            return "too few different returns: " + found.rareReturns() + " of " + both
                    + " trajectories had another return than most. A return that none had may still come with a probability of up to "
                    + digits(3.0 / both)
                    + " (3/n, at 95 %), and the numbers do not show it: more trajectories are needed, "
                    + deciding() + ".";
        }
        return "the upward curvature along v is " + words(found.curvature().along()) + ", the upper "
                + (origin.allDirections() ? "bound" : "estimate") + " of the largest one "
                + up(found.curvature().upperEstimate()) + ", and " + tolerance()
                + (exact()
                        ? "."
                        : ": more trajectories would narrow that, " + deciding()
                                + "; a larger epsilon would ask for less.");
    }

    private String deciding() {
        return new Deciding(found).words(origin.computation().sampling().trajectories());
    }

    private String tolerance() {
        return "the tolerance sqrt(chi*epsilon) = " + digits(found.criterion().tolerance()) + " (chi = "
                + digits(found.criterion().chi()) + ")";
    }

    private String gradient() {
        String number = "squared norm " + words(found.gradientSquared()) + " against epsilon^2 = "
                + digits(found.criterion().epsilon() * found.criterion().epsilon());
        return switch (found.gradientTest()) {
            case SMALL -> "The gradient is small (" + number + ").";
            case LARGE ->
                "The gradient is not small (" + number + "): this is not a stationary point, and plain ascent continues"
                        + " whatever the curvature.";
            case UNDECIDED -> "Whether the gradient is small is not decided (" + number + ").";
        };
    }

    private String noise() {
        boolean curved = found.curvature().along().low() > found.criterion().tolerance();
        if (!found.noNoise()) {
            return "Single trajectories' gradients have the mean square " + words(found.noise()) + " along v"
                    + (curved && found.gradientTest() != GradientTest.LARGE
                            ? ": noise that pushes ascent off a saddle; batches of B divide it by B."
                            : ".");
        }
        String none = "The policy gradient of a single trajectory has no component along v (CNC = "
                + digits(found.noise().value()) + "): ";
        if (!curved) {
            return none + "its noise will not move the policy along v.";
        }
        return none
                + (found.nothingMoves()
                        ? "nor any other: ascent stays here however long it runs."
                        : "no step from here goes along v, whatever it does along others.")
                + " Re-initialise what is all zero (of an adapter, the factor A at random), or perturb the parameters along v or"
                + " by isotropic noise.";
    }

    private String standing() {
        VerdictContext standing = found.context();
        return String.format(
                        Locale.ROOT,
                        "Beside it: %sreturns are within R/(1-gamma) = %s, of which epsilon is %s",
                        origin.assumptions().isEmpty() ? "" : "as far as was seen, ",
                        digits(standing.scale()),
                        digits(found.criterion().epsilon() / standing.scale()))
                + (standing.gap() < Double.POSITIVE_INFINITY
                        ? "; J is " + digits(standing.gap())
                                + " below J*, the best that a policy which sees the state can do"
                        : "")
                + (standing.entropyShare().value() < Double.POSITIVE_INFINITY
                        ? "; the policy's entropy is " + words(standing.entropyShare()) + " of the greatest."
                        : ".")
                + nearlyDeterministic();
    }

    /** What is as good as deterministic in the trajectories that were seen, but not shown to be. */
    private String nearlyDeterministic() {
        return found.verdict() != SaddleVerdict.SATURATED
                        && found.context().entropyShare().value() < SaddleVerdict.SATURATION
                ? " As far as was seen the policy is as good as deterministic, and there gradient and curvature vanish, at the worst"
                        + " policy as at the best."
                : "";
    }

    private String scope() {
        String numbers = exact()
                ? "Exact numbers."
                : "From twice " + origin.computation().sampling().trajectories() + " trajectories. "
                        + (origin.error() < 1
                                ? "Intervals, which know the range of returns, and verdict together are wrong in at most "
                                        + digits(100 * origin.error()) + " % of reports"
                                        + assumed(", if it is true that ", ".")
                                : "Nobody knows how often intervals and verdict are wrong"
                                        + assumed(": they assume that ", "."));
        return numbers + " " + bias() + found.criterion().cutOff().sentence();
    }

    private String bias() {
        CutOff cut = found.criterion().cutOff();
        if (cut.steps() == 0) {
            return "";
        }
        double square = found.criterion().epsilon() * found.criterion().epsilon();
        return cut.isWithin(found.criterion().epsilon())
                ? "The verdict is of J_H; the gradient of J differs by at most " + up(cut.bias())
                        + ", within epsilon^2. "
                : "The verdict is of J_H, the return of the first H = " + cut.steps()
                        + " steps, and not of J: their gradients may differ by "
                        + (cut.bias() < Double.POSITIVE_INFINITY ? up(cut.bias()) : "an unknown amount")
                        + (cut.bias() > square ? ", more than epsilon^2 = " + digits(square) : ", which is estimated")
                        + ". ";
    }

    /** Intervals are rounded outwards. */
    private static String words(Measured number) {
        return number.standardError() == 0 && number.low() == number.high()
                ? digits(number.value())
                : digits(number.value()) + " [" + rounded(number.low(), RoundingMode.FLOOR) + ", " + up(number.high())
                        + "]";
    }

    private static String digits(double number) {
        return rounded(number, RoundingMode.HALF_EVEN);
    }

    /** For bounds. */
    static String up(double number) {
        return rounded(number, RoundingMode.CEILING);
    }

    /** For bounds from below. */
    static String down(double number) {
        return rounded(number, RoundingMode.FLOOR);
    }

    /** Three digits. */
    private static String rounded(double number, RoundingMode mode) {
        return Double.isFinite(number)
                ? String.format(Locale.ROOT, "%.3g", new BigDecimal(number).round(new MathContext(3, mode)))
                : Double.toString(number);
    }
}
