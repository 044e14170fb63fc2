/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.environment.Space;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.ActionDistribution;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.FlatteningEncoder;
import org.amend4j.policy.MultiCategorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyFile;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.policy.SquashedGaussian;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/**
 * Saved policies, beside those of core's {@code PolicyKindsTest}: {@code policy} is the folder, {@code parameters.txt} θ, {@code
 * encoded.txt} what the encoder makes of an observation.
 */
enum GoldenPolicy {
    /** An adapter on a base, which is beside it. */
    ADAPTED {
        @Override
        SavedPolicy saved(Path folder) throws IOException {
            Path zip = folder.resolve(BASE);
            ModelSerializer.writeModel(
                    PolicyGraphs.mlp(PolicyGraphs.Mlp.of(4, 2).withHidden(3), 7), zip.toFile(), false);
            AdaptedModel model = AdaptedModel.attach(
                    BaseModel.open(zip),
                    LoraConfig.of(1, 2).withTargets(Targets.allLinear()).withTrainedInFull(PolicyGraphs.ACTION_HEAD),
                    GoldenAdapter.training());
            ParameterVectors.copyInto(
                    model.graph(), Golden.made((int) model.graph().numParams(), 31));
            Policy policy =
                    new Policy(Approximators.of(model.graph()), new Categorical(2), new ObservationEncoder.AsIs(4));
            return new SavedPolicy(policy, new SavedPolicy.Adapted(model), "Mine-v0");
        }

        @Override
        double[] observation() {
            return new double[] {0.5, -0.25, 1, 2};
        }
    },
    FLATTENING {
        @Override
        SavedPolicy saved(Path folder) {
            Map<String, Space> parts = new LinkedHashMap<>();
            parts.put("where", Space.Box.symmetric(1, 2));
            parts.put("what", Space.MultiDiscrete.of(2, 3));
            ObservationEncoder encoder = ObservationEncoder.normalising(new Space.Dict(parts));
            encoder.learn(new double[] {0.5, 1, 0, 2, -0.25, 0, 1, 1});
            return plain(MultiCategorical.of(2, 4), new FlatteningEncoder(List.of(encoder)), "Dict-v0");
        }

        @Override
        double[] observation() {
            return new double[] {0.3, -1, 1, 2};
        }
    },
    SQUASHED {
        @Override
        SavedPolicy saved(Path folder) {
            return plain(
                    SquashedGaussian.trained(Space.Box.symmetric(2, 1), 0.5, 0.25),
                    new ObservationEncoder.OneHot(3),
                    "Box-v0");
        }

        @Override
        double[] observation() {
            return new double[] {2};
        }
    };

    /** The base's zip. */
    static final String BASE = "base.zip";

    abstract SavedPolicy saved(Path folder) throws IOException;

    abstract double[] observation();

    String folder() {
        return "policies/" + name().toLowerCase(Locale.ROOT);
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        SavedPolicy saved = saved(folder);
        PolicyFile.write(folder.resolve("policy"), saved);
        Golden.write(folder.resolve("parameters.txt"), saved.policy().parameters());
        Golden.write(folder.resolve("encoded.txt"), encoded(saved));
    }

    double[] encoded(SavedPolicy saved) {
        double[] row = new double[saved.policy().encoder().size()];
        saved.policy().encoder().encode(observation(), row, 0);
        return row;
    }

    private static SavedPolicy plain(ActionDistribution distribution, ObservationEncoder encoder, String environment) {
        ComputationGraph graph = PolicyGraphs.mlp(
                PolicyGraphs.Mlp.of(encoder.size(), distribution.outputs()).withHidden(2), 7);
        return new SavedPolicy(
                new Policy(Approximators.of(graph), distribution, encoder), new SavedPolicy.Plain(graph), environment);
    }
}
