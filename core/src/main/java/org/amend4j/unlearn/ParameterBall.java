package org.amend4j.unlearn;

import java.util.List;
import org.amend4j.check.Checks;

/**
 * A ball around zero in which some parameters are kept: after every step they are scaled by {@code min(1, R/‖·‖)}, which is the
 * projection on the ball.
 *
 * @param ranges the parameters, at least one range
 * @param radius R, > 0
 */
public record ParameterBall(List<Range> ranges, double radius) {

    /**
     * Neighbouring parameters.
     *
     * @param from the first
     * @param to behind the last
     */
    public record Range(int from, int to) {

        /** @throws IllegalArgumentException if the range is empty or negative */
        public Range {
            Checks.atLeast(0, "the first parameter of a range", from);
            Checks.atLeast(from + 1, "the end of a range", to);
        }
    }

    /** The norm is computed to well below this, relatively. */
    private static final double MARGIN = 1e-12;

    /** @throws IllegalArgumentException if there is no range or the radius is out of its range */
    public ParameterBall {
        ranges = List.copyOf(ranges);
        Checks.atLeast(1, "the number of ranges of a ball", ranges.size());
        Checks.positive("the radius of a ball", radius);
    }

    /** The first {@code dimension} parameters. */
    public static ParameterBall of(int dimension, double radius) {
        return new ParameterBall(List.of(new Range(0, dimension)), radius);
    }

    /** Puts a vector's parameters into the ball; a norm that rounding cannot tell from the radius is scaled below it. */
    void projectInPlace(double[] theta) {
        double squares = 0;
        for (Range range : ranges) {
            for (int i = range.from; i < range.to; i++) {
                squares += theta[i] * theta[i];
            }
        }
        double norm = Math.sqrt(squares);
        if (norm * (1 + MARGIN) <= radius) {
            return;
        }
        double scale = radius / norm * (1 - MARGIN);
        for (Range range : ranges) {
            for (int i = range.from; i < range.to; i++) {
                theta[i] *= scale;
            }
        }
    }
}
