package org.amend4j.ascent;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.check.Checks;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Environments;
import org.amend4j.environment.Space;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseApproximator;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Purpose;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Task;

/**
 * An environment of the library with settings that an algorithm solves it with.
 *
 * @param environment as {@link Environments#of(String)} knows it
 * @param config the algorithm's settings
 * @param hidden widths of the hidden layers of the policy's dense network
 * @param activation of the hidden layers
 * @param normaliseObservations by {@link NormalisingEncoder}; for boxes only
 * @param stop when training ends
 */
public record Preset(
        String environment,
        AlgorithmConfig config,
        List<Integer> hidden,
        DenseActivation activation,
        boolean normaliseObservations,
        StopRule stop) {

    /** Of the last layer's weights, so that means begin near 0. */
    private static final double SMALL = 0.01;

    public Preset {
        hidden = List.copyOf(hidden);
        hidden.forEach(width -> Checks.atLeast(1, "width of a hidden layer", width));
    }

    /** The task. */
    public Task task() {
        return Task.of(environment);
    }

    /**
     * A policy that has learned nothing: a softmax for discrete actions; for boxes a Gaussian whose deviations are trained and
     * begin with half the box's width.
     *
     * @param seed root of all random numbers
     */
    public Policy policy(long seed) {
        Environment one = Environments.of(environment).create();
        Space observations = one.observationSpace();
        ActionDistribution distribution = distribution(one.actionSpace());
        ObservationEncoder encoder = normaliseObservations
                ? new NormalisingEncoder(observations.size())
                : ObservationEncoder.of(observations);
        List<DenseShape> layers = new ArrayList<>();
        int width = encoder.size();
        for (int next : hidden) {
            layers.add(new DenseShape(width, next, true, activation));
            width = next;
        }
        int outputs = distribution.outputs() + (config.needsValue() ? 1 : 0);
        layers.add(new DenseShape(width, outputs, true, DenseActivation.IDENTITY));
        long ofPolicy = new Seeds(seed).seed(Purpose.POLICY, 0);
        double lastGain = distribution instanceof Gaussian ? SMALL : 1;
        return new Policy(DenseApproximator.random(layers, lastGain, ofPolicy), distribution, encoder);
    }

    private static ActionDistribution distribution(Space actions) {
        if (actions instanceof Space.Discrete discrete) {
            return new Categorical(discrete.count());
        }
        double[] deviations = ((Space.Box) actions).high();
        double[] low = ((Space.Box) actions).low();
        for (int i = 0; i < deviations.length; i++) {
            deviations[i] = (deviations[i] - low[i]) / 2;
        }
        return Gaussian.trained(deviations);
    }

    /** A training from the beginning. */
    public PolicyTraining training(long seed) {
        return new PolicyTraining(config.begin(task(), policy(seed), seed), stop);
    }
}
