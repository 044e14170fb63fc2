/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.amend4j.internal.digest.Sha256;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/** Describes which function of its parameters and inputs a graph computes. */
public final class GraphStructure {

    /** What a layer says of how it begins and trains. */
    private static final Set<String> TRAINING = Set.of(
            "biasInit",
            "biasUpdater",
            "constraints",
            "forgetGateBiasInit",
            "gainInit",
            "gradientNormalization",
            "gradientNormalizationThreshold",
            "iupdater",
            "regularization",
            "regularizationBias",
            "weightInitFn",
            "weightInitFnRecurrent");

    /** What stands around a layer, apart from its type. */
    private static final Set<String> AROUND = Set.of(
            "cacheMode",
            "epochCount",
            "iterationCount",
            "maxNumLineSearchIterations",
            "miniBatch",
            "minimize",
            "optimizationAlgo",
            "seed",
            "stepFunction",
            "variables");

    private GraphStructure() {}

    /**
     * SHA-256 of inputs, outputs and, in the order of the parameter vector, each vertex's name, inputs and configuration without what
     * only initialises and trains it. Equal digests compute the same from equal parameters; layers on a base name the base.
     */
    public static String digest(ComputationGraphConfiguration configuration) {
        MessageDigest digest = Sha256.start();
        strings(digest, configuration.getNetworkInputs());
        strings(digest, configuration.getNetworkOutputs());
        for (String name : configuration.getTopologicalOrderStr()) {
            GraphVertex vertex = configuration.getVertices().get(name);
            if (vertex != null) {
                string(digest, name);
                strings(
                        digest,
                        Objects.requireNonNull(configuration.getVertexInputs().get(name), name));
                string(digest, json(vertex));
            }
        }
        return Sha256.hex(digest);
    }

    private static String json(GraphVertex vertex) {
        try {
            ObjectNode tree = (ObjectNode) NeuralNetConfiguration.mapper().readTree(Configurations.json(vertex));
            tree.remove("outputVertex");
            if (tree.get("layerConf") instanceof ObjectNode around) {
                around.remove(AROUND);
            }
            removeTraining(tree);
            return tree.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void removeTraining(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(TRAINING);
        }
        node.forEach(GraphStructure::removeTraining);
    }

    private static void strings(MessageDigest digest, List<String> values) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(values.size()).flip());
        values.forEach(value -> string(digest, value));
    }

    private static void string(MessageDigest digest, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }
}
