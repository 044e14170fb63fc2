/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.CompensatedSum;
import org.amend4j.objective.IndexRange;

/**
 * A norm ball in which some elements of the parameter vector, taken together, must stay.
 *
 * @param ranges where they are: ascending, not overlapping
 * @param radius R, > 0
 */
public record ParameterBall(List<IndexRange> ranges, double radius) implements Identified {

    /** A compensated sum of squares is off by a few units, its root by half of that, the scaling by two more. */
    private static final double MARGIN = 0x1p-50;

    /** @throws IllegalArgumentException if the ranges overlap or the radius is out of its range */
    public ParameterBall {
        IndexRange.requireAscending(ranges, Integer.MAX_VALUE);
        ranges = List.copyOf(ranges);
        Checks.positive("the radius of a ball", radius);
    }

    @Override
    public Facts facts() {
        return Facts.of("ParameterBall").with("ranges", ranges).with("radius", radius);
    }

    /** One range. */
    public static ParameterBall of(IndexRange range, double radius) {
        return new ParameterBall(List.of(range), radius);
    }

    /** The norm of the elements in question, off by less than 2^-50 of itself. */
    public double norm(double[] theta) {
        CompensatedSum squares = new CompensatedSum();
        for (IndexRange range : ranges) {
            for (int i = range.from(); i < range.to(); i++) {
                squares.add(theta[i] * theta[i]);
            }
        }
        return Math.sqrt(squares.value());
    }

    /**
     * Scales the elements by {@code min(1, R/norm)}, which is the projection on the ball, rounded so that the norm does not
     * exceed R.
     *
     * @param theta changed in place
     */
    public void project(double[] theta) {
        double norm = norm(theta);
        if (norm * (1 + MARGIN) <= radius) {
            return;
        }
        double factor = radius / norm * (1 - MARGIN);
        for (IndexRange range : ranges) {
            for (int i = range.from(); i < range.to(); i++) {
                theta[i] *= factor;
            }
        }
    }
}
