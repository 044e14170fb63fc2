/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.random.SplitMix64;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Small graphs without memory, in both types, plain or with adapters, frozen layers and layers trained in full among them. Chains of dense layers: one to four of them with one to twelve outputs, the last one in up to three heads in any
 * order, with and without biases. Others: connections past layers, or images in either layout.
 */
final class RandomGraphs {

    private static final List<Activation> FUNCTIONS =
            List.of(Activation.IDENTITY, Activation.TANH, Activation.SIGMOID, Activation.RELU);

    private final SplitMix64 random;
    private final List<String> names = new ArrayList<>();
    private final List<Integer> ranks = new ArrayList<>();

    private RandomGraphs(long seed) {
        this.random = new SplitMix64(seed);
    }

    static ComputationGraph chain(long seed) {
        return new RandomGraphs(seed).chain();
    }

    /** A graph, and what a row of inputs means to it. */
    record Shaped(ComputationGraph graph, InputShape shape) {}

    /** Layers with connections past them. */
    static Shaped residual(long seed) {
        return new RandomGraphs(seed).residual();
    }

    /** A convolution, perhaps pooling, and dense layers. */
    static Shaped convolutional(long seed, CNN2DFormat layout) {
        return new RandomGraphs(seed).convolutional(layout);
    }

    private ComputationGraph chain() {
        ComputationGraph plain = plain();
        return finished(plain, Approximators.shape(plain));
    }

    private ComputationGraph finished(ComputationGraph plain, InputShape shape) {
        ApproximatorLaws.shake(GraphApproximator.of(plain, shape), 0.5, random.nextLong());
        return random.nextInt(3) == 0 ? plain : adapted(plain, shape);
    }

    private DataType type() {
        return random.nextInt(2) == 0 ? DataType.DOUBLE : DataType.FLOAT;
    }

    private Shaped residual() {
        GraphBuilder builder = Networks.builder(type(), random.nextLong());
        int inputs = width();
        int width = width();
        ElementWiseVertex.Op how = random.nextInt(2) == 0 ? ElementWiseVertex.Op.Add : ElementWiseVertex.Op.Product;
        builder.addLayer(name("first", inputs, width), dense(inputs, width, function()), "in")
                .addLayer(name("second", width, width), dense(width, width, function()), "first")
                .addVertex("past", new ElementWiseVertex(how), "first", "second")
                .addVertex("both", new MergeVertex(), "past", "in")
                .addLayer(name("last", width + inputs, 3), dense(width + inputs, 3, function()), "both")
                .addLayer(name("early", width, 2), dense(width, 2, function()), "past");
        InputShape shape = new InputShape.Row(inputs);
        return new Shaped(finished(Networks.initialised(builder.setOutputs("early", "last")), shape), shape);
    }

    private Shaped convolutional(CNN2DFormat layout) {
        int channels = 1 + random.nextInt(3);
        int filters = 1 + random.nextInt(4);
        GraphBuilder builder = Networks.builder(type(), random.nextLong())
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 2)
                                .nOut(filters)
                                .activation(function())
                                .build(),
                        "in");
        names.add("conv");
        ranks.add(1);
        String below = "conv";
        if (random.nextInt(2) == 0) {
            builder.addLayer("pool", new SubsamplingLayer.Builder(2, 2).build(), "conv");
            below = "pool";
        }
        builder.addLayer("body", Networks.dense(4, function()), below)
                .addLayer("action", Networks.dense(3, Activation.IDENTITY), "body")
                .addLayer("value", Networks.dense(1, Activation.IDENTITY), "body");
        names.addAll(List.of("body", "action"));
        ranks.addAll(List.of(1 + random.nextInt(3), 1 + random.nextInt(3)));
        ComputationGraph plain = Networks.initialised(
                builder.setOutputs("action", "value").setInputTypes(InputType.convolutional(6, 5, channels, layout)));
        InputShape shape = layout == CNN2DFormat.NCHW
                ? new InputShape.Image(channels, 6, 5)
                : new InputShape.Image(6, 5, channels);
        return new Shaped(finished(plain, shape), shape);
    }

    private ComputationGraph plain() {
        GraphBuilder builder = Networks.builder(type(), random.nextLong());
        int inputs = width();
        String below = "in";
        int hidden = random.nextInt(4);
        for (int i = 0; i < hidden; i++) {
            int outputs = width();
            builder.addLayer(name("hidden" + i, inputs, outputs), dense(inputs, outputs, function()), below);
            below = "hidden" + i;
            inputs = outputs;
        }
        List<String> heads = new ArrayList<>();
        Activation function = function();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int outputs = width();
            builder.addLayer(name("head" + i, inputs, outputs), dense(inputs, outputs, function), below);
            heads.add(random.nextInt(heads.size() + 1), "head" + i);
        }
        return Networks.initialised(builder.setOutputs(heads.toArray(String[]::new)));
    }

    private int width() {
        return 1 + random.nextInt(12);
    }

    private Activation function() {
        return FUNCTIONS.get(random.nextInt(FUNCTIONS.size()));
    }

    private String name(String name, int inputs, int outputs) {
        names.add(name);
        ranks.add(1 + random.nextInt(Math.min(inputs, outputs)));
        return name;
    }

    private DenseLayer dense(int inputs, int outputs, Activation function) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(function)
                .hasBias(random.nextInt(3) > 0)
                .build();
    }

    private ComputationGraph adapted(ComputationGraph base, InputShape shape) {
        List<String> targets = new ArrayList<>();
        List<String> inFull = new ArrayList<>();
        LoraConfig config = LoraConfig.of(1, 1.5);
        for (int i = 0; i < names.size(); i++) {
            int choice = i == 0 ? 0 : random.nextInt(3);
            if (choice == 0) {
                targets.add(names.get(i));
                config = config.withRankPattern(names.get(i), ranks.get(i));
            } else if (choice == 1) {
                inFull.add(names.get(i));
            }
        }
        ComputationGraph graph = AdaptedModel.attach(
                        BaseModel.of(base),
                        config.withTargets(targets.toArray(String[]::new))
                                .withTrainedInFull(inFull.toArray(String[]::new)),
                        new FineTuneConfiguration.Builder().updater(new Sgd(1)).build())
                .graph();
        ApproximatorLaws.shake(GraphApproximator.of(graph, shape), 0.5, random.nextLong());
        return graph;
    }
}
