/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.random.SplitMix64;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Graphs that are chains of dense layers: one to four of them with one to twelve outputs, the last one in up to three heads in any
 * order, with and without biases, in both types, plain or with adapters, frozen layers and layers trained in full among them.
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

    private ComputationGraph chain() {
        ComputationGraph plain = plain();
        ApproximatorLaws.shake(GraphApproximator.of(plain, Approximators.shape(plain)), 0.5, random.nextLong());
        return random.nextInt(3) == 0 ? plain : adapted(plain);
    }

    private ComputationGraph plain() {
        GraphBuilder builder =
                Networks.builder(random.nextInt(2) == 0 ? DataType.DOUBLE : DataType.FLOAT, random.nextLong());
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

    private ComputationGraph adapted(ComputationGraph base) {
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
        ApproximatorLaws.shake(GraphApproximator.of(graph, Approximators.shape(graph)), 0.5, random.nextLong());
        return graph;
    }
}
