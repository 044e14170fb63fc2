/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.List;
import org.amend4j.estimator.EffectOnGuarantee;
import org.amend4j.policy.Policy;

/** What the settings of practice mode have in common. */
final class Settings {

    /** Added to the deviation where advantages are divided by it. */
    static final double EPSILON = 1e-8;

    private Settings() {}

    static void requireGamma(double gamma) {
        if (!(gamma > 0 && gamma <= 1)) {
            throw new IllegalArgumentException("gamma must be in (0, 1], got " + gamma);
        }
    }

    static void requireValue(Policy policy) {
        if (!policy.hasValue()) {
            throw new IllegalArgumentException("a critic needs a policy with a value output, got a network of "
                    + policy.network().outputs() + " outputs for " + policy.distribution());
        }
    }

    /** What a policy's encoder and an update do to the guarantee. */
    static void addEffects(List<EffectOnGuarantee> effects, Policy policy, Terms terms, OptimizerConfig climb) {
        if (policy.encoder().learns()) {
            effects.add(EffectOnGuarantee.OBSERVATION_NORMALISATION);
        }
        if (terms.normalise()) {
            effects.add(EffectOnGuarantee.ADVANTAGE_NORMALISATION);
        }
        if (terms.entropy() > 0) {
            effects.add(EffectOnGuarantee.ENTROPY_BONUS);
        }
        if (!(climb.optimizer() instanceof Optimizer.Sgd sgd)) {
            effects.add(EffectOnGuarantee.ADAPTIVE_STEPS);
        } else if (sgd.momentum() > 0) {
            effects.add(EffectOnGuarantee.MOMENTUM);
        }
        if (climb.rate() instanceof Schedule.Linear) {
            effects.add(EffectOnGuarantee.STEP_SIZE_SCHEDULE);
        }
        if (climb.mostNorm() < Double.POSITIVE_INFINITY) {
            effects.add(EffectOnGuarantee.GRADIENT_CLIPPING);
        }
    }

    static List<String> sentences(List<EffectOnGuarantee> effects) {
        return effects.stream().map(EffectOnGuarantee::sentence).toList();
    }
}
