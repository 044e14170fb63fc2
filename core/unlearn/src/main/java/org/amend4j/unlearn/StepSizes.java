/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.validation.Checks;

/** η_t, fixed before the run: a schedule that looked at the data would break every bound. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = StepSizes.Constant.class, name = "constant"),
    @JsonSubTypes.Type(value = StepSizes.Geometric.class, name = "geometric"),
    @JsonSubTypes.Type(value = StepSizes.Listed.class, name = "listed"),
    @JsonSubTypes.Type(value = StepSizes.UntilGradient.class, name = "untilGradient")
})
public sealed interface StepSizes extends Identified {

    /** η_t. */
    double at(int step);

    /**
     * The same at every step.
     *
     * @param stepSize η, > 0
     */
    record Constant(double stepSize) implements StepSizes {

        /** @throws IllegalArgumentException if the step size is out of its range */
        public Constant {
            Checks.positive("the step size", stepSize);
        }

        @Override
        public Facts facts() {
            return Facts.of("Constant").with("stepSize", stepSize);
        }

        @Override
        public double at(int step) {
            return stepSize;
        }
    }

    /**
     * {@code η_t = η₀·f^t}.
     *
     * @param first η₀, > 0
     * @param factor f, in (0, 1]
     */
    record Geometric(double first, double factor) implements StepSizes {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Geometric {
            Checks.positive("the first step size", first);
            if (!(factor > 0 && factor <= 1)) {
                throw new IllegalArgumentException("the factor of step sizes must be in (0, 1], got " + factor);
            }
        }

        @Override
        public Facts facts() {
            return Facts.of("Geometric").with("first", first).with("factor", factor);
        }

        @Override
        public double at(int step) {
            // strict: the same on every machine
            return first * StrictMath.pow(factor, step);
        }
    }

    /**
     * None: as many Newton steps as it takes, which count as one step of the run, to a gradient with a public norm.
     *
     * @param gradientNorm G, > 0
     */
    record UntilGradient(double gradientNorm) implements StepSizes {
        /** @throws IllegalArgumentException if the norm is out of its range */
        public UntilGradient {
            Checks.positive("the largest norm of the gradient", gradientNorm);
        }

        @Override
        public Facts facts() {
            return Facts.of("UntilGradient").with("gradientNorm", gradientNorm);
        }

        /** @throws IllegalStateException always */
        @Override
        public double at(int step) {
            throw new IllegalStateException("a run until the gradient is small has no step sizes, got step " + step);
        }
    }

    /**
     * One by one, as they were recorded.
     *
     * @param sizes η₀, η₁, ..., at least one, each > 0
     */
    record Listed(List<Double> sizes) implements StepSizes {

        /** @throws IllegalArgumentException if there are none, or a step size is out of its range */
        public Listed {
            sizes = List.copyOf(sizes);
            Checks.atLeast(1, "the number of listed step sizes", sizes.size());
            sizes.forEach(size -> Checks.positive("the step size", size));
        }

        @Override
        public Facts facts() {
            MessageDigest digest = Sha256.start();
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES);
            sizes.forEach(size -> digest.update(bytes.clear().putDouble(size).flip()));
            return Facts.sentence(range()).since(2).with("digest", Sha256.hex(digest));
        }

        @Override
        public double at(int step) {
            return sizes.get(step);
        }

        private String range() {
            return "Listed[" + sizes.size() + " sizes in [" + Facts.text(Collections.min(sizes)) + ", "
                    + Facts.text(Collections.max(sizes)) + "]]";
        }

        /** How many, and their range: a list may be long. */
        @Override
        public String toString() {
            return range();
        }
    }
}
