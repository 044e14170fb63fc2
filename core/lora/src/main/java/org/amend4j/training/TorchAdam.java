/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Adam as PyTorch computes it: θ −= rate·m̂/(√v̂ + ε), with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ) (Kingma and Ba, arXiv 1412.6980,
 * Algorithm 1). Deeplearning4j's {@link Adam} adds ε to √v instead, which makes it 1/√(1−β₂ᵗ) times as large: 32 times at the first step, at
 * which the gradients of a factor A of an adapter are tiny, since B is 0.
 *
 * <p>For {@code fit} and for plans; state and settings are Deeplearning4j's, so that what is saved with one can be read with the other.
 */
public final class TorchAdam extends Adam {

    private static final long serialVersionUID = 1L;

    /** With β₁ = 0.9, β₂ = 0.999 and ε = 1e-8, and a rate of 0.001. */
    public TorchAdam() {}

    /** @param rate positive */
    public TorchAdam(double rate) {
        super(rate);
    }

    /** A rate that changes. */
    public TorchAdam(ISchedule rates) {
        super(rates);
    }

    /**
     * With other numbers.
     *
     * @param rate positive
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @param epsilon positive
     */
    public TorchAdam(double rate, double beta1, double beta2, double epsilon) {
        super(rate, beta1, beta2, epsilon);
    }

    @Override
    public GradientUpdater<Adam> instantiate(INDArray view, boolean initialize) {
        INDArray state = view.reshape(view.length());
        Steps steps = new Steps(this);
        steps.setStateViewArray(state, new long[] {state.length() / 2}, state.ordering(), initialize);
        return steps;
    }

    @Override
    public GradientUpdater<Adam> instantiate(Map<String, INDArray> state, boolean initialize) {
        Steps steps = new Steps(this);
        steps.setState(state, initialize);
        return steps;
    }

    @Override
    public TorchAdam clone() {
        TorchAdam copy = new TorchAdam(getLearningRate(), getBeta1(), getBeta2(), getEpsilon());
        copy.setLearningRateSchedule(getLearningRateSchedule());
        return copy;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof TorchAdam;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TorchAdam && super.equals(other);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + 1;
    }

    /** Deeplearning4j's step with the ε that makes it this one: rate·√(1−β₂ᵗ)/(1−β₁ᵗ)·m/(√v + ε·√(1−β₂ᵗ)). */
    private static final class Steps extends AdamUpdater {

        private final TorchAdam rule;

        Steps(TorchAdam rule) {
            super(rule);
            this.rule = rule;
        }

        @Override
        public TorchAdam getConfig() {
            return rule;
        }

        @Override
        public void applyUpdater(INDArray gradient, int iteration, int epoch) {
            double root = Math.sqrt(1 - Math.pow(rule.getBeta2(), iteration + 1));
            setConfig(new Adam(
                    rule.getLearningRate(iteration, epoch),
                    rule.getBeta1(),
                    rule.getBeta2(),
                    rule.getEpsilon() * root));
            super.applyUpdater(gradient, iteration, epoch);
        }
    }
}
