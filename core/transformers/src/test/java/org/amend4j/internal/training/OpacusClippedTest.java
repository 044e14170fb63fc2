/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.SequencePooling;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Norms of records and a clipped gradient of Opacus, over a table of words and a convolution, by a plan and by the graph. */
class OpacusClippedTest {

    private static final int RECORDS = 6;
    private static final int LENGTH = 5;

    /** Sums of at most 50 terms in double, and 1e-12 that weights allow for. */
    private static final double ROUNDING = 1e-11;

    private JsonNode golden = new JsonMapper().createObjectNode();

    @BeforeEach
    void read() throws IOException {
        try (InputStream file = Objects.requireNonNull(getClass().getResourceAsStream("opacus/clipped.json"))) {
            golden = new JsonMapper().readTree(file);
        }
    }

    private static double[] numbers(JsonNode node) {
        return node.isArray()
                ? StreamSupport.stream(node.spliterator(), false)
                        .flatMapToDouble(item -> Arrays.stream(numbers(item)))
                        .toArray()
                : new double[] {node.asDouble()};
    }

    private ComputationGraph graph() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("words", "pictures")
                .addLayer(
                        "table",
                        new TransformerEmbedding.Builder().nIn(7).nOut(4).build(),
                        "words")
                .addVertex("mean", new SequencePooling(Pooling.MEAN), "table", "words")
                .addLayer(
                        "convolution",
                        new ConvolutionLayer.Builder(3, 3)
                                .stride(2, 2)
                                .nIn(2)
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "pictures")
                .addVertex("flat", new PreprocessorVertex(new CnnToFeedForwardPreProcessor(2, 2, 3)), "convolution")
                .addVertex("both", new MergeVertex(), "mean", "flat")
                .addLayer("out", SmallNetworks.output(16, 3, LossFunction.MCXENT, Activation.SOFTMAX), "both")
                .setOutputs("out")
                .build());
        graph.init();
        JsonNode parameters = golden.get("parameters");
        table(graph).assign(array(parameters.get("table.weight"), 7, 4));
        parameter(graph, "convolution", "W").assign(array(parameters.get("convolution.weight"), 3, 2, 3, 3));
        parameter(graph, "convolution", "b").assign(array(parameters.get("convolution.bias"), 1, 3));
        parameter(graph, "out", "W")
                .assign(array(parameters.get("out.weight"), 3, 16).transpose());
        parameter(graph, "out", "b").assign(array(parameters.get("out.bias"), 1, 3));
        return graph;
    }

    private static INDArray parameter(ComputationGraph graph, String layer, String key) {
        return graph.getLayer(layer).getParam(key);
    }

    private static INDArray table(ComputationGraph graph) {
        return parameter(graph, "table", TransformerEmbedding.WORDS);
    }

    private static INDArray array(JsonNode node, long... shape) {
        return Nd4j.createFromArray(numbers(node)).reshape('c', shape);
    }

    private Records records() {
        INDArray words = Nd4j.zeros(DataType.DOUBLE, RECORDS, 2, LENGTH);
        double[] ids = numbers(golden.get("words"));
        double[] counts = numbers(golden.get("counts"));
        for (int k = 0; k < ids.length; k++) {
            words.putScalar(new int[] {k / LENGTH, 0, k % LENGTH}, ids[k]);
            words.putScalar(new int[] {k / LENGTH, 1, k % LENGTH}, counts[k]);
        }
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, RECORDS, 3);
        double[] classes = numbers(golden.get("labels"));
        IntStream.range(0, RECORDS).forEach(k -> labels.putScalar(k, (int) classes[k], 1));
        INDArray pictures = array(golden.get("pictures"), RECORDS, 2, 6, 6);
        return Records.of(new MultiDataSet(new INDArray[] {words, pictures}, new INDArray[] {labels}));
    }

    private void requireOpacus(RecordObjective clipped, ComputationGraph graph, String kind, double tolerance) {
        double[] gradient = new double[clipped.dimension()];
        clipped.valueAndGradient(ParameterVectors.of(graph), gradient);
        ComputationGraph as = graph.clone();
        ParameterVectors.copyInto(as, gradient);
        JsonNode expected = golden.get(kind);
        requireSame(expected.get("table.weight"), table(as), tolerance);
        requireSame(expected.get("convolution.weight"), parameter(as, "convolution", "W"), tolerance);
        requireSame(expected.get("convolution.bias"), parameter(as, "convolution", "b"), tolerance);
        requireSame(expected.get("out.weight"), parameter(as, "out", "W").transpose(), tolerance);
        requireSame(expected.get("out.bias"), parameter(as, "out", "b"), tolerance);
    }

    private static void requireSame(JsonNode expected, INDArray found, double tolerance) {
        assertArrayEquals(numbers(expected), ParameterVectors.of(found), tolerance);
    }

    @Test
    void a_plan_and_a_graph_have_the_clipped_gradient_of_opacus() {
        ComputationGraph graph = graph();
        Records records = records();
        Clipping clipping = Clipping.perRecord(golden.get("bound").asDouble());
        GraphObjective plain = GraphObjective.of(graph, records).withNormaliser(1);
        PlanSettings wide = PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE);
        try (HostMachine machine = HostMachine.open(2);
                PlannedObjective plan = PlannedObjective.of(machine, graph, records, wide)) {
            assertTrue(plan.network().hasGradientsOfExamples()
                    && plan.network().opaque().isEmpty());
            for (RecordObjective clipped :
                    new RecordObjective[] {plan.withNormaliser(1).clipped(clipping), plain.clipped(clipping)}) {
                requireOpacus(clipped, graph, "clipped", ROUNDING);
                // it divides by the norm plus 1e-6, of six records
                requireOpacus(clipped, graph, "ghost", RECORDS * 1e-6);
            }
        }
    }

    /** Bounds of norms are up to 1e-4 above them, as 13 roundings of inner products cost 13·2⁻²⁵·(S/n)², S/n up to 15. */
    @Test
    void in_single_precision_it_is_that_on_every_machine() {
        ComputationGraph graph = graph();
        double bound = golden.get("bound").asDouble();
        try (Machine machine = LawMachines.plain();
                PlannedObjective plan = PlannedObjective.of(machine, graph, records(), PlanSettings.DEFAULT)) {
            RecordObjective clipped = plan.withNormaliser(1).clipped(Clipping.perRecord(bound));
            requireOpacus(clipped, graph, "clipped", RECORDS * bound * (Agreement.SINGLE + 1e-4));
        }
    }

    @Test
    void norms_of_records_are_those_of_opacus() {
        ComputationGraph graph = graph();
        double[] norms = numbers(golden.get("norms"));
        GraphObjective plain = GraphObjective.of(graph, records()).withNormaliser(1);
        double[] gradient = new double[plain.dimension()];
        for (int record = 0; record < RECORDS; record++) {
            RecordObjective clipped = plain.clipped(Clipping.perRecord(norms[record] * (1 - 1e-9)));
            clipped.restrictedTo(RecordIds.of(record)).valueAndGradient(plain.parameters(), gradient);
            double share = Agreement.norm(gradient);
            assertTrue(share < norms[record] * (1 - 0.9e-9), "clipped just below its norm: " + share);
            plain.restrictedTo(RecordIds.of(record)).valueAndGradient(plain.parameters(), gradient);
            assertTrue(Math.abs(Agreement.norm(gradient) - norms[record]) <= ROUNDING, "record " + record);
        }
    }
}
