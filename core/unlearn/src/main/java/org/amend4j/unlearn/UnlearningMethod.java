/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.descent.Assurance;

/** A method to make a model forget records. */
public sealed interface UnlearningMethod {

    /** What it costs. */
    Cost cost();

    /** In a few words. */
    String name();

    /** What hides the deleted records; empty for methods without noise. */
    default Optional<ReleaseNoise> releaseNoise() {
        return Optional.empty();
    }

    /** The step of the checkpoint that it goes on from; empty for methods without one. */
    default OptionalInt rewindsTo() {
        return OptionalInt.empty();
    }

    /** Whether it is another algorithm or a shorter training, which no request is answered by. */
    default boolean isPricedOnly() {
        return false;
    }

    /** A rewind over steps that never used a deleted record: retraining, bit for bit, without noise. */
    record ExactRewind(int checkpoint, Cost cost) implements UnlearningMethod {
        @Override
        public String name() {
            return "exact rewind";
        }

        @Override
        public OptionalInt rewindsTo() {
            return OptionalInt.of(checkpoint);
        }
    }

    /** A rewind to a checkpoint that deleted records had a part in, hidden by noise. */
    record NoisyRewind(int checkpoint, Cost cost, ReleaseNoise noise) implements UnlearningMethod {
        /** Never "certified" where the checkpoint is an estimate. */
        @Override
        public String name() {
            return noise.assurance() == Assurance.ESTIMATED ? "empirical rewind" : "certified rewind";
        }

        @Override
        public OptionalInt rewindsTo() {
            return OptionalInt.of(checkpoint);
        }

        @Override
        public Optional<ReleaseNoise> releaseNoise() {
            return Optional.of(noise);
        }
    }

    /**
     * Further steps until the gradient on the retained records is small: as close to the minimiser as any retraining until then, whatever
     * was deleted and how often, and hidden by little noise.
     *
     * @param checkpoint the step with the parameters that it goes on from
     */
    record Converge(int checkpoint, Cost cost, ReleaseNoise noise) implements UnlearningMethod {
        /** Of every deletion by convergence. */
        public static final String NAME = "convergence";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Optional<ReleaseNoise> releaseNoise() {
            return Optional.of(noise);
        }
    }

    /** Further steps from the trained parameters, hidden by noise; for strongly convex losses (Neel et al. 2021). */
    record DescentToDelete(Cost cost, ReleaseNoise noise) implements UnlearningMethod {
        @Override
        public String name() {
            return "descent to delete";
        }

        @Override
        public boolean isPricedOnly() {
            return true;
        }

        @Override
        public Optional<ReleaseNoise> releaseNoise() {
            return Optional.of(noise);
        }
    }

    /** Retraining that stops early: exact, without noise, for the cost of a rewind; but a shorter training than the model's. */
    record ColdRun(Cost cost) implements UnlearningMethod {
        @Override
        public String name() {
            return "cold run";
        }

        @Override
        public boolean isPricedOnly() {
            return true;
        }
    }

    /** Training again from the start, exact and without noise. */
    record Retrain(Cost cost) implements UnlearningMethod {
        @Override
        public String name() {
            return "retraining";
        }
    }
}
