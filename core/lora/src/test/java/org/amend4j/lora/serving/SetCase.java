/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks for many adapters, data for them and adapters of random values. */
enum SetCase {
    DENSE(TestCase.DENSE, "out"),
    BRANCHING(TestCase.BRANCHING, "out_a"),
    CONVOLUTION(TestCase.NCHW, "out"),
    CONVOLUTION_CHANNELS_LAST(TestCase.NHWC, "norm"),
    RECURRENT(SetCase::recurrent, "out"),
    DENSE_ON_TIME_STEPS(SetCase::denseOnTimeSteps, "out"),
    ATTENTION(SetCase::attention, "out");

    private static final long SEED = 5;

    private final BiFunction<DataType, Long, ComputationGraph> network;
    private final BiFunction<DataType, Integer, MultiDataSet> data;
    private final String head;

    SetCase(TestCase test, String head) {
        this.network = test::network;
        this.data = (type, n) -> test.data(type, n, SEED);
        this.head = head;
    }

    SetCase(BiFunction<DataType, Long, ComputationGraph> network, String head) {
        this.network = network;
        this.data = (type, n) -> new MultiDataSet(
                new INDArray[] {TestNetworks.normal(type, new Random(SEED), n, 3, 6)},
                new INDArray[] {TestNetworks.oneHot(type, new Random(SEED), n, 3, 6)});
        this.head = head;
    }

    BaseModel base(DataType type) {
        return BaseModel.of(network.apply(type, SEED));
    }

    MultiDataSet data(DataType type, int examples) {
        return data.apply(type, examples);
    }

    /** Adapters on every weight that takes one. */
    AdaptedModel adapter(BaseModel base, int rank, long seed) {
        return adapter(base, LoraConfig.of(rank, 3).withTargets(Targets.regex(".*")), seed);
    }

    /** Adapters on every weight below a layer trained in full. */
    AdaptedModel withHead(BaseModel base, int rank, long seed) {
        return adapter(
                base, LoraConfig.of(rank, 3).withTargets(Targets.regex(".*")).withTrainedInFull(head), seed);
    }

    /** One with magnitudes, one with trained biases and, where every layer can, one with a bias on B. */
    Map<String, AdaptedModel> withSchemes(BaseModel base) {
        LoraConfig plain = LoraConfig.of(2, 3).withTargets(Targets.regex(".*"));
        Map<String, AdaptedModel> schemes = new LinkedHashMap<>();
        schemes.put("DoRA", adapter(base, plain.withDora(), 5));
        schemes.put("all biases", adapter(base, plain.withBias(BiasMode.ALL).withDora(), 6));
        schemes.put(
                "biases",
                adapter(
                        base,
                        LoraConfig.of(1, 3).withTargets(Targets.regex("out.*")).withBias(BiasMode.ALL),
                        7));
        if (this == DENSE || hasConvolutions()) {
            schemes.put("bias on B", adapter(base, plain.withBiasOnB(), 8));
        }
        return schemes;
    }

    boolean hasConvolutions() {
        return this == CONVOLUTION || this == CONVOLUTION_CHANNELS_LAST;
    }

    static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(SEED).build();
    }

    static AdaptedModel adapter(BaseModel base, LoraConfig config, long seed) {
        AdaptedModel model = AdaptedModel.attach(base, config, training(), Probe.none());
        INDArray parameters = model.graph().params();
        parameters.addi(TestNetworks.normal(parameters.dataType(), new Random(seed), parameters.shape())
                .muli(0.2));
        return model;
    }

    /** Rounding of outputs of order 1 after sums of at most a hundred terms of order 1, in a few layers. */
    static double rounding(DataType type) {
        return type == DataType.DOUBLE ? 1e-13 : 2e-5;
    }

    private static NeuralNetConfiguration.Builder settings(DataType type, long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(type)
                .biasInit(0.1)
                .updater(new Sgd(0.1));
    }

    private static ComputationGraph initialised(
            org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder builder) {
        ComputationGraph graph = new ComputationGraph(builder.setOutputs("out")
                .setInputTypes(InputType.recurrent(3, 6, RNNFormat.NCW))
                .build());
        graph.init();
        return graph;
    }

    private static LSTM lstm(int units) {
        return new LSTM.Builder().nOut(units).activation(Activation.TANH).build();
    }

    private static RnnOutputLayer output() {
        return new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    /** Two LSTMs below an output at every step. */
    private static ComputationGraph recurrent(DataType type, long seed) {
        return initialised(settings(type, seed)
                .graphBuilder()
                .addInputs("in")
                .addLayer("below", lstm(5), "in")
                .addLayer("above", lstm(4), "below")
                .addLayer("out", output(), "above"));
    }

    /** A dense layer that sees the steps of a sequence as rows. */
    private static ComputationGraph denseOnTimeSteps(DataType type, long seed) {
        return initialised(settings(type, seed)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "steps",
                        new DenseLayer.Builder()
                                .nOut(5)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("out", output(), "steps"));
    }

    /** A vertex with weights and several inputs. */
    private static ComputationGraph attention(DataType type, long seed) {
        return initialised(settings(type, seed)
                .graphBuilder()
                .addInputs("in")
                .addLayer("below", lstm(4), "in")
                .addVertex(
                        "attention",
                        new AttentionVertex.Builder()
                                .nInQueries(4)
                                .nInKeys(4)
                                .nInValues(3)
                                .nHeads(2)
                                .headSize(2)
                                .nOut(5)
                                .projectInput(true)
                                .build(),
                        "below",
                        "below",
                        "in")
                .addLayer("out", output(), "attention"));
    }

    /** All of them, in both types. */
    static List<Object[]> inBothTypes() {
        return java.util.Arrays.stream(values())
                .flatMap(one -> java.util.stream.Stream.of(
                        new Object[] {one, DataType.FLOAT}, new Object[] {one, DataType.DOUBLE}))
                .toList();
    }
}
