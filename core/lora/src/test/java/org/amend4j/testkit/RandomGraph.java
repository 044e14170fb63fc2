/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small random feed-forward graph with data: one to four dense layers of random widths and smooth activations, residual
 * sums where widths allow, one of three losses, with or without biases; half of the graphs are adapted, with the
 * adapters' B moved away from zero.
 *
 * @param graph in double, all parameters nowhere near a kink
 * @param data a few examples
 */
public record RandomGraph(ComputationGraph graph, MultiDataSet data) {

    private static final List<Activation> SMOOTH =
            List.of(Activation.TANH, Activation.SIGMOID, Activation.SOFTPLUS, Activation.IDENTITY);

    /** The graph of a seed; equal seeds give equal bytes. */
    public static RandomGraph of(long seed) {
        return of(seed, seed % 2 == 0);
    }

    /** The graph of a seed, adapted or plain. */
    public static RandomGraph of(long seed, boolean adapted) {
        Random random = new Random(seed);
        int inputs = 1 + random.nextInt(6);
        int outputs = 2 + random.nextInt(4);
        int examples = 2 + random.nextInt(12);
        ComputationGraph plain = plain(random, seed, inputs, outputs);
        LossFunction loss = lossOf(plain);
        INDArray features = TestNetworks.normal(DataType.DOUBLE, random, examples, inputs);
        INDArray labels = loss == LossFunction.MSE
                ? TestNetworks.normal(DataType.DOUBLE, random, examples, outputs)
                : TestNetworks.oneHot(DataType.DOUBLE, random, examples, outputs, 0);
        ComputationGraph graph = adapted ? adapted(plain, random) : plain;
        return new RandomGraph(graph, new MultiDataSet(new INDArray[] {features}, new INDArray[] {labels}));
    }

    private static ComputationGraph plain(Random random, long seed, int inputs, int outputs) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(DataType.DOUBLE)
                .weightInit(WeightInit.XAVIER)
                .biasInit(0.1)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in");
        String below = "in";
        int width = inputs;
        for (int k = 0; k < random.nextInt(4); k++) {
            int next = random.nextBoolean() ? width : 1 + random.nextInt(6);
            String name = "dense_" + k;
            builder.addLayer(
                    name,
                    new DenseLayer.Builder()
                            .nIn(width)
                            .nOut(next)
                            .hasBias(random.nextInt(4) > 0)
                            .activation(SMOOTH.get(random.nextInt(SMOOTH.size())))
                            .build(),
                    below);
            if (next == width && !below.equals("in") && random.nextBoolean()) {
                builder.addVertex("sum_" + k, new ElementWiseVertex(ElementWiseVertex.Op.Add), name, below);
                name = "sum_" + k;
            }
            below = name;
            width = next;
        }
        LossFunction loss = List.of(LossFunction.MCXENT, LossFunction.MSE, LossFunction.XENT)
                .get(random.nextInt(3));
        Activation activation = switch (loss) {
            case MCXENT -> Activation.SOFTMAX;
            case XENT -> Activation.SIGMOID;
            default -> Activation.IDENTITY;
        };
        OutputLayer output = new OutputLayer.Builder(loss)
                .nIn(width)
                .nOut(outputs)
                .hasBias(random.nextInt(4) > 0)
                .activation(activation)
                .build();
        ComputationGraph graph = new ComputationGraph(
                builder.addLayer("out", output, below).setOutputs("out").build());
        graph.init();
        return graph;
    }

    private static LossFunction lossOf(ComputationGraph graph) {
        OutputLayer output = (OutputLayer) graph.getLayer("out").conf().getLayer();
        return switch (output.getLossFn().getClass().getSimpleName()) {
            case "LossMCXENT" -> LossFunction.MCXENT;
            case "LossMSE" -> LossFunction.MSE;
            default -> LossFunction.XENT;
        };
    }

    private static ComputationGraph adapted(ComputationGraph plain, Random random) {
        List<String> targets = new ArrayList<>();
        List<String> inFull = new ArrayList<>();
        for (var layer : plain.getLayers()) {
            String name = layer.conf().getLayer().getLayerName();
            switch (random.nextInt(3)) {
                case 0 -> targets.add(name);
                case 1 -> inFull.add(name);
                default -> {}
            }
        }
        if (targets.isEmpty()) {
            targets.add("out");
            inFull.remove("out");
        }
        LoraConfig config = LoraConfig.of(1, 0.5 + random.nextDouble())
                .withTargets(Targets.names(targets.toArray(String[]::new)))
                .withTrainedInFull(inFull.toArray(String[]::new));
        ComputationGraph graph = AdaptedModel.attach(
                        BaseModel.of(plain),
                        config,
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.1))
                                .build())
                .graph();
        graph.params()
                .addi(TestNetworks.normal(
                                DataType.DOUBLE, random, graph.params().shape())
                        .muli(0.3));
        return graph;
    }
}
