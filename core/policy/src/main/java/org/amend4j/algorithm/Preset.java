/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.amend4j.environment.Environment;
import org.amend4j.environment.Environments;
import org.amend4j.environment.Space;
import org.amend4j.internal.validation.Checks;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Task;

/**
 * An environment of the library, or of Gymnasium ({@link GymnasiumPresets}), with settings for an algorithm.
 *
 * @param environment as {@link Environments#of(String)} knows it, or Gymnasium, of which {@link #task} and {@link #policy} make nothing
 * @param trainingLimit steps after which training cuts episodes off, where that is not the environment's own limit
 * @param config the algorithm's settings
 * @param hidden widths of the hidden layers of the policy's dense network
 * @param activation of the hidden layers
 * @param ownValue whether the value has hidden layers of its own, by {@link PolicyGraphs#actorAndCritic}
 * @param normaliseObservations by {@link ObservationEncoder#normalising}
 * @param stop when training ends
 */
@RecordBuilder
public record Preset(
        String environment,
        OptionalInt trainingLimit,
        AlgorithmConfig config,
        List<Integer> hidden,
        DenseActivation activation,
        boolean ownValue,
        boolean normaliseObservations,
        StopRule stop)
        implements PresetBuilder.With {

    public Preset {
        Checks.present("environment", environment);
        Checks.present("trainingLimit", trainingLimit);
        Checks.present("config", config);
        Checks.present("activation", activation);
        Checks.present("stop", stop);
        trainingLimit.ifPresent(steps -> Checks.atLeast(1, "training limit", steps));
        hidden = List.copyOf(Checks.present("hidden", hidden));
        hidden.forEach(width -> Checks.atLeast(1, "width of a hidden layer", width));
    }

    /** The same, with episodes cut off after so many steps while it learns. */
    public Preset withTrainingLimit(int steps) {
        return withTrainingLimit(OptionalInt.of(steps));
    }

    /** What it learns on. */
    public Task task() {
        return trainingLimit.isEmpty()
                ? Task.of(environment)
                : Task.of(environment + (environment.contains("?") ? "&" : "?") + "limit=" + trainingLimit.getAsInt());
    }

    /** Whether it is meant for an environment: the same name, with at least the same options. */
    boolean isFor(String id) {
        return name(environment).equals(name(id)) && options(id).containsAll(options(environment));
    }

    /** Of what {@link #isFor} allows, the one with most is the one to take. */
    int options() {
        return options(environment).size();
    }

    private static String name(String id) {
        return id.split("\\?", 2)[0];
    }

    private static Set<String> options(String id) {
        String[] parts = id.split("\\?", 2);
        return parts.length == 1 ? Set.of() : Set.of(parts[1].split("&", -1));
    }

    /**
     * A policy that has learned nothing, by {@link PolicyGraphs}: a softmax for discrete actions; for boxes a Gaussian with trained
     * deviations that begin with half the box's width.
     *
     * @param seed root of all random numbers
     */
    public Policy policy(long seed) {
        Environment one = Environments.of(environment).create();
        Space observations = one.observationSpace();
        ActionDistribution distribution = ActionDistribution.of(one.actionSpace());
        ObservationEncoder encoder = normaliseObservations
                ? ObservationEncoder.normalising(observations)
                : ObservationEncoder.of(observations);
        PolicyGraphs.Mlp shape =
                PolicyGraphs.Mlp.of(encoder.size(), hidden, activation, distribution.outputs(), config.needsValue());
        Approximator network = Approximators.perceptron(shape, ownValue, new Seeds(seed).seed(Purpose.POLICY, 0));
        return new Policy(network, distribution, encoder);
    }

    /** A training from the beginning. */
    public PolicyTraining training(long seed) {
        return new PolicyTraining(config.begin(task(), policy(seed), seed), stop);
    }
}
