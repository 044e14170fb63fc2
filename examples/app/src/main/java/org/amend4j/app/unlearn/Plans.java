/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.unlearn.ReleaseNoise;
import org.amend4j.unlearn.RewindCandidate;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/** Plans for people and as JSON. */
final class Plans {

    /** Of many checkpoints, so many are shown. */
    private static final int SHOWN = 4;

    private Plans() {}

    /** What users get by default: the cheapest with little noise; nothing where that is retraining. */
    static Optional<UnlearningMethod> taken(UnlearningPlan plan) {
        return Optional.of(plan.recommended()).filter(method -> !(method instanceof UnlearningMethod.Retrain));
    }

    /** Admissible methods, a line each, cheapest first. */
    static void methods(StringBuilder text, UnlearningPlan plan) {
        for (UnlearningMethod method : plan.methods()) {
            text.append(String.format(
                    Locale.ROOT,
                    "    %-20s %4d steps %9d record gradients%s%s%n",
                    method.name(),
                    method.cost().steps(),
                    method.cost().recordGradients(),
                    sigma(method).isPresent()
                            ? String.format(
                                    Locale.ROOT,
                                    ", noise %.3g per parameter",
                                    sigma(method).getAsDouble())
                            : ", no noise",
                    taken(plan).filter(method::equals).isPresent() ? "  <- chosen" : ""));
        }
    }

    /** The latest checkpoints that were refused, and the first one, a line each. */
    static void refusals(StringBuilder text, UnlearningPlan plan) {
        List<RewindCandidate> refused = plan.candidates().stream()
                .filter(candidate -> candidate.refusal().isPresent())
                .toList();
        for (int k = 0; k < refused.size(); k++) {
            if (k < SHOWN || k == refused.size() - 1) {
                text.append(String.format(
                        Locale.ROOT,
                        "    rewind to step %3d: %s%n",
                        refused.get(k).checkpoint(),
                        refused.get(k).refusal().orElseThrow()));
            } else if (k == SHOWN) {
                text.append(String.format(Locale.ROOT, "    and %d more%n", refused.size() - SHOWN - 1));
            }
        }
    }

    private static OptionalDouble sigma(UnlearningMethod method) {
        return method.releaseNoise().stream()
                .mapToDouble(noise -> noise.noise().sigma())
                .findFirst();
    }

    static Facts facts(UnlearningPlan plan) {
        return new Facts(
                plan.deleted().size(),
                plan.isRefused(),
                plan.methods().stream().map(Way::of).toList(),
                plan.candidates().stream().map(Candidate::of).toList(),
                plan.advice());
    }

    /**
     * A plan for JSON.
     *
     * @param records to be forgotten
     * @param refused whether no rewind is admissible
     */
    record Facts(int records, boolean refused, List<Way> ways, List<Candidate> candidates, List<String> advice) {}

    /**
     * An admissible method.
     *
     * @param way its name
     * @param sigma of its noise
     */
    record Way(String way, int steps, long recordGradients, OptionalDouble sigma) {

        private static Way of(UnlearningMethod method) {
            return new Way(method.name(), method.cost().steps(), method.cost().recordGradients(), Plans.sigma(method));
        }
    }

    /**
     * A stored checkpoint.
     *
     * @param refusal why no rewind from it is admissible
     */
    record Candidate(
            int checkpoint, boolean exact, @JsonUnwrapped Optional<Hidden> noise, Optional<String> refusal) {

        private static Candidate of(RewindCandidate candidate) {
            return new Candidate(
                    candidate.checkpoint(),
                    candidate.drift().isExact(),
                    candidate
                            .noise()
                            .map(ReleaseNoise::noise)
                            .map(noise -> new Hidden(noise.sensitivity(), noise.sigma())),
                    candidate.refusal());
        }
    }

    /**
     * What noise has to hide.
     *
     * @param delta bound of the distance
     * @param sigma of the noise, per parameter
     */
    record Hidden(double delta, double sigma) {}
}
