/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.Zoo.Animal;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.model.BaseModel;
import org.amend4j.model.MissingBaseException;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What holds for adapters of every scheme on every kind of layer that takes them, in FLOAT and in DOUBLE. */
class KindLawsTest {

    private static final Logger LOG = LogManager.getLogger(KindLawsTest.class);

    private static final long SEED = 23;

    /** A header has a few hundred bytes for each tensor and for what the file says of the base. */
    private static final long HEADER = 8192;

    /** A kind in its graph, with a scheme, in a type. */
    record Cell(Animal animal, String scheme, LoraConfig config, DataType type) {

        AdaptedModel attach() {
            FineTuneConfiguration training = FineTuneConfiguration.builder()
                    .updater(new Adam(0.01))
                    .seed(SEED)
                    .build();
            BaseModel base = BaseModel.of(animal.network(type, all -> {}));
            return AdaptedModel.attach(base, config, training, Probe.none());
        }

        /** With factors that are not zero. */
        AdaptedModel moved() {
            AdaptedModel model = attach();
            INDArray parameters = model.graph().params();
            parameters.addi(TestNetworks.normal(type, new Random(SEED), parameters.shape())
                    .muli(0.3));
            return model;
        }

        MultiDataSet data() {
            return animal.data(type);
        }

        INDArray output(ComputationGraph graph) {
            return graph.output(data().getFeatures())[0].dup();
        }

        /** Values of order 1, sums of a few hundred terms. */
        double rounding() {
            return type == DataType.DOUBLE ? 1e-12 : 1e-4;
        }

        boolean isPossible() {
            try {
                attach();
                return true;
            } catch (IllegalArgumentException refused) {
                return false; // SchemeLawsTest has the sentences
            }
        }

        @Override
        public String toString() {
            return animal + " " + scheme + " " + type;
        }
    }

    private static final List<Cell> CELLS = possible();

    static Stream<Cell> cells() {
        return CELLS.stream();
    }

    /** All schemes in FLOAT, as in DOUBLE in SchemeLawsTest; plain adapters in both. */
    private static List<Cell> possible() {
        LoraConfig plain = LoraConfig.of(1, 2).withTargets("it");
        Map<String, LoraConfig> schemes = new LinkedHashMap<>();
        schemes.put("plain", plain);
        schemes.put("DoRA", plain.withDora());
        schemes.put("all biases", plain.withBias(BiasMode.ALL));
        schemes.put("bias on B", plain.withBiasOnB());
        List<Cell> cells = new ArrayList<>();
        for (Animal animal : Zoo.adaptable()) {
            cells.add(new Cell(animal, "plain", plain, DataType.DOUBLE));
            schemes.forEach((name, config) -> cells.add(new Cell(animal, name, config, DataType.FLOAT)));
        }
        return cells.stream().filter(Cell::isPossible).toList();
    }

    static Stream<Cell> plain() {
        return cells().filter(cell -> cell.scheme().equals("plain"));
    }

    private static double distance(INDArray a, INDArray b) {
        return a.castTo(DataType.DOUBLE)
                .sub(b.castTo(DataType.DOUBLE))
                .amaxNumber()
                .doubleValue();
    }

    @Test
    void every_cell_is_tried() {
        List<Cell> cells = cells().toList();
        LOG.info(cells.size() + " cells: " + cells);
        assertEquals(Zoo.adaptable().size() * 2L, plain().count());
        assertTrue(cells.size() > 4 * Zoo.adaptable().size());
    }

    @OneIn(3)
    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("cells")
    @SuppressWarnings("try") // the scope is only closed
    void a_fresh_adapter_adds_nothing_and_disabled_it_is_the_base(Cell cell) {
        AdaptedModel model = cell.attach();
        INDArray base = cell.output(model.base().network());
        INDArray fresh = cell.output(model.graph());
        assertTrue(distance(base, fresh) < cell.rounding());
        try (AdapterScope off = model.disable()) {
            INDArray disabled = cell.output(model.graph());
            assertTrue(distance(base, disabled) < cell.rounding());
            assertEquals(0, distance(disabled, fresh), cell.scheme().equals("DoRA") ? cell.rounding() : 0);
        }
        assertEquals(cell.type(), fresh.dataType());
    }

