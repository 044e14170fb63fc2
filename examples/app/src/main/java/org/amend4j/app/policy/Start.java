/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Space;
import org.amend4j.internal.model.Networks;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/** What learning begins with. Equal seeds begin with equal bytes. */
sealed interface Start {

    /**
     * A new policy that no other code holds.
     *
     * @param value whether the algorithm learns a value
     * @throws BadInputException if there is no such policy for the environment
     */
    Learner learner(EnvironmentSpec spec, boolean value, Seeds seeds);

    /** In words, with all that matters: equal words are equal starts. */
    String words();

    /**
     * A new multi-layer perceptron.
     *
     * @param hidden widths of the hidden layers, may be empty
     * @param ownValue whether a value has hidden layers of its own
     * @param normalise whether observations are normalised
     * @param choice of the distribution of actions; empty for what is usual
     */
    record Fresh(
            List<Integer> hidden,
            Activation activation,
            boolean ownValue,
            boolean normalise,
            Optional<DistributionChoice> choice)
            implements Start {

        public Fresh {
            hidden = List.copyOf(hidden);
        }

        @Override
        public Learner learner(EnvironmentSpec spec, boolean value, Seeds seeds) {
            ActionDistribution distribution = DistributionChoice.of(choice, spec.actionSpace());
            ObservationEncoder encoder = encoder(spec.observationSpace());
            PolicyGraphs.Mlp shape =
                    new PolicyGraphs.Mlp(encoder.size(), hidden, activation, distribution.outputs(), value);
            ComputationGraph graph = PolicyGraphs.of(shape, ownValue, seeds.seed(Purpose.POLICY, 0));
            return of(graph, distribution, encoder);
        }

        private ObservationEncoder encoder(Space observations) {
            return normalise ? ObservationEncoder.normalising(observations) : ObservationEncoder.of(observations);
        }

        @Override
        public String words() {
            return "new network, hidden layers "
                    + hidden.stream().map(width -> Integer.toString(width)).collect(Collectors.joining(", ", "[", "]"))
                    + " "
                    + activation.name().toLowerCase(Locale.ROOT)
                    + (ownValue ? ", others for the value" : "")
                    + (normalise ? ", observations normalised" : "")
                    + DistributionChoice.words(choice);
        }
    }

    /**
     * A graph of the user's own; it sees observations as they are.
     *
     * @param choice as of {@link Fresh}
     */
    record Graph(Path zip, Optional<DistributionChoice> choice) implements Start {

        @Override
        public Learner learner(EnvironmentSpec spec, boolean value, Seeds seeds) {
            return of(
                    read(zip),
                    DistributionChoice.of(choice, spec.actionSpace()),
                    ObservationEncoder.of(spec.observationSpace()));
        }

        private static ComputationGraph read(Path zip) {
            if (Files.isDirectory(zip)) {
                throw new BadInputException("--model takes a graph, got the folder " + zip
                        + ": a saved policy goes on with --from, as it is");
            }
            if (!Files.isRegularFile(zip)) {
                throw new BadInputException("--model: there is no file " + zip);
            }
            try {
                return Networks.read(zip);
            } catch (IOException bad) {
                throw new BadInputException("--model: " + bad.getMessage(), bad);
            }
        }

        @Override
        public String words() {
            return "graph " + zip.toString() + DistributionChoice.words(choice);
        }
    }

    /**
     * A saved policy that goes on: its network, distribution and normaliser.
     *
     * @param policy its folder
     */
    record Saved(Path policy) implements Start {

        @Override
        public Learner learner(EnvironmentSpec spec, boolean value, Seeds seeds) {
            SavedPolicy before = SavedPolicies.open(policy);
            if (value && !before.policy().hasValue()) {
                throw new BadInputException("--from: the policy in " + policy
                        + " has no value output, which this algorithm needs: --algo reinforce and gpomdp do without");
            }
            return new Learner(before.policy(), before.network());
        }

        @Override
        public String words() {
            return "policy " + policy.toString();
        }
    }

    /**
     * A new adapter on all dense layers of a saved policy; the policy's own weights stay as they are.
     *
     * @param policy its folder
     * @param rank of the adapter; smaller where a layer is
     * @param alpha numerator of the scaling alpha/rank
     */
    record Adapter(Path policy, int rank, double alpha) implements Start {

        @Override
        public Learner learner(EnvironmentSpec spec, boolean value, Seeds seeds) {
            SavedPolicy before = SavedPolicies.open(policy);
            BaseModel base = BaseModel.of(before.network().graph());
            return onto(base, before.policy(), DenseAdapters.config(base, rank, alpha, value), seeds);
        }

        /** A policy that begins as another one and trains only an adapter. */
        static Learner onto(BaseModel base, Policy before, LoraConfig config, Seeds seeds) {
            AdaptedModel adapted = AdaptedModel.attach(
                    base,
                    config,
                    new FineTuneConfiguration.Builder()
                            .seed(seeds.seed(Purpose.POLICY, 0))
                            .updater(new Sgd(1))
                            .build());
            Policy policy = new Policy(
                    Approximators.of(adapted.graph()),
                    before.distribution(),
                    before.encoder().copy());
            double[] theta = policy.parameters();
            int free = before.distribution().freeParameters();
            double[] old = before.parameters();
            System.arraycopy(old, old.length - free, theta, theta.length - free, free);
            policy.setParameters(theta);
            return new Learner(policy, new SavedPolicy.Adapted(adapted));
        }

        @Override
        public String words() {
            return "adapter of rank " + rank + ", alpha " + alpha + ", on policy " + policy.toString();
        }
    }

    private static Learner of(ComputationGraph graph, ActionDistribution distribution, ObservationEncoder encoder) {
        return new Learner(new Policy(Approximators.of(graph), distribution, encoder), new SavedPolicy.Plain(graph));
    }
}
