/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.clipped.HostClippedSums;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.RandomImageGraph;
import org.amend4j.testkit.RandomSequenceGraph;
import org.amend4j.testkit.RandomWordsGraph;
import org.amend4j.testkit.SmallNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A graph whose layers would have a pass for each record has its clipped gradients summed up by a plan. */
class HostClippedSumsTest {

    /** Below every norm: no plan computes with it. */
    private static final double TINY = 1e-200;

    private record Example(String name, ComputationGraph graph, Records records) {

        static Example of(String name, ComputationGraph graph, MultiDataSet data) {
            int n = (int) data.getFeatures(0).size(0);
            long[] subjects = LongStream.range(0, n).map(k -> k * k % 4).toArray();
            return new Example(name, graph, Records.of(data).ownedBy(subjects));
        }

        GraphObjective plain() {
            return GraphObjective.of(graph, records).withChunk(2).withWeightDecay(0.1);
        }

        /** Some are clipped, some are not. */
        List<Clipping> clippings() {
            GraphObjective plain = plain().withWeightDecay(0).withNormaliser(1);
            double norm = Agreement.norm(gradient(plain.restrictedTo(RecordIds.of(0)), plain.parameters()));
            return List.of(Clipping.perRecord(norm), Clipping.perSubject(norm));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static ComputationGraph convolution(DataType type) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(2)
                .dataType(type)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(7, 6, 2))
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(5)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("out", SmallNetworks.output(100, 3, LossFunction.MCXENT, Activation.SOFTMAX), "conv")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static Example convolutionExample(DataType type) {
        int records = 9;
        Nd4j.getRandom().setSeed(4);
        INDArray labels = Nd4j.zeros(type, records, 3);
        IntStream.range(0, records).forEach(k -> labels.putScalar(k, k * k % 3, 1));
        MultiDataSet data = new MultiDataSet(Nd4j.randn(type, records, 2, 7, 6), labels);
        return Example.of("a convolution in " + type, convolution(type), data);
    }

    static Stream<Example> examples() {
        return Stream.of(
                        Stream.of(convolutionExample(DataType.DOUBLE)),
                        LongStream.range(0, Exhaustive.times(4, 12)).mapToObj(seed -> {
                            RandomImageGraph random = RandomImageGraph.of(seed);
                            return Example.of("image seed " + seed, random.graph(), random.data());
                        }),
                        LongStream.range(0, Exhaustive.times(4, 12)).mapToObj(seed -> {
                            RandomSequenceGraph random = RandomSequenceGraph.of(seed);
                            return Example.of("sequence seed " + seed, random.graph(), random.data());
                        }),
                        LongStream.range(0, Exhaustive.times(6, 20)).mapToObj(seed -> {
                            RandomWordsGraph random = RandomWordsGraph.of(seed);
                            return Example.of("words seed " + seed, random.graph(), random.data());
                        }))
                .flatMap(some -> some);
    }

    private static double[] gradient(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }

    /** Activations in double agree to 1e-8 at least, as unclipped gradients of plans do. */
    @ParameterizedTest
    @MethodSource("examples")
    void whoever_sums_up_a_clipped_mean_is_as_defined(Example example) {
        GraphObjective plain = example.plain();
        for (Clipping clipping : example.clippings()) {
            Agreement.assertAgree(
                    ClippedByDefinition.of(plain, example.records(), clipping),
                    plain.clipped(clipping),
                    plain.parameters(),
                    1e-8,
                    clipping.toString());
        }
    }

    /** A rewind follows the records that are left, whoever was there before. */
    @ParameterizedTest
    @MethodSource("examples")
    void what_is_left_of_the_records_has_the_bits_of_itself_alone(Example example) {
        RecordIds left = RecordIds.of(
                example.records().ids().stream().filter(id -> id % 3 != 1).toArray());
        GraphObjective plain = example.plain();
        GraphObjective alone =
                new Example("", example.graph(), example.records().only(left)).plain();
        double[] theta = plain.parameters();
        for (Clipping clipping : example.clippings()) {
            RecordObjective subset = plain.clipped(clipping).restrictedTo(left);
            assertArrayEquals(gradient(alone.clipped(clipping), theta), gradient(subset, theta));
            assertArrayEquals(gradient(subset, theta), gradient(subset, theta));
            assertEquals(alone.clipped(clipping).settingsFingerprint(), subset.settingsFingerprint());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void convolutions_are_a_plans(DataType type) {
        Example example = convolutionExample(type);
        assertTrue(new HostClippedSums()
                .on(example.graph(), example.records(), Clipping.perRecord(1))
                .isPresent());
        assertTrue(new HostClippedSums()
                .on(example.graph(), example.records(), Clipping.perRecord(TINY))
                .isEmpty());
    }
}
