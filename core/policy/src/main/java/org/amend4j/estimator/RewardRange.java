/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Arrays;
import java.util.Objects;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * The range of the rewards of a process. If its episodes can end, every step after the end earns 0, which must be in the range: take {@link
 * #withEnd}.
 *
 * @param least finite
 * @param most finite, >= least
 */
public record RewardRange(double least, double most, BoundAssurance assurance) implements Identified {

    /** @throws IllegalArgumentException if an end is not finite, or they are in the wrong order */
    public RewardRange {
        Checks.finite("the least reward", least);
        Checks.finite("the greatest reward", most);
        Objects.requireNonNull(assurance, "assurance");
        if (least > most) {
            throw new IllegalArgumentException(
                    "the least reward must be at most the greatest, got " + least + " and " + most);
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("RewardRange").with("least", least).with("most", most).with("knowledge", assurance);
    }

    /** A range that the process keeps. */
    public static RewardRange known(double least, double most) {
        return new RewardRange(least, most, BoundAssurance.KNOWN);
    }

    /**
     * The range of rewards that were seen.
     *
     * @param rewards at least one, finite
     */
    public static RewardRange seen(double[] rewards) {
        ColumnChecks.some("rewards", rewards);
        return new RewardRange(
                Arrays.stream(rewards).min().getAsDouble(),
                Arrays.stream(rewards).max().getAsDouble(),
                BoundAssurance.ESTIMATED);
    }

    /** With the 0 that an ended episode earns for ever. */
    public RewardRange withEnd() {
        return new RewardRange(Math.min(least, 0), Math.max(most, 0), assurance);
    }

    /** R, with {@code |r| <= R}. */
    public double magnitude() {
        return Math.max(Math.abs(least), Math.abs(most));
    }

    /** Half the distance from the least to the greatest, rounded up. */
    public double half() {
        return Upward.halfDifference(most, least);
    }
}
