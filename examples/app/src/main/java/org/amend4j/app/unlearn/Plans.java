/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
                    method.equals(plan.cheapest()) && !plan.isRefused() ? "  <- chosen" : ""));
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
        if (method instanceof UnlearningMethod.NoisyRewind noisy) {
            return OptionalDouble.of(noisy.noise().noise().sigma());
        }
        if (method instanceof UnlearningMethod.DescentToDelete descent) {
            return OptionalDouble.of(descent.noise().noise().sigma());
        }
        return OptionalDouble.empty();
    }

    static Map<String, Object> facts(UnlearningPlan plan) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("records", plan.deleted().size());
        facts.put("refused", plan.isRefused());
        List<Map<String, Object>> methods = new ArrayList<>();
        for (UnlearningMethod method : plan.methods()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("way", method.name());
            one.put("steps", method.cost().steps());
            one.put("recordGradients", method.cost().recordGradients());
            sigma(method).ifPresent(sigma -> one.put("sigma", sigma));
            methods.add(one);
        }
        facts.put("ways", methods);
        facts.put("candidates", plan.candidates().stream().map(Plans::facts).toList());
        facts.put("advice", plan.advice());
        return facts;
    }

    private static Map<String, Object> facts(RewindCandidate candidate) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("checkpoint", candidate.checkpoint());
        facts.put("exact", candidate.drift().isExact());
        candidate.noise().map(ReleaseNoise::noise).ifPresent(noise -> {
            facts.put("delta", noise.sensitivity());
            facts.put("sigma", noise.sigma());
        });
        candidate.refusal().ifPresent(why -> facts.put("refusal", why));
        return facts;
    }
}
