/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;
import java.util.Optional;
import org.amend4j.verify.Claims.Constants;
import org.amend4j.verify.Claims.Known;
import org.amend4j.verify.Claims.Shape;
import org.amend4j.verify.LinearHeadReason.Kind;

/** G and L recomputed where their reason names a linear head; all other constants are only claimed. */
final class ConstantChecks {

    private static final double TOLERANCE = 1e-12;

    private final Constants constants;
    private final Known gradient;
    private final Known smoothness;
    private final Optional<LinearHeadReason> gradientHead;
    private final Optional<LinearHeadReason> smoothnessHead;

    ConstantChecks(Claims claims) {
        this.constants = claims.grounds().constants();
        this.gradient = constants.gradientBound();
        this.smoothness = constants.lipschitz();
        this.gradientHead = LinearHeadReason.of(gradient.reason());
        this.smoothnessHead = LinearHeadReason.of(smoothness.reason());
    }

    List<Check> all() {
        return List.of(gradientBound(), smoothness(), convexity());
    }

    private Check gradientBound() {
        String name = "gradient bound";
        if (gradientHead.isEmpty()) {
            return said(name, gradient);
        }
        LinearHeadReason head = gradientHead.get();
        if (head.scaled()) {
            return Check.notChecked(name, "the scale of the frozen factor is not in the certificate");
        }
        Inspection all = new Inspection(name);
        double radius = constants.diameter().value() / 2;
        double least = switch (head.kind()) {
            case LOGISTIC, SOFTMAX -> head.gradientBound();
            case SIGMOIDS -> Math.sqrt(outputs()) * head.gradientBound();
            case SQUARED_ERROR -> radius * head.radius() * head.radius();
        };
        all.requireAtLeast("G", gradient.value(), least, TOLERANCE);
        Check check = all.conclude("G is at least the " + least + " that its reason gives");
        boolean whole = head.kind() != Kind.SQUARED_ERROR
                && (head.kind() != Kind.SIGMOIDS || constants.rounding().isHead());
        return whole || check.outcome() == Check.Outcome.FAILED
                ? check
                : Check.notChecked(name, "it is at least " + least + ", but its reason rests on more than is said");
    }

    /** Outputs of a head, as far as the rounding model tells. */
    private double outputs() {
        return constants.rounding().isHead() ? constants.rounding().number("logits") : 1;
    }

    private Check smoothness() {
        String name = "smoothness";
        if (Double.isInfinite(smoothness.value())) {
            return Check.passed(name, "nothing is claimed of L");
        }
        if (smoothnessHead.isEmpty()) {
            return said(name, smoothness);
        }
        LinearHeadReason head = smoothnessHead.get();
        Inspection all = new Inspection(name);
        if (!head.scaled()) {
            all.requireAtLeast("L", smoothness.value(), head.smoothness(), TOLERANCE);
            return all.conclude("L is at least the " + head.smoothness() + " that its reason gives");
        }
        // the same unknown scale is in G, squared in L
        if (gradientHead.equals(smoothnessHead) && (head.kind() == Kind.LOGISTIC || head.kind() == Kind.SOFTMAX)) {
            double least = head.ratio() * gradient.value() * gradient.value();
            all.requireAtLeast("L", smoothness.value(), least, TOLERANCE);
            return all.conclude("L is at least the " + least + " that goes with G");
        }
        return Check.notChecked(name, "the scale of the frozen factor is not in the certificate");
    }

    private static Check said(String name, Known known) {
        return Check.notChecked(
                name,
                known.value() + " is " + known.evidence() + " because of " + Quoted.of(known.reason())
                        + ", which is only said");
    }

    /** Linear heads are convex; clipping the gradients of several outputs together can end that. */
    private Check convexity() {
        String name = "convexity";
        if (constants.curvature() == Shape.NONCONVEX) {
            return Check.passed(name, "none is claimed");
        }
        if (smoothnessHead.isEmpty()) {
            return Check.notChecked(name, constants.curvature() + " is only said");
        }
        LinearHeadReason head = smoothnessHead.get();
        boolean several = head.kind() == Kind.SOFTMAX || head.kind() == Kind.SIGMOIDS;
        boolean clipped =
                gradientHead.isEmpty() && !head.scaled() && gradient.value() < head.gradientBound() * (1 - 1e-9);
        return several && clipped
                ? Check.failed(name, "gradients are clipped, which can end the convexity of several outputs")
                : Check.passed(name, "a linear head is convex");
    }
}
