/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.Zoo.Animal;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What holds for every start of adapters that are attached to a base, whatever moves into their factors. */
@OneIn(3)
class StartedAdapterLawsTest {

    private static final long SEED = 29;
    private static final int STEPS = 4;

    /** Networks whose adapters work on inputs, on patches and on weights. */
    private enum Kind {
        DENSE,
        CONVOLUTION,
        LSTM;

        ComputationGraph network(DataType type) {
            return switch (this) {
                case DENSE -> TestCase.DENSE.network(type, SEED);
                case CONVOLUTION -> TestCase.NCHW.network(type, SEED);
                case LSTM -> lstm(type);
            };
        }

        /** Whose weights are at least 4 x 4, or have a pattern. */
        String[] targets() {
            return switch (this) {
                case DENSE -> new String[] {"dense_0", "dense_1"};
                case CONVOLUTION -> new String[] {"conv_0", "conv_1"};
                case LSTM -> new String[] {"lstm"};
            };
        }

        MultiDataSet data(DataType type, int n, long seed) {
            return switch (this) {
                case DENSE -> TestCase.DENSE.data(type, n, seed);
                case CONVOLUTION -> TestCase.NCHW.data(type, n, seed);
                case LSTM -> {
                    Random random = new Random(seed);
                    yield new MultiDataSet(
                            TestNetworks.normal(type, random, n, 4, 6), TestNetworks.oneHot(type, random, n, 3, 6));
                }
            };
        }
    }

    private record Case(Kind kind, AdapterInit init, DataType type, boolean rsLora) {

        BaseModel base() {
            return BaseModel.of(kind.network(type));
        }

        LoraConfig config() {
            return LoraConfig.of(2, 3)
                    .withRsLora(rsLora)
                    .withTargets(kind.targets())
                    .withAlphaPattern(kind.targets()[0], 1.5)
                    .withInit(init);
        }

        AdaptedModel attached() {
            return AdaptedModel.attach(base(), config(), training());
        }

        AdaptedModel trained() {
            AdaptedModel model = attached();
            for (int i = 0; i < STEPS; i++) {
                model.graph().fit(kind.data(type, 6, SEED + i));
            }
            return model;
        }

        INDArray output(ComputationGraph graph) {
            return graph.output(kind.data(type, 5, 99).getFeatures())[0].dup();
        }

        /** Activations of order 1, weights of order 1 moved and put back, sums of up to 100 terms: 1,000 roundings. */
        double rounding() {
            return type == DataType.FLOAT ? 1000 * 0x1p-24 : 1000 * 0x1p-53;
        }
    }

    static FineTuneConfiguration training() {
        return FineTuneConfiguration.builder()
                .updater(new Adam(0.02))
                .seed(SEED)
                .build();
    }

