/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Optional;
import org.amend4j.internal.lora.gradient.FactorPreconditioner;
import org.amend4j.internal.lora.gradient.FrozenA;
import org.amend4j.internal.lora.gradient.Riemannian;
import org.amend4j.lora.config.FactorTraining;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

/** What {@link FactorTraining} asks for: updaters made from the one that everything has, and what overwrites gradients. */
final class FactorRates {

    private FactorRates() {}

    /**
     * By how much the learning rate of a parameter differs.
     *
     * @param isA of a factor A; all else that belongs to an adapter goes with B
     * @return 0 if the parameter is not trained
     */
    static double factor(FactorTraining training, boolean isA) {
        if (isA) {
            return training.trainsA() ? 1 : 0;
        }
        return training.ratio();
    }

    /** What overwrites gradients, if anything does. */
    static Optional<FactorPreconditioner> preconditioner(FactorTraining training) {
        return switch (training.method()) {
            case PLAIN -> Optional.empty();
            case LORA_FA -> Optional.of(new FrozenA(training.damping()));
            case RIEMANNIAN -> Optional.of(new Riemannian(training.damping()));
        };
    }

    /** Refuses an updater that has no learning rate where one must differ. */
    static void require(FactorTraining training, IUpdater updater) {
        if (training.ratio() != 1 && !updater.hasLearningRate()) {
            throw new IllegalArgumentException("LoRA+ needs an updater with a learning rate, got " + updater);
        }
    }

    /** One with another rate. With 0 it moves nothing and has no state. */
    static IUpdater times(double factor, IUpdater updater) {
        if (factor == 1 || (factor != 0 && !updater.hasLearningRate())) {
            return updater;
        }
        if (factor == 0) {
            return new Sgd(0);
        }
        IUpdater faster = updater.clone();
        faster.setLrAndSchedule(Double.NaN, new Times(factor, updater));
        return faster;
    }

    /** Another updater's rate, many times. Equal where those are, so that Deeplearning4j updates such parameters together. */
    private record Times(double factor, IUpdater of) implements ISchedule {

        @Override
        public double valueAt(int iteration, int epoch) {
            return factor * of.getLearningRate(iteration, epoch);
        }

        @Override
        public ISchedule clone() {
            return this;
        }
    }
}
