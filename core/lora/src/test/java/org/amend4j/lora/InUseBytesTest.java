/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.amend4j.internal.lora.SharedGraph;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Dense networks of sizes at which OpenBLAS's kernels tell calls apart: those for AVX-512 the order of the rows, those for AVX2 which way
 * round a product is made, all of them whether a long sum begins with a bias.
 */
@Tag("kernels")
class InUseBytesTest {

    /** Longer than the pieces in which OpenBLAS adds up: 256 to 512 numbers. */
    private static final int LONG = 700;

    /** Wider than {@code LoraOutput} keeps in C order in training, and narrower. */
    private static final int[] CLASSES = {3, 20};

    /** @param widths from the input to the last layer below the output */
    record Case(DataType type, int rows, List<Integer> widths, int classes) {

        ComputationGraph network() {
            NeuralNetConfiguration.Builder settings =
                    new NeuralNetConfiguration.Builder().seed(3).dataType(type).biasInit(0.1);
            ComputationGraphConfiguration.GraphBuilder builder =
                    settings.graphBuilder().addInputs("in");
            String below = "in";
            for (int i = 1; i < widths.size(); i++) {
                DenseLayer.Builder layer = new DenseLayer.Builder()
                        .nIn(widths.get(i - 1))
                        .nOut(widths.get(i))
                        .activation(Activation.TANH);
                builder.addLayer("dense_" + i, layer.build(), below);
                below = "dense_" + i;
            }
            OutputLayer.Builder output = new OutputLayer.Builder()
                    .nIn(widths.get(widths.size() - 1))
                    .nOut(classes)
                    .activation(Activation.SOFTMAX);
            ComputationGraph graph = new ComputationGraph(builder.addLayer("out", output.build(), below)
                    .setOutputs("out")
                    .build());
            graph.init();
            return graph;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(DataType.FLOAT, DataType.DOUBLE)
                .flatMap(type -> Stream.of(1, 2, 16, 33)
                        .flatMap(rows -> Stream.of(List.of(9, 16, 33), List.of(33, LONG, 20))
                                .flatMap(widths -> java.util.Arrays.stream(CLASSES)
                                        .mapToObj(classes -> new Case(type, rows, widths, classes)))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fresh_or_disabled_an_adapter_gives_the_bytes_of_the_base_and_so_does_a_graph_shared_by_none(Case test) {
        BaseModel base = BaseModel.of(test.network());
        INDArray x = TestNetworks.normal(
                test.type(), new Random(5), test.rows(), test.widths().get(0));
        INDArray expected = base.network().outputSingle(x).dup();
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(2, 2).withTargets(Targets.regex(".*")),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(7).build(),
                Probe.none());
        assertSame(expected, model.graph().outputSingle(x), "fresh");
        model.graph().params().addi(0.1);
        assertTrue(expected.sub(model.graph().outputSingle(x)).amaxNumber().doubleValue() > 1e-3);
        try (AdapterScope off = model.disable()) {
            assertSame(expected, model.graph().outputSingle(x), "disabled");
        }
        assertSame(expected, new SharedGraph(base, Set.of()).graph().outputSingle(x), "shared");
    }

    private static void assertSame(INDArray expected, INDArray actual, String how) {
        assertTrue(
                ArrayBytes.same(expected, actual),
                how + ": " + expected.sub(actual).amaxNumber());
    }
}