    @OneIn(3)
    @ParameterizedTest
    @MethodSource("cells")
    void steps_change_what_is_configured_and_nothing_else(Cell cell) {
        AdaptedModel model = cell.moved();
        ComputationGraph graph = model.graph();
        Map<String, INDArray> before = new LinkedHashMap<>();
        graph.paramTable().forEach((key, values) -> before.put(key, values.dup()));
        graph.fit(cell.data());
        graph.fit(cell.data());
        graph.paramTable()
                .forEach((key, values) -> assertFalse(ArrayBytes.same(before.get(key), values), key + " trains"));
        List<String> expected = new ArrayList<>();
        model.weights()
                .forEach(one -> one.shapes()
                        .keySet()
                        .forEach(key -> expected.add(one.weight().vertex() + "_" + key)));
        model.biases().forEach(bias -> expected.add(bias.vertex() + "_" + bias.parameter()));
        assertEquals(
                expected.stream().sorted().toList(),
                before.keySet().stream().sorted().toList());
        model.base().verifyUnchanged();
    }

    @ParameterizedTest
    @MethodSource("animals")
    @OneIn(4)
    void gradients_of_every_scheme_and_of_an_adapter_below_are_differences(Animal animal) {
        assumeTrue(animal.habitat().hasLead(), "nothing trains below a table of tokens");
        LoraConfig plain = LoraConfig.of(1, 2).withTargets("lead", "it");
        for (LoraConfig config : List.of(plain, plain.withDora(Dora.TRUE_GRADIENT), plain.withBias(BiasMode.ALL))) {
            ComputationGraph graph =
                    new Cell(animal, "", config, DataType.DOUBLE).moved().graph();
            int checked = Gradients.check(graph, animal.data(), Exhaustive.times(8, 24), SEED);
            LOG.info(animal + " " + config.scheme() + ": " + checked + " of " + graph.numParams()
                    + " elements against differences");
        }
    }

    @OneIn(3)
    @ParameterizedTest
    @MethodSource("cells")
    void vector_gradient_state_and_file_have_the_adapter_s_size(Cell cell, @TempDir Path folder) throws IOException {
        AdaptedModel model = cell.attach();
        ComputationGraph graph = model.graph();
        long size = model.weights().stream()
                        .mapToLong(one -> one.adapter().rank() * (one.rows() + one.columns())
                                + (one.adapter().scheme().hasMagnitude() ? one.columns() : 0)
                                + (one.adapter().scheme().biasOnB() ? one.columns() : 0))
                        .sum()
                + model.biases().stream().mapToLong(bias -> bias.length()).sum();
        assertEquals(size, graph.numParams());
        assertEquals(size, graph.getFlattenedGradients().length());
        assertEquals(2 * size, graph.getUpdater().getStateViewArray().length(), "Adam keeps two values");
        model.save(folder);
        long bytes = Files.size(folder.resolve(AdapterFile.TENSORS));
        assertTrue(bytes <= size * cell.type().width() + HEADER, bytes + " bytes for " + size + " values");
    }

    @OneIn(3)
    @ParameterizedTest
    @MethodSource("cells")
    void merged_is_adapted_and_unmerged_the_bytes_of_the_base(Cell cell) {
        AdaptedModel model = cell.moved();
        INDArray adapted = cell.output(model.graph());
        MergedModel merged = model.merge();
        assertTrue(distance(adapted, cell.output(merged.network())) < cell.rounding());
        assertTrue(distance(cell.output(model.base().network()), adapted) > 1e-6, "it does something");
        merged.unmerge();
        assertTrue(ArrayBytes.same(
                model.base().network().params(), merged.network().params()));
    }