    private static ComputationGraph lstm(DataType type) {
        var conf = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(4))
                .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .build();
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        return graph;
    }

    static Stream<Case> cases() {
        List<AdapterInit> starts = List.of(
                AdapterInit.PISSA,
                AdapterInit.pissaNiter(4),
                AdapterInit.OLORA,
                AdapterInit.ORTHOGONAL,
                AdapterInit.GAUSSIAN);
        return Stream.of(Kind.values())
                .flatMap(kind -> starts.stream()
                        .flatMap(start -> Stream.of(DataType.FLOAT, DataType.DOUBLE)
                                .map(type -> new Case(kind, start, type, kind != Kind.DENSE))));
    }

    static double distance(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_first_output_is_the_base_s_within_rounding(Case test) {
        AdaptedModel model = test.attached();
        assertTrue(distance(test.output(model.base().network()), test.output(model.graph())) < test.rounding());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void neither_factor_is_zero_unless_their_product_must_be(Case test) {
        AdaptedModel model = test.attached();
        double b = model.weights().stream()
                .mapToDouble(one -> model.graph()
                        .getVertex(one.weight().vertex())
                        .paramTable(false)
                        .get(one.weight().keyOfB())
                        .norm2Number()
                        .doubleValue())
                .min()
                .orElseThrow();
        assertEquals(test.init().equals(AdapterInit.GAUSSIAN), b == 0);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void training_changes_no_byte_of_the_base(Case test) {
        AdaptedModel model = test.attached();
        INDArray before = model.base().network().params().dup();
        AdaptedModel trained = test.trained();
        assertTrue(ArrayBytes.same(before, trained.base().network().params()));
        trained.base().verifyUnchanged();
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("cases")
    void disabled_it_computes_the_bytes_of_any_disabled_adapter_on_the_base(Case test) {
        AdaptedModel plain = AdaptedModel.attach(
                test.base(), LoraConfig.of(2, 3).withTargets(test.kind().targets()), training());
        AdaptedModel model = test.trained();
        INDArray trained = test.output(model.graph());
        INDArray tail = model.tail().params();
        try (AdapterScope off = plain.disable();
                AdapterScope outer = model.disable();
                AdapterScope inner = model.disable()) {
            assertTrue(ArrayBytes.same(test.output(plain.graph()), test.output(model.graph())));
            assertTrue(
                    distance(test.output(model.base().network()), test.output(model.graph())) < test.rounding(),
                    "which are the base's");
        }
        assertTrue(ArrayBytes.same(trained, test.output(model.graph())), "and comes back");
        assertTrue(ArrayBytes.same(tail, model.graph().params()));
        assertTrue(distance(test.output(model.base().network()), trained) > 1e-3, "it does something");
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("cases")
    void merging_gives_the_trained_output_and_unmerging_the_bytes_of_the_base(Case test) {
        AdaptedModel model = test.trained();
        MergedModel merged = model.merge();
        assertTrue(distance(test.output(model.graph()), test.output(merged.network())) < test.rounding());
        merged.unmerge();
        assertTrue(ArrayBytes.same(
                model.base().network().params(), merged.network().params()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void saved_it_loads_on_the_untouched_base_with_the_trained_output(Case test, @TempDir Path directory)
            throws Exception {
        AdaptedModel model = test.trained();
        model.save(directory);
        AdaptedModel loaded = AdaptedModel.load(test.base(), directory, training());
        assertTrue(distance(test.output(model.graph()), test.output(loaded.graph())) < test.rounding());
        int expected = test.init().movesWeight() ? 4 : 2;
        loaded.adapters().forEach(adapter -> assertEquals(expected, adapter.rank(), adapter::target));
        assertFalse(loaded.config().init().movesWeight());
        for (int i = 0; i < loaded.adapters().size(); i++) {
            double scaling = model.adapters().get(i).scaling();
            assertEquals(scaling, loaded.adapters().get(i).scaling(), 4 * Math.ulp(scaling));
        }
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("cases")
    void a_graph_and_its_clone_and_what_a_file_has_of_it_compute_the_same_while_the_model_lives(
            Case test, @TempDir Path directory) throws Exception {
        AdaptedModel model = test.trained();
        Path file = directory.resolve("graph.zip");
        ModelSerializer.writeModel(model.graph(), file.toFile(), true);
        INDArray expected = test.output(model.graph());
        assertTrue(ArrayBytes.same(expected, test.output(ModelSerializer.restoreComputationGraph(file.toFile()))));
        assertTrue(ArrayBytes.same(expected, test.output(model.graph().clone())));
        assertFalse(model.toString().isEmpty()); // which keeps the model until here
    }

    @ParameterizedTest
    @MethodSource("cases")
    void equal_seeds_start_alike_and_the_report_is_of_the_base(Case test) {
        AdaptedModel model = test.attached();
        assertTrue(
                ArrayBytes.same(model.graph().params(), test.attached().graph().params()));
        assertEquals(test.base().fingerprint(), model.report().base());
    }

    @Test
    void an_adapter_that_moved_more_than_half_of_a_small_weight_s_rank_is_saved_with_all_of_it(@TempDir Path directory)
            throws Exception {
        Case test = new Case(Kind.LSTM, AdapterInit.PISSA, DataType.DOUBLE, true);
        for (String side : List.of("lstm.W", "lstm.RW")) {
            AdaptedModel model =
                    AdaptedModel.attach(test.base(), test.config().withRank(3).withTargets(side), training());
            model.graph().fit(test.kind().data(test.type(), 6, SEED));
            model.save(directory);
            AdaptedModel loaded = AdaptedModel.load(test.base(), directory, training());
            assertTrue(distance(test.output(model.graph()), test.output(loaded.graph())) < test.rounding());
            assertEquals(side.equals("lstm.W") ? 4 : 5, loaded.adapters().get(0).rank());
        }
    }

    /** Whatever a weight is as a matrix, and with what no adapter adds to, such as peepholes. */
    @ParameterizedTest
    @MethodSource("org.amend4j.lora.WeightSpaceLawsTest#animals")
    void on_every_layer_whose_weights_take_adapters_the_output_is_the_base_s(Animal animal) {
        BaseModel base = BaseModel.of(animal.network());
        INDArray[] features = animal.data().getFeatures();
        INDArray expected = base.network().output(features)[0].dup();
        for (AdapterInit init : List.of(AdapterInit.PISSA, AdapterInit.OLORA)) {
            LoraConfig config = LoraConfig.of(1, 2).withTargets("it").withInit(init);
            AdaptedModel model = AdaptedModel.attach(base, config, training(), Probe.none());
            assertTrue(distance(expected, model.graph().output(features)[0]) < 1e-12, "in double");
            try (AdapterScope off = model.disable()) {
                assertTrue(ArrayBytes.same(expected, model.graph().output(features)[0]));
            }
        }
    }

    @Test
    void fresh_adapters_of_an_embedding_have_a_zero_and_b_normal() {
        Animal table = Zoo.animals().stream()
                .filter(animal -> animal.kind() == EmbeddingLayer.class)
                .findFirst()
                .orElseThrow();
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(table.network()), LoraConfig.of(2, 2).withTargets("it"), training(), Probe.none());
        assertEquals(0, model.graph().getLayer("it").getParam("A").amaxNumber().doubleValue());
        assertTrue(model.graph().getLayer("it").getParam("B").norm2Number().doubleValue() > 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void equal_seeds_draw_equal_factors(long seed) {
        BaseModel base = BaseModel.of(Kind.DENSE.network(DataType.FLOAT));
        LoraConfig config = LoraConfig.of(2, 2).withTargets("dense_0");
        List<INDArray> drawn = Stream.generate(() -> AdaptedModel.attach(
                                base,
                                config,
                                new FineTuneConfiguration.Builder()
                                        .seed(seed)
                                        .updater(new Sgd(1))
                                        .build())
                        .graph()
                        .params())
                .limit(2)
                .toList();
        assertTrue(ArrayBytes.same(drawn.get(0), drawn.get(1)));
    }

    @Test
    void an_odd_rank_has_no_orthogonal_start() {
        LoraConfig config = LoraConfig.of(3, 3).withTargets("dense_0").withInit(AdapterInit.ORTHOGONAL);
        BaseModel base = BaseModel.of(Kind.DENSE.network(DataType.FLOAT));
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> AdaptedModel.attach(base, config, training()));
        assertEquals("rank must be even for the orthogonal start, got 3 (target 'dense_0')", refusal.getMessage());
    }
}
