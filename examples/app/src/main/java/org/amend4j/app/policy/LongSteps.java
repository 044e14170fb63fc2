/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import java.util.Optional;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.ReturnSmoothness;

/** Whether theory mode's steps are longer than smoothness allows, where a bound of it is known. */
final class LongSteps {

    private LongSteps() {}

    /**
     * What is not proved, for tables in environments with tables; empty if nothing is known, or steps are short enough.
     *
     * @param learner as it begins
     */
    static Optional<String> sentence(TrainSettings settings, Learner learner) {
        boolean known = Algorithms.isTheory(settings.config().algorithm())
                && settings.trainedOn().finite().isPresent()
                && TablePolicies.isTable(learner.policy());
        if (!known) {
            return Optional.empty();
        }
        double gamma = settings.config().gamma();
        ExactReturn exact = TablePolicies.exactReturn(settings.trainedOn(), learner.policy(), gamma);
        double lipschitz = ReturnSmoothness.of(
                        settings.trainedOn().finite().get().get().mdp(), exact.map(), gamma)
                .lipschitz();
        double step = settings.config().firstRate();
        return step * lipschitz <= 1
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "step size %s is longer than 1/L = %.1e: that a step gains in the mean is not proved"
                                + " (L bounds the gradient's slope from rewards and scores alone, far above it as a rule)",
                        step,
                        1 / lipschitz));
    }
}
