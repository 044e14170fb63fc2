package org.amend4j.saddle;

import java.util.Locale;
import org.amend4j.check.Checks;
import org.amend4j.objective.Precision;

/** The numbers that a verdict rests on, and what follows from them. */
record Findings(
        boolean exact,
        double epsilon,
        double chi,
        Measured gradientSquared,
        Measured curvature,
        double largestEigenvalue,
        double residual,
        Measured noise,
        CutOff cutOff,
        int trajectories) {

    /** Relative to the curvature: with less noise, ascent needs 14 times the time in which distance from a saddle grows e-fold. */
    private static final double NEGLIGIBLE = 1e-6;

    Findings {
        Checks.positive("epsilon", epsilon);
        Checks.positive("chi", chi);
    }

    double tolerance() {
        return Math.sqrt(chi * epsilon);
    }

    GradientTest gradientTest() {
        return GradientTest.of(gradientSquared, epsilon);
    }

    double upperEstimate() {
        return Math.max(largestEigenvalue + residual, curvature.high());
    }

    SaddleVerdict verdict() {
        return SaddleVerdict.of(gradientTest(), curvature.low(), upperEstimate(), tolerance());
    }

    boolean noNoise() {
        return Math.sqrt(Math.max(0, noise.high())) <= NEGLIGIBLE * Math.abs(largestEigenvalue);
    }

    SecondOrderReport report(double[] direction, Origin origin) {
        return new SecondOrderReport(
                exact,
                verdict(),
                words(),
                epsilon,
                chi,
                tolerance(),
                gradientSquared,
                gradientTest(),
                curvature,
                largestEigenvalue,
                residual,
                upperEstimate(),
                noise,
                noNoise(),
                direction,
                cutOff,
                trajectories,
                origin.environmentSteps(),
                origin.seed(),
                origin.starts(),
                origin.lanczosSteps(),
                origin.converged(),
                origin.gradientStep(),
                origin.scoreStep(),
                Precision.DOUBLE.name());
    }

    String words() {
        return verdictWords() + " " + gradientWords() + " " + noiseWords() + " " + scopeWords();
    }

    private String verdictWords() {
        String tolerance = "the tolerance sqrt(chi*epsilon) = " + digits(tolerance());
        return switch (verdict()) {
            case SADDLE ->
                "SADDLE: along the direction v the return curves upwards by " + words(curvature) + ", more than "
                        + tolerance + ": to second order a step along v raises it, either way.";
            case SOSP_CONSISTENT ->
                "SOSP_CONSISTENT: no direction was seen in which the return curves upwards by more than "
                        + digits(upperEstimate()) + ", below " + tolerance
                        + (exact
                                ? ": a second-order stationary point for this epsilon."
                                : ": as at a second-order stationary point for this epsilon. That is evidence, not proof.");
            case INCONCLUSIVE ->
                "INCONCLUSIVE: the upward curvature along v is " + words(curvature)
                        + ", the upper estimate of the largest one " + digits(upperEstimate()) + ", and " + tolerance
                        + (exact ? "." : ": more trajectories would narrow that, a larger epsilon would ask for less.");
        };
    }

    private String gradientWords() {
        String number = "squared norm " + words(gradientSquared) + " against epsilon^2 = " + digits(epsilon * epsilon);
        return switch (gradientTest()) {
            case SMALL -> "The gradient is small (" + number + ").";
            case LARGE ->
                "The gradient is not small (" + number + "): this is no stationary point, and plain ascent goes on"
                        + " whatever the curvature.";
            case UNDECIDED -> "Whether the gradient is small is not decided (" + number + ").";
        };
    }

    private String noiseWords() {
        if (noNoise()) {
            return "The policy gradient of a single trajectory has no component along v (CNC = " + digits(noise.value())
                    + "): its noise will not move the policy along v"
                    + (verdict() == SaddleVerdict.SADDLE
                            ? ", and ascent stays here however long it runs. Re-initialise what is all zero (of an adapter,"
                                    + " the factor A at random), or perturb the parameters along v or by isotropic noise."
                            : ".");
        }
        return "Single trajectories' gradients have the mean square " + words(noise) + " along v"
                + (verdict() == SaddleVerdict.SADDLE
                        ? ": noise that pushes ascent off the saddle; batches of B divide it by B."
                        : ".");
    }

    private String scopeWords() {
        return (exact ? "Exact numbers. " : "From twice " + trajectories + " trajectories; intervals are of 95 %. ")
                + cutOff.sentence();
    }

    private static String words(Measured number) {
        return number.standardError() == 0
                ? digits(number.value())
                : digits(number.value()) + " [" + digits(number.low()) + ", " + digits(number.high()) + "]";
    }

    private static String digits(double number) {
        return String.format(Locale.ROOT, "%.3g", number);
    }
}
