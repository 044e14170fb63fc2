/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.DifferentGraphException;
import org.amend4j.probe.Probe;
import org.amend4j.probe.ProbeReport;
import org.amend4j.probe.Probes;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.shade.jackson.annotation.JsonIgnore;

/** Attaching and loading show that the graph computes what the base computes, or refuse. */
class AttachProbeTest {

    private static final long SEED = 3;

    /** A user's vertex with a property that neither its clone nor its JSON knows, so that no copy has it. */
    public static final class SecretScale extends ScaleVertex {

        private static final long serialVersionUID = 1L;

        @JsonIgnore
        private final transient double secret;

        public SecretScale() {
            this(1);
        }

        SecretScale(double secret) {
            super(1);
            this.secret = secret;
        }

        @Override
        public ScaleVertex clone() {
            return new SecretScale();
        }

        @Override
        public GraphVertex instantiate(
                ComputationGraph graph, String name, int index, INDArray params, boolean init, DataType type) {
            return new ScaleVertex(secret).instantiate(graph, name, index, params, init, type);
        }
    }

    private static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder()
                .updater(new Adam(0.01))
                .seed(SEED)
                .build();
    }

    /** The seed keeps models apart that differ in nothing that a base model could know them by. */
    private static ComputationGraph network(double first, double second) {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(Double.hashCode(first) + 31L * Double.hashCode(second))
                .dataType(DataType.DOUBLE)
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .addLayer("below", new DenseLayer.Builder().nOut(4).build(), "in")
                .addVertex("first", new SecretScale(first), "below")
                .addLayer("middle", new DenseLayer.Builder().nOut(4).build(), "first")
                .addVertex("second", new SecretScale(second), "middle")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "second")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(5))
                .build());
        network.init();
        return network;
    }

    private static AdaptedModel attach(ComputationGraph network, Probe probe, String... targets) {
        return AdaptedModel.attach(BaseModel.of(network), LoraConfig.of(2, 4).withTargets(targets), training(), probe);
    }

    @ParameterizedTest
    @ValueSource(strings = {"below", "middle", "out"})
    void a_vertex_that_its_copy_changed_is_refused_by_name_whatever_is_adapted(String target) {
        ComputationGraph network = network(1, 3);
        INDArray before = network.params().dup();
        DifferentGraphException refused =
                assertThrows(DifferentGraphException.class, () -> attach(network, Probe.automatic(), target));
        assertEquals("second", refused.vertex());
        assertTrue(refused.getMessage().contains("'second' (ScaleVertex)"), refused.getMessage());
        assertTrue(refused.getMessage().contains("Probe.none()"), refused.getMessage());
        assertTrue(ArrayBytes.same(before, network.params()));
    }

    @Test
    void of_two_wrong_vertices_the_first_is_named_however_small_its_difference() {
        ComputationGraph network = network(1 + 1e-9, 1000);
        DifferentGraphException refused =
                assertThrows(DifferentGraphException.class, () -> attach(network, Probe.automatic(), "out"));
        assertEquals("first", refused.vertex());
    }

    @Test
    void the_numbers_in_the_refusal_are_the_vertexs_own() {
        ComputationGraph network = network(3, 1);
        INDArray rows = TestNetworks.normal(DataType.DOUBLE, new Random(SEED), 1, 5);
        INDArray below = network.feedForward(rows, false).get("below");
        int widest = Nd4j.argMax(below.mul(below), 1).getInt(0);
        String message = assertThrows(DifferentGraphException.class, () -> attach(network, Probe.of(rows), "out"))
                .getMessage();
        double value = below.getDouble(0, widest);
        assertTrue(message.contains("gives " + (float) value + " at [0, " + widest + "] "), message);
        assertTrue(message.contains("the base's gives " + (float) (3 * value) + " "), message);
    }

    @Test
    void who_declines_gets_the_graph_and_the_report_says_so() {
        AdaptedModel model = attach(network(1, 3), Probe.none(), "out");
        assertInstanceOf(ProbeReport.Declined.class, model.probed());
        assertEquals("not probed: the caller declined", model.probed().sentence());
    }

    @ParameterizedTest
    @EnumSource
    void adapters_of_every_kind_pass_on_made_up_rows_and_on_given_ones(TestCase test) {
        ComputationGraph network = test.network(DataType.FLOAT, SEED);
        AdaptedModel model = attach(network, Probe.automatic(), test.targets());
        ProbeReport.Agreed made = assertInstanceOf(ProbeReport.Agreed.class, model.probed());
        assertEquals(network.getConfiguration().getVertices().size(), made.vertices());
        MultiDataSet data = test.data(DataType.FLOAT, 3, SEED);
        ProbeReport given =
                attach(network, Probe.of(data.getFeatures()), test.targets()).probed();
        assertInstanceOf(ProbeReport.Agreed.class, given);
        assertTrue(given.sentence().contains("in [3, ") || given.sentence().contains("left [3, 4]"), given.sentence());
    }

    @Test
    void masks_of_a_data_set_go_through_both_graphs() {
        ComputationGraph network = TestCase.SEQUENCE.network(DataType.DOUBLE, SEED);
        MultiDataSet data = TestCase.SEQUENCE.data(DataType.DOUBLE, 3, SEED);
        INDArray mask = Nd4j.ones(DataType.DOUBLE, 3, 8);
        mask.getRow(1).get(org.nd4j.linalg.indexing.NDArrayIndex.interval(4, 8)).assign(0);
        data.setFeaturesMaskArrays(new INDArray[] {mask});
        AdaptedModel model = attach(network, Probe.of(data), TestCase.SEQUENCE.targets());
        assertInstanceOf(ProbeReport.Agreed.class, model.probed());
        INDArray plain = network.output(data.getFeatures())[0];
        assertTrue(ArrayBytes.same(plain, network.output(data.getFeatures())[0]), "the mask stays in no network");
        try (AdapterScope off = model.disable()) {
            assertEquals(0, plain.distance2(model.graph().output(data.getFeatures())[0]), 1e-12);
        }
    }

    @Test
    void rows_that_the_base_does_not_take_are_refused_with_its_reason() {
        ComputationGraph network = TestCase.BRANCHING.network(DataType.DOUBLE, SEED);
        INDArray left = Nd4j.ones(DataType.DOUBLE, 2, 4);
        String message = assertThrows(IllegalArgumentException.class, () -> attach(network, Probe.of(left), "l"))
                .getMessage();
        assertEquals("the base does not take the probe: it has 2 inputs [left, right] and was given 1", message);
        message = assertThrows(IllegalArgumentException.class, () -> attach(network, Probe.of(left, left), "l"))
                .getMessage();
        assertTrue(message.startsWith("the base does not take the probe: vertex 'r' fails: "), message);
    }

    @ParameterizedTest
    @EnumSource
    void a_probe_leaves_no_trace_in_what_is_trained_afterwards(TestCase test) {
        List<INDArray> trained = new ArrayList<>();
        List<Double> next = new ArrayList<>();
        for (Probe probe : List.of(Probe.none(), Probe.automatic())) {
            ComputationGraph network = test.network(DataType.DOUBLE, SEED);
            Nd4j.getRandom().setSeed(SEED);
            AdaptedModel model = attach(network, probe, test.targets());
            next.add(Nd4j.getRandom().nextDouble());
            INDArray base = network.params().dup();
            for (int step = 0; step < 3; step++) {
                model.graph().fit(test.data(DataType.DOUBLE, 4, SEED));
            }
            trained.add(model.graph().params().dup());
            assertTrue(ArrayBytes.same(base, network.params()));
        }
        assertTrue(ArrayBytes.same(trained.get(0), trained.get(1)));
        assertEquals(next.get(0), next.get(1));
    }

    @Test
    void several_threads_may_attach_to_one_base_at_once() {
        ComputationGraph network = TestCase.NCHW.network(DataType.DOUBLE, SEED);
        List<ProbeReport> reports = IntStream.range(0, 24)
                .parallel()
                .mapToObj(i -> attach(network, Probe.automatic(), TestCase.NCHW.targets())
                        .probed())
                .toList();
        reports.forEach(report -> assertEquals(reports.get(0), report));
        assertInstanceOf(ProbeReport.Agreed.class, reports.get(0));
    }

    @Test
    void inputs_and_labels_can_be_set_by_hand_before_and_after() {
        ComputationGraph network = TestCase.BRANCHING.network(DataType.DOUBLE, SEED);
        MultiDataSet data = TestCase.BRANCHING.data(DataType.DOUBLE, 3, SEED);
        network.setInputs(data.getFeatures());
        AdaptedModel model = attach(network, Probe.automatic(), "l");
        assertSame(data.getFeatures(1), network.getInput(1));
        for (ComputationGraph graph : List.of(network, model.graph())) {
            graph.setInputs(data.getFeatures());
            graph.setLabel(0, data.getLabels(0));
            graph.setLabel(1, data.getLabels(1));
            graph.computeGradientAndScore();
        }
        assertEquals(network.score(), model.graph().score(), 1e-12);
    }

    @Test
    void what_is_loaded_is_probed_with_its_adapters_off_and_keeps_them(@TempDir Path folder) throws Exception {
        ComputationGraph network = TestCase.DENSE.network(DataType.DOUBLE, SEED);
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                LoraConfig.of(2, 4).withTargets("dense_1").withTrainedInFull("out"),
                training());
        model.graph().fit(TestCase.DENSE.data(DataType.DOUBLE, 4, SEED));
        model.save(folder);
        AdaptedModel loaded = AdaptedModel.load(model.base(), folder, training());
        assertInstanceOf(ProbeReport.Agreed.class, loaded.probed());
        assertTrue(ArrayBytes.same(model.graph().params(), loaded.graph().params()));
    }

    @Test
    void who_declined_at_training_can_decline_at_loading(@TempDir Path folder) throws Exception {
        AdaptedModel model = attach(network(1, 5), Probe.none(), "out");
        model.save(folder);
        assertThrows(DifferentGraphException.class, () -> AdaptedModel.load(model.base(), folder, training()));
        AdaptedModel loaded = AdaptedModel.load(model.base(), folder, training(), Probe.none());
        assertTrue(ArrayBytes.same(model.graph().params(), loaded.graph().params()));
    }

    /** A frozen layer that takes no adapter is not said to be trainable: it would be refused there, too. */
    @Test
    void a_frozen_layer_that_takes_no_adapter_is_not_sent_to_training_in_full() {
        ComputationGraph network = AnyGraphTest.frozen(TestCase.NCHW.network(DataType.DOUBLE, SEED));
        String message = assertThrows(IllegalArgumentException.class, () -> attach(network, Probe.automatic(), "norm"))
                .getMessage();
        assertTrue(message.contains("it stays as it is"), message);
    }

    /** In the zoo's graphs everything is there that Deeplearning4j has; what it cannot run itself cannot be probed. */
    @Test
    void rows_are_found_for_every_kind_of_layer_and_vertex_that_deeplearning4j_runs() {
        List<String> without = new ArrayList<>();
        for (Zoo.Animal animal : Zoo.animals()) {
            ComputationGraph network = animal.network();
            ProbeReport report =
                    Probes.run(Probe.automatic(), network, BaseModel.of(network).plainCopy());
            if (!(report instanceof ProbeReport.Agreed)) {
                without.add(animal.kind().getSimpleName());
                assertThrows(
                        RuntimeException.class,
                        () -> network.output(animal.data().getFeatures()));
            }
        }
        assertEquals(List.of("LearnedSelfAttentionLayer", "LocalResponseNormalization"), without);
    }
}
