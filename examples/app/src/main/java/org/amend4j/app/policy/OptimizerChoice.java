/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import org.amend4j.algorithm.Optimizer;
import org.amend4j.algorithm.Ppo;

/** Optimisers of practice mode by name. */
public enum OptimizerChoice {
    /** As {@link Ppo} has it by default. */
    ADAM,
    /** As Stable-Baselines3's A2C has it. */
    RMSPROP,
    /** Plain steps. */
    SGD;

    Optimizer optimizer() {
        return switch (this) {
            case ADAM -> Ppo.Config.DEFAULT.climb().optimizer();
            case RMSPROP -> Optimizer.RmsProp.DEFAULT;
            case SGD -> new Optimizer.Sgd(0);
        };
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
