/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.identity.Facts;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.Precision;
import org.amend4j.random.SplitMix64;

/** Dense layers on top of each other, without a graph. */
final class DenseLayers {

    private DenseLayers() {}

    static Approximator network(List<DenseShape> layers, double[] theta) {
        requireFitting(layers);
        int inputs = layers.get(0).inputs();
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node("inputs", new Operation.Input(0), List.of(), Shape.features(inputs)));
        long at = 0;
        for (int k = 0; k < layers.size(); k++) {
            DenseShape layer = layers.get(k);
            nodes.add(new Node("layer" + k, product(layer, at), List.of(k), Shape.features(layer.outputs())));
            at += layer.parameters();
        }
        Network network = new Network(
                nodes,
                at,
                List.of(new Network.InputFormat(Shape.features(inputs), false, Network.Content.NUMBERS)),
                List.of(layers.size()));
        InputShape row = new InputShape.Row(inputs);
        Facts facts = Facts.of("Planned")
                .with("input", row)
                .with("precision", Precision.DOUBLE)
                .with("layers", layers);
        return new PlannedApproximator(network, row, facts, Precision.DOUBLE, theta, List.of(), unused -> {});
    }

    private static void requireFitting(List<DenseShape> layers) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a network needs at least 1 layer, got none");
        }
        for (int k = 1; k < layers.size(); k++) {
            int before = layers.get(k - 1).outputs();
            int inputs = layers.get(k).inputs();
            if (before != inputs) {
                throw new IllegalArgumentException("inputs must be the outputs of the layer before, " + before
                        + ", got " + inputs + " (layer " + k + ")");
            }
        }
    }

    private static Operation product(DenseShape layer, long at) {
        long weights = (long) layer.inputs() * layer.outputs();
        Optional<Values> bias =
                layer.bias() ? Optional.of(new Values.Slice(at + weights, layer.outputs())) : Optional.empty();
        Activation.Kind kind = Activation.Kind.valueOf(layer.activation().name());
        return new Operation.Product(
                new Values.Slice(at, weights), bias, Optional.empty(), Optional.empty(), Activation.of(kind));
    }

    private static int dimension(List<DenseShape> layers) {
        return layers.stream().mapToInt(DenseShape::parameters).reduce(0, Math::addExact);
    }

    static double[] zero(List<DenseShape> layers) {
        return new double[dimension(layers)];
    }

    static double[] random(List<DenseShape> layers, double lastGain, long seed) {
        Checks.positive("lastGain", lastGain);
        double[] theta = zero(layers);
        SplitMix64 random = new SplitMix64(seed);
        int at = 0;
        for (int k = 0; k < layers.size(); k++) {
            DenseShape layer = layers.get(k);
            double deviation = Math.sqrt(2.0 / (layer.inputs() + layer.outputs()));
            double scale = k == layers.size() - 1 ? lastGain * deviation : deviation;
            for (int w = 0; w < layer.inputs() * layer.outputs(); w++) {
                theta[at + w] = scale * random.nextGaussian();
            }
            at += layer.parameters();
        }
        return theta;
    }
}
