/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reason for a constant that names a linear head and the radius of its features, so that it can be computed again
 * (docs/unlearning.md, "Linear heads").
 *
 * @param kind Logistic, Softmax, Sigmoids or SquaredError
 * @param radius X
 * @param scaled whether the constant is of a factor before the head; the certificate does not have the factor's scale
 */
record LinearHeadReason(Kind kind, double radius, boolean scaled) {

    private static final Pattern REASON = Pattern.compile(
            "([A-Za-z]+) on features of norm <= ([0-9]+\\.[0-9]+(?:E-?[0-9]+)?)(?:; [^,]*)?((, through a frozen A)*)");

    /** The loss. */
    enum Kind {
        LOGISTIC("Logistic", 1, 0.25),
        SOFTMAX("Softmax", Math.sqrt(2), 0.5),
        /** Per output; √k for k of them. */
        SIGMOIDS("Sigmoids", 1, 0.25),
        /** Its gradient depends on more than the features. */
        SQUARED_ERROR("SquaredError", 0, 1);

        private final String written;
        private final double gradient;
        private final double curvature;

        Kind(String written, double gradient, double curvature) {
            this.written = written;
            this.gradient = gradient;
            this.curvature = curvature;
        }
    }

    static Optional<LinearHeadReason> of(String reason) {
        Matcher matcher = REASON.matcher(reason);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        double radius = Double.parseDouble(matcher.group(2));
        boolean scaled = !matcher.group(3).isEmpty();
        for (Kind kind : Kind.values()) {
            if (kind.written.equals(matcher.group(1)) && radius > 0 && Double.isFinite(radius)) {
                return Optional.of(new LinearHeadReason(kind, radius, scaled));
            }
        }
        return Optional.empty();
    }

    /** G of one output, without what only other numbers tell; a lower bound then. */
    double gradientBound() {
        return kind.gradient * radius;
    }

    /** L. */
    double smoothness() {
        return kind.curvature * radius * radius;
    }

    /** L over G², which no scale changes; for the kinds with a G that follows from the features alone. */
    double ratio() {
        return smoothness() / (gradientBound() * gradientBound());
    }
}
