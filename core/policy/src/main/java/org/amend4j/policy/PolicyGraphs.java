/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Ordinary Deeplearning4j graphs for policies. */
public final class PolicyGraphs {

    /** Name of the layer with the outputs that describe the distribution of actions. */
    public static final String ACTION_HEAD = "action";

    /** Name of the value's layer. */
    public static final String VALUE_HEAD = "value";

    static final String OBSERVATION = "observation";
    static final double SMALL = 0.01;

    private PolicyGraphs() {}

    /**
     * A multi-layer perceptron.
     *
     * @param observationSize numbers in a row of inputs, at least 1
     * @param hidden sizes of the hidden layers, each at least 1; without any, a linear map
     * @param activation of the hidden layers
     * @param outputs numbers that describe the distribution of actions, at least 1
     * @param value whether a second output gives a value, from the same hidden layers
     */
    @RecordBuilder
    public record Mlp(int observationSize, List<Integer> hidden, Activation activation, int outputs, boolean value)
            implements PolicyGraphsMlpBuilder.With {

        public Mlp {
            Checks.present("hidden", hidden);
            Checks.present("activation", activation);
            Checks.atLeast(1, "observation size", observationSize);
            hidden = List.copyOf(hidden);
            hidden.forEach(size -> Checks.atLeast(1, "size of a hidden layer", size));
            Checks.atLeast(1, "outputs", outputs);
        }

        /** Two hidden layers of 64 with tanh, no value. */
        public static Mlp of(int observationSize, int outputs) {
            return new Mlp(observationSize, List.of(64, 64), Activation.TANH, outputs, false);
        }

        /** One of {@link DenseActivation}'s functions, which plans compute. */
        public static Mlp of(
                int observationSize, List<Integer> hidden, DenseActivation activation, int outputs, boolean value) {
            return new Mlp(observationSize, hidden, Activation.valueOf(activation.name()), outputs, value);
        }

        public Mlp withHidden(Integer... sizes) {
            return withHidden(List.of(sizes));
        }

        public Mlp withValue() {
            return withValue(true);
        }
    }

    /**
     * The graph in DOUBLE, with biases 0 and normal weights of variance 2/(inputs + outputs) (Glorot and Bengio 2010); those
     * of the action head are a hundred times smaller, so that the policy begins nearly uniform. Equal seeds give equal
     * bytes. Layers are named hidden0, hidden1, ..., {@value #ACTION_HEAD} and {@value #VALUE_HEAD}.
     */
    public static ComputationGraph mlp(Mlp shape, long seed) {
        return mlp(shape, DataType.DOUBLE, seed);
    }

    /** As {@link #mlp(Mlp, long)} in another floating type; FLOAT trains but cannot be differenced. */
    public static ComputationGraph mlp(Mlp shape, DataType type, long seed) {
        GraphBuilder builder = builder(type, seed);
        String below = OBSERVATION;
        int inputs = shape.observationSize();
        double[] theta = {};
        SplitMix64 random = new SplitMix64(seed);
        for (int i = 0; i < shape.hidden().size(); i++) {
            int size = shape.hidden().get(i);
            builder.addLayer("hidden" + i, dense(inputs, size, shape.activation()), below);
            theta = appended(theta, glorot(inputs, size, 1, random));
            below = "hidden" + i;
            inputs = size;
        }
        List<String> outputs = new ArrayList<>(List.of(ACTION_HEAD));
        builder.addLayer(ACTION_HEAD, dense(inputs, shape.outputs(), Activation.IDENTITY), below);
        theta = appended(theta, glorot(inputs, shape.outputs(), SMALL, random));
        if (shape.value()) {
            outputs.add(VALUE_HEAD);
            builder.addLayer(VALUE_HEAD, dense(inputs, 1, Activation.IDENTITY), below);
            theta = appended(theta, glorot(inputs, 1, 1, random));
        }
        ComputationGraph graph = new ComputationGraph(
                builder.setOutputs(outputs.toArray(new String[0])).build());
        graph.init();
        GraphParameters.write(graph, theta);
        return graph;
    }

    /**
     * A graph in DOUBLE with separate hidden layers for the value, as many and as wide. Biases are 0; weights are orthogonal with the gain
     * √2, those of the action head with 0.01 and those of the value with 1, as Stable-Baselines3 begins. Equal seeds give equal bytes.
     * Layers are named as in {@link #mlp(Mlp, long)}, and the value's hidden ones value0, value1, ...
     */
    public static ComputationGraph actorAndCritic(Mlp shape, long seed) {
        return ActorAndCritic.of(shape, builder(DataType.DOUBLE, seed), seed);
    }

    /**
     * {@link #actorAndCritic} or {@link #mlp(Mlp, long)}.
     *
     * @param ownValue whether a value has hidden layers of its own
     */
    public static ComputationGraph of(Mlp shape, boolean ownValue, long seed) {
        return ownValue ? actorAndCritic(shape, seed) : mlp(shape, seed);
    }

    /** Whether a layer, by its name, computes the value alone: its head and, of {@link #actorAndCritic}, its hidden layers. */
    public static boolean isOfValue(String layer) {
        return layer.matches(VALUE_HEAD + "\\d*");
    }

    private static GraphBuilder builder(DataType type, long seed) {
        return new NeuralNetConfiguration.Builder()
                .dataType(type)
                .seed(seed)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs(OBSERVATION);
    }

    static DenseLayer dense(int inputs, int outputs, Activation activation) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(activation)
                .weightInit(WeightInit.ZERO)
                .build();
    }

    /** Weights and biases of one layer. */
    static double[] glorot(int inputs, int outputs, double gain, SplitMix64 random) {
        double[] layer = new double[inputs * outputs + outputs];
        double deviation = gain * Math.sqrt(2.0 / (inputs + outputs));
        for (int i = 0; i < inputs * outputs; i++) {
            layer[i] = deviation * random.nextGaussian();
        }
        return layer;
    }

    private static double[] appended(double[] first, double[] second) {
        double[] both = new double[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