    @OneIn(18)
    @ParameterizedTest
    @MethodSource("cells")
    void clone_json_yaml_and_zip_compute_the_same_bytes_and_training_goes_on_from_them(Cell cell, @TempDir Path folder)
            throws IOException {
        ComputationGraph graph = cell.moved().graph();
        graph.fit(cell.data());
        INDArray expected = cell.output(graph);
        assertTrue(ArrayBytes.same(expected, cell.output(graph.clone())), "clone");
        ComputationGraphConfiguration json =
                ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson());
        ComputationGraphConfiguration yaml =
                ComputationGraphConfiguration.fromYaml(graph.getConfiguration().toYaml());
        for (ComputationGraphConfiguration read : List.of(json, yaml)) {
            assertEquals(graph.getConfiguration(), read);
            ComputationGraph made = new ComputationGraph(read);
            made.init(graph.params().dup(), false);
            assertTrue(ArrayBytes.same(expected, cell.output(made)), "JSON, YAML");
        }
        File zip = folder.resolve("graph.zip").toFile();
        ModelSerializer.writeModel(graph, zip, true);
        ComputationGraph restored = ModelSerializer.restoreComputationGraph(zip);
        assertTrue(ArrayBytes.same(expected, cell.output(restored)), "zip");
        graph.fit(cell.data());
        restored.fit(cell.data());
        assertTrue(ArrayBytes.same(graph.params(), restored.params()), "training");
    }

    @OneIn(3)
    @ParameterizedTest
    @MethodSource("cells")
    void converted_to_the_other_type_it_computes_the_same_within_float(Cell cell) {
        AdaptedModel model = cell.moved();
        DataType other = cell.type() == DataType.DOUBLE ? DataType.FLOAT : DataType.DOUBLE;
        ComputationGraph converted = model.graph().convertDataType(other);
        INDArray output = converted.output(cell.animal().data(other).getFeatures())[0];
        assertEquals(other, output.dataType());
        assertTrue(distance(cell.output(model.graph()), output) < 1e-4);
        converted.fit(cell.animal().data(other));
        model.base().verifyUnchanged();
    }

    /** There is no BFLOAT16: Deeplearning4j has no networks of it. */
    @ParameterizedTest
    @MethodSource("animals")
    void a_base_of_sixteen_bits_is_refused_in_one_sentence(Animal animal) {
        BaseModel base = BaseModel.of(animal.network(DataType.FLOAT16, all -> {}));
        LoraConfig config = LoraConfig.of(1, 2).withTargets("it");
        FineTuneConfiguration training = FineTuneConfiguration.builder().build();
        IllegalArgumentException attached =
                assertThrows(IllegalArgumentException.class, () -> AdaptedModel.attach(base, config, training));
        String sentence = "a base must be FLOAT or DOUBLE to take adapters, got HALF: convert the network with"
                + " convertDataType(DataType.FLOAT) first";
        assertEquals(sentence, attached.getMessage());
        AdapterContent saved =
                new Cell(animal, "plain", config, DataType.FLOAT).attach().content();
        AdapterContent foreign = new AdapterContent(saved.config(), "", Map.of(), saved.factors(), List.of());
        IllegalArgumentException loaded =
                assertThrows(IllegalArgumentException.class, () -> AdaptedModel.load(base, foreign, training));
        assertEquals(sentence, loaded.getMessage());
    }

    @ParameterizedTest
    @MethodSource("animals")
    @OneIn(3)
    void converted_to_sixteen_bits_it_computes_and_trains_in_them(Animal animal) {
        LoraConfig plain = LoraConfig.of(1, 2).withTargets("it");
        trainsInSixteenBits(new Cell(animal, "plain", plain, DataType.FLOAT));
        trainsInSixteenBits(new Cell(animal, "DoRA", plain.withDora(), DataType.FLOAT));
    }

    private static void trainsInSixteenBits(Cell cell) {
        MultiDataSet half = cell.animal().data(DataType.FLOAT16);
        AdaptedModel model = cell.moved();
        assumeTrue(computesInHalf(model.merge().network(), half), "Deeplearning4j's own attention does not");
        ComputationGraph converted = model.graph().convertDataType(DataType.FLOAT16);
        INDArray output = converted.output(half.getFeatures())[0];
        assertEquals(DataType.FLOAT16, output.dataType());
        assertTrue(distance(cell.output(model.graph()), output) < 0.01, "11 bits and a few operations");
        converted.fit(half);
        assertEquals(DataType.FLOAT16, converted.params().dataType());
        model.base().verifyUnchanged();
    }

    private static boolean computesInHalf(ComputationGraph network, MultiDataSet half) {
        try {
            return BaseModel.isFinite(network.convertDataType(DataType.FLOAT16).output(half.getFeatures())[0]);
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** A base whose own layers have penalties, noise and limits. */
    private static BaseModel burdened(Animal animal) {
        try {
            return BaseModel.of(animal.network(
                    Zoo.TYPE, all -> penalised(all).constrainAllParameters(new MaxNormConstraint(0.01, 1))));
        } catch (RuntimeException e) { // Deeplearning4j asks layers written in SameDiff too early for what to limit
            return BaseModel.of(animal.network(Zoo.TYPE, KindLawsTest::penalised));
        }
    }

    private static NeuralNetConfiguration.Builder penalised(NeuralNetConfiguration.Builder all) {
        return all.l1(0.01)
                .l2(0.01)
                .l1Bias(0.01)
                .weightDecayBias(0.01)
                .weightNoise(new WeightNoise(new NormalDistribution(0, 0.1)))
                .dropOut(0.5)
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .gradientNormalizationThreshold(0.1);
    }

    /** The same for what trains: Deeplearning4j takes either L2 or weight decay. */
    private static Stream<FineTuneConfiguration.Builder> trainings() {
        return Stream.of(
                        FineTuneConfiguration.builder()
                                .l1(0.01)
                                .l2(0.01)
                                .l1Bias(0.01)
                                .l2Bias(0.01),
                        FineTuneConfiguration.builder().weightDecay(0.01).weightDecayBias(0.01))
                .map(one -> one.weightNoise(new WeightNoise(new NormalDistribution(0, 0.1)))
                        .constraints(List.of(new MaxNormConstraint(0.01, Set.of("A", "B"), 1)))
                        .seed(SEED));
    }

    private static List<IUpdater> updaters() {
        ISchedule falling = new ExponentialSchedule(ScheduleType.ITERATION, 0.1, 0.5);
        return Stream.concat(AdaptedModelLawsTest.updaters(), Stream.of(new Adam(falling), new NoOp()))
                .toList();
    }

    static Stream<Animal> animals() {
        return Zoo.adaptable().stream();
    }

    /** In DOUBLE; every kind sees every updater, by default some, in turn. */
    @ParameterizedTest
    @MethodSource("animals")
    @SuppressWarnings("try") // the scope is only closed
    @OneIn(6)
    void no_penalty_limit_or_noise_under_any_updater_changes_a_byte_of_the_base(Animal animal) {
        BaseModel base = burdened(animal);
        INDArray before = base.network().params().dup();
        MultiDataSet data = animal.data();
        INDArray output = base.network().output(data.getFeatures())[0].dup();
        LoraConfig config = LoraConfig.of(1, 2).withTargets("it");
        List<IUpdater> updaters = new ArrayList<>(updaters());
        Collections.rotate(updaters, Zoo.adaptable().indexOf(animal));
        for (IUpdater updater : Exhaustive.oneIn(8, updaters)) {
            trainings().forEach(training -> {
                AdaptedModel model = AdaptedModel.attach(
                        base, config, training.updater(updater).build(), Probe.none());
                INDArray start = model.graph().params().dup();
                model.graph().fit(data);
                assertTrue(ArrayBytes.same(before, base.network().params()), updater.toString());
                assertFalse(ArrayBytes.same(start, model.graph().params()), updater + " trains");
                try (AdapterScope off = model.disable()) {
                    assertTrue(
                            distance(output, model.graph().output(data.getFeatures())[0]) < 1e-12, updater.toString());
                }
            });
        }
        base.verifyUnchanged();
    }

    /** What decays, is limited and penalised is a part of Deeplearning4j's file, and so is every step after it. */
    @ParameterizedTest
    @MethodSource("animals")
    @OneIn(5)
    void penalties_of_factors_survive_deeplearning4js_own_file(Animal animal) throws IOException {
        BaseModel base = BaseModel.of(animal.network());
        for (FineTuneConfiguration.Builder penalties : List.of(
                FineTuneConfiguration.builder().l1(0.01).l2(0.02).l1Bias(0.03).l2Bias(0.04),
                FineTuneConfiguration.builder().weightDecay(0.01).weightDecayBias(0.02))) {
            FineTuneConfiguration training =
                    penalties.updater(new Sgd(0.1)).seed(SEED).build();
            ComputationGraph graph = AdaptedModel.attach(
                            base, LoraConfig.of(1, 2).withTargets("it").withBias(BiasMode.ALL), training, Probe.none())
                    .graph();
            String json = graph.getConfiguration().toJson();
            ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(json);
            assertEquals(json, read.toJson());
            ComputationGraph made = new ComputationGraph(read);
            made.init(graph.params().dup(), false);
            for (int step = 0; step < Exhaustive.times(3, 10); step++) {
                graph.fit(animal.data());
                made.fit(animal.data());
            }
            assertTrue(ArrayBytes.same(graph.params(), made.params()), training.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("animals")
    void a_frozen_layer_computes_in_training_what_it_computes_in_use(Animal animal) {
        BaseModel base = burdened(animal);
        LoraConfig config = LoraConfig.of(1, 2).withTargets("it");
        FineTuneConfiguration training =
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(SEED).build();
        ComputationGraph graph =
                AdaptedModel.attach(base, config, training, Probe.none()).graph();
        INDArray[] features = animal.data().getFeatures();
        INDArray inUse = graph.output(false, features)[0].dup();
        assertTrue(distance(inUse, graph.output(true, features)[0]) < 1e-12);
    }

    @ParameterizedTest
    @MethodSource("plain")
    void without_its_base_no_configuration_becomes_a_graph_and_the_sentence_names_the_fingerprint(Cell cell) {
        AdaptedModel model = cell.attach();
        ComputationGraphConfiguration conf = model.graph().getConfiguration();
        String open = model.base().fingerprint().hex();
        String missing = "cd".repeat(32);
        for (ComputationGraphConfiguration read : List.of(
                ComputationGraphConfiguration.fromJson(conf.toJson().replace(open, missing)),
                ComputationGraphConfiguration.fromYaml(conf.toYaml().replace(open, missing)))) {
            MissingBaseException refused =
                    assertThrows(MissingBaseException.class, () -> new ComputationGraph(read).init());
            assertTrue(refused.getMessage().contains(missing), refused.getMessage());
        }
    }
}
