/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.lora.layer.AdaptableLayer;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.Zoo.Animal;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** DoRA, trained biases and biases on B: every cell of layer kinds × schemes obeys the laws of adapters. */
class SchemeLawsTest {

    private static final Logger LOG = LogManager.getLogger(SchemeLawsTest.class);

    private static final long SEED = 17;
    private static final double ROUNDING = 1e-12;

    private static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder().updater(new Sgd(0.05)).seed(SEED).build();
    }

    /** A kind in its graph, with a scheme. */
    record Cell(Animal animal, String scheme, LoraConfig config) {
        @Override
        public String toString() {
            return animal.kind().getSimpleName() + " " + scheme;
        }
    }

    static Stream<Cell> cells() {
        LoraConfig plain = LoraConfig.of(1, 2).withTargets("it");
        return Zoo.animals().stream()
                .filter(SchemeLawsTest::isAdaptable)
                .flatMap(animal -> Stream.of(
                                new Cell(animal, "DoRA", plain.withDora(Dora.TRUE_GRADIENT)),
                                new Cell(animal, "biases", plain.withBias(BiasMode.ADAPTED)),
                                new Cell(animal, "all biases", plain.withBias(BiasMode.ALL)),
                                new Cell(animal, "bias on B", plain.withBiasOnB()))
                        .filter(SchemeLawsTest::isPossible));
    }

    private static boolean isAdaptable(Animal animal) {
        return isPossible(new Cell(animal, "", LoraConfig.of(1, 2).withTargets("it")));
    }

    /** What is refused is refused by name, see below. */
    private static boolean isPossible(Cell cell) {
        try {
            cell.animal().network().output(cell.animal().data().getFeatures());
            attach(cell);
            return true;
        } catch (IllegalArgumentException refused) {
            assertTrue(refused.getMessage().contains("'it"), refused.getMessage());
            return false;
        } catch (RuntimeException stock) {
            return false; // Deeplearning4j itself cannot
        }
    }

    private static AdaptedModel attach(Cell cell) {
        return AdaptedModel.attach(BaseModel.of(cell.animal().network()), cell.config(), training(), Probe.none());
    }

    private static double distance(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    private static void move(ComputationGraph graph) {
        INDArray parameters = graph.params();
        parameters.addi(TestNetworks.normal(parameters.dataType(), new Random(3), parameters.shape())
                .muli(0.3));
    }

    @OneIn(25)
    @ParameterizedTest
    @MethodSource("cells")
    void a_scheme_starts_as_the_base_trains_by_its_gradient_merges_is_saved_and_switched_off(
            Cell cell, @TempDir Path folder) throws Exception {
        AdaptedModel model = attach(cell);
        ComputationGraph graph = model.graph();
        MultiDataSet data = cell.animal().data();
        INDArray base = model.base().network().output(data.getFeatures())[0];
        assertTrue(distance(base, graph.output(data.getFeatures())[0]) < ROUNDING, "start");
        move(graph);
        INDArray adapted = graph.output(data.getFeatures())[0].dup();
        assertTrue(distance(base, adapted) > 1e-6, "it does something");
        int checked = Gradients.check(graph, data, 12, SEED);
        LOG.info(cell + ": " + checked + " of " + graph.numParams() + " elements against differences");
        MergedModel merged = model.merge();
        assertTrue(distance(adapted, merged.network().output(data.getFeatures())[0]) < ROUNDING, "merged");
        try (AdapterScope off = model.disable()) {
            assertTrue(distance(base, graph.output(data.getFeatures())[0]) < ROUNDING, "disabled");
        }
        model.save(folder);
        AdaptedModel loaded = AdaptedModel.load(model.base(), folder, training(), Probe.none());
        assertTrue(ArrayBytes.same(graph.params(), loaded.graph().params()), "loaded");
        assertEquals(model.report().summary(), loaded.report().summary());
        assertTrue(ArrayBytes.same(adapted, graph.clone().output(data.getFeatures())[0]), "cloned");
        graph.fit(data);
        model.base().verifyUnchanged();
    }

    /** Then no array is as large as the weight but the weight. */
    @ParameterizedTest
    @EnumSource(
            value = TestCase.class,
            names = {"DENSE", "NHWC"})
    void schemes_of_layers_on_rows_work_on_the_rows(TestCase networks) {
        BaseModel base = BaseModel.of(networks.network(DataType.DOUBLE, SEED));
        for (LoraConfig config : List.of(
                LoraConfig.of(2, 4).withDora(),
                LoraConfig.of(2, 4).withBiasOnB(),
                LoraConfig.of(2, 4).withBias(BiasMode.ADAPTED))) {
            ComputationGraph graph = AdaptedModel.attach(
                            base, config.withTargets(networks.targets()), training(), Probe.none())
                    .graph();
            for (Layer layer : graph.getLayers()) {
                assertTrue(
                        layer.numParams() == 0 || layer instanceof AdaptableLayer,
                        () -> config + ": " + layer.getClass());
            }
        }
    }

    /** With one seed before each loss, each draws the same masks. */
    @ParameterizedTest
    @EnumSource(
            value = TestCase.class,
            names = {"DENSE", "NHWC"})
    @OneIn(2)
    void dropout_of_schemes_on_rows_trains_by_the_gradient_of_its_masks_and_is_off_in_use(TestCase networks) {
        BaseModel base = BaseModel.of(networks.network(DataType.DOUBLE, SEED));
        MultiDataSet data = networks.data(DataType.DOUBLE, 5, SEED);
        for (LoraConfig config : List.of(
                LoraConfig.of(2, 4).withDora(Dora.TRUE_GRADIENT),
                LoraConfig.of(2, 4).withBiasOnB(),
                LoraConfig.of(2, 4).withBias(BiasMode.ADAPTED))) {
            LoraConfig plain = config.withTargets(hidden(networks));
            ComputationGraph without =
                    AdaptedModel.attach(base, plain, training(), Probe.none()).graph();
            ComputationGraph graph = AdaptedModel.attach(base, plain.withDropout(0.5), training(), Probe.none())
                    .graph();
            move(graph);
            without.params().assign(graph.params());
            assertTrue(ArrayBytes.same(without.output(data.getFeatures())[0], graph.output(data.getFeatures())[0]));
            Gradients.check(graph, data, 60, SEED, () -> Nd4j.getRandom().setSeed(SEED));
            graph.fit(data);
            without.fit(data);
            assertTrue(distance(without.params(), graph.params()) > 1e-6, "inputs are dropped");
            base.verifyUnchanged();
        }
    }

    @Test
    void a_file_of_peft_s_with_a_scheme_and_dropout_is_taken(@TempDir Path folder) throws Exception {
        BaseModel base = BaseModel.of(TestCase.DENSE.network(DataType.FLOAT, SEED));
        LoraConfig dropping = LoraConfig.of(2, 4).withTargets("dense_0").withDropout(0.5);
        for (LoraConfig config :
                List.of(dropping.withDora(), dropping.withBiasOnB(), dropping.withBias(BiasMode.ADAPTED))) {
            AdaptedModel model = AdaptedModel.attach(base, config, training(), Probe.none());
            move(model.graph());
            Path peft = folder.resolve(config.scheme().toString());
            AdapterFile.export(peft, model.content());
            AdaptedModel imported = AdaptedModel.load(base, peft, ModuleMap.bySameNames(), training());
            assertEquals(0.5, imported.config().dropout());
            assertTrue(ArrayBytes.same(model.graph().params(), imported.graph().params()));
        }
    }

    /** Deeplearning4j scores outputs without noise. */
    private static String[] hidden(TestCase networks) {
        return Stream.of(networks.targets()).filter(name -> !name.equals("out")).toArray(String[]::new);
    }

    @Test
    void every_cell_is_tried() {
        List<Cell> cells = cells().toList();
        LOG.info(cells.size() + " cells: " + cells);
        assertEquals(
                32, cells.stream().filter(cell -> cell.scheme().equals("DoRA")).count());
    }

    /** W + s·A·B, c, m and G of a dense layer, by their definitions. */
    @Test
    void dora_s_gradient_as_peft_has_it_takes_the_norm_for_a_constant() {
        BaseModel base = BaseModel.of(TestCase.DENSE.network(DataType.DOUBLE, SEED));
        LoraConfig config = LoraConfig.of(2, 4).withTargets("dense_0").withDora();
        AdaptedModel model = AdaptedModel.attach(base, config, training(), Probe.none());
        ComputationGraph graph = model.graph();
        move(graph);
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 5, SEED);
        INDArray g = gradient(model.merge().network(), data, "dense_0_W");
        INDArray w = base.parameters("dense_0").get("W");
        INDArray a = graph.getParam("dense_0_A");
        INDArray b = graph.getParam("dense_0_B");
        INDArray m = graph.getParam("dense_0_magnitude");
        double s = 2;
        INDArray v = w.add(a.mmul(b).mul(s));
        INDArray c = v.norm2(true, 0);
        INDArray e = g.mulRowVector(m.div(c));
        assertClose(e.mmul(b.transpose()).mul(s), gradient(graph, data, "dense_0_A"));
        assertClose(a.transpose().mmul(e).mul(s), gradient(graph, data, "dense_0_B"));
        assertClose(v.mul(g).sum(true, 0).div(c), gradient(graph, data, "dense_0_magnitude"));
    }

    private static INDArray gradient(ComputationGraph graph, MultiDataSet data, String key) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.computeGradientAndScore();
        return graph.gradient().getGradientFor(key).dup();
    }

    private static void assertClose(INDArray expected, INDArray actual) {
        double scale = Math.max(1, expected.amaxNumber().doubleValue());
        assertTrue(distance(expected, actual.reshape(expected.shape())) < 1e-11 * scale);
    }

    @ParameterizedTest
    @EnumSource(
            value = Dora.class,
            names = {"DETACHED_NORM", "TRUE_GRADIENT"})
    void after_a_step_dora_is_not_lora(Dora dora) {
        BaseModel base = BaseModel.of(TestCase.DENSE.network(DataType.DOUBLE, SEED));
        LoraConfig plain = LoraConfig.of(2, 4).withTargets("dense_0");
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 5, SEED);
        Nd4j.getRandom().setSeed(SEED);
        ComputationGraph lora =
                AdaptedModel.attach(base, plain, training(), Probe.none()).graph();
        Nd4j.getRandom().setSeed(SEED);
        ComputationGraph other = AdaptedModel.attach(base, plain.withDora(dora), training(), Probe.none())
                .graph();
        for (int i = 0; i < 3; i++) {
            lora.fit(data);
            other.fit(data);
        }
        assertTrue(distance(lora.output(data.getFeatures())[0], other.output(data.getFeatures())[0]) > 1e-6);
    }

    @Test
    void a_column_of_zeros_keeps_them_and_spoils_nothing() {
        ComputationGraph network = TestCase.DENSE.network(DataType.DOUBLE, SEED);
        network.getParam("dense_0_W").getColumn(1).assign(0);
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                LoraConfig.of(2, 4).withTargets("dense_0").withDora(),
                training(),
                Probe.none());
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 5, SEED);
        INDArray[] base = model.base().network().output(data.getFeatures());
        assertTrue(distance(base[0], model.graph().output(data.getFeatures())[0]) < ROUNDING);
        model.graph().fit(data);
        assertTrue(BaseModel.isFinite(model.graph().params()));
    }

    @Test
    void trained_biases_are_those_that_the_mode_names_and_copies_of_the_base_s() {
        BaseModel base = BaseModel.of(TestCase.DENSE.network(DataType.DOUBLE, SEED));
        LoraConfig plain = LoraConfig.of(2, 4).withTargets("dense_0");
        AdaptedModel adapted = AdaptedModel.attach(base, plain.withBias(BiasMode.ADAPTED), training(), Probe.none());
        AdaptedModel all = AdaptedModel.attach(base, plain.withBias(BiasMode.ALL), training(), Probe.none());
        assertEquals(
                List.of("dense_0"),
                adapted.biases().stream().map(bias -> bias.vertex()).toList());
        assertTrue(all.biases().size() > 1);
        adapted.biases()
                .forEach(bias -> assertTrue(distance(
                                base.parameters(bias.vertex()).get("b").reshape(1, bias.length()),
                                adapted.parameter(bias.vertex(), "b"))
                        == 0));
        all.graph().fit(TestCase.DENSE.data(DataType.DOUBLE, 5, SEED));
        base.verifyUnchanged();
    }

    @Test
    void a_bias_on_b_needs_one_of_the_layer_s_own_and_goes_with_neither_dora_nor_another_start() {
        LoraConfig plain = LoraConfig.of(2, 4).withBiasOnB();
        IllegalArgumentException dora = assertThrows(IllegalArgumentException.class, plain::withDora);
        assertEquals("B must not have a bias together with DoRA: leave one of them out", dora.getMessage());
        Animal lstm = Zoo.animals().stream()
                .filter(animal -> animal.kind().getSimpleName().equals("LSTM"))
                .findFirst()
                .orElseThrow();
        IllegalArgumentException none =
                assertThrows(IllegalArgumentException.class, () -> attach(new Cell(lstm, "", plain.withTargets("it"))));
        assertTrue(none.getMessage().startsWith("B must not have a bias on 'it.W'"), none.getMessage());
    }
}
