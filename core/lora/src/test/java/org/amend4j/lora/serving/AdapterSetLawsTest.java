/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.combine.AdapterCombination;
import org.amend4j.lora.combine.Combination;
import org.amend4j.lora.combine.WeightedAdapter;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Adapters of one base by their names. */
@Tag("kernels")
@OneIn(3)
class AdapterSetLawsTest {

    private static final int EXAMPLES = 4;

    @TempDir
    private Path directory;

    static List<Object[]> cases() {
        return SetCase.inBothTypes();
    }

    private static void assertSame(INDArray[] expected, INDArray[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertTrue(ArrayBytes.same(expected[i], actual[i]), "output " + i + ": " + distance(expected, actual));
        }
    }

    private static double distance(INDArray[] one, INDArray[] other) {
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, one[i].sub(other[i]).amaxNumber().doubleValue());
        }
        return largest;
    }

    private static INDArray[] alone(AdaptedModel model, MultiDataSet data) {
        return model.graph().output(false, data.getFeatures());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void without_an_active_adapter_a_set_computes_the_bytes_of_a_disabled_model(SetCase test, DataType type) {
        BaseModel base = test.base(type);
        AdapterSet set = new AdapterSet(base);
        MultiDataSet data = test.data(type, EXAMPLES);
        INDArray[] expected = base(test, type, base, data);
        assertSame(expected, set.output(data));
        set.add("one", test.adapter(base, 2, 1));
        set.activate("one");
        assertTrue(distance(expected, set.output(data)) > 1e-3);
        set.activate();
        assertSame(expected, set.output(data));
    }

    /** What the base computes: Deeplearning4j's bytes, but for convolutions, which are the library's and so round otherwise. */
    private static INDArray[] base(SetCase test, DataType type, BaseModel base, MultiDataSet data) {
        INDArray[] stock = base.network().output(false, data.getFeatures());
        if (!test.hasConvolutions()) {
            return stock;
        }
        AdaptedModel model = test.adapter(base, 1, 1);
        try (AdapterScope off = model.disable()) {
            INDArray[] ours = alone(model, data);
            assertTrue(distance(stock, ours) <= SetCase.rounding(type));
            return ours;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void switching_gives_the_bytes_of_each_adapter_loaded_alone_whatever_its_rank(SetCase test, DataType type) {
        BaseModel base = test.base(type);
        MultiDataSet data = test.data(type, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        Map<String, INDArray[]> expected = new LinkedHashMap<>();
        for (int rank = 1; rank <= 2; rank++) {
            AdaptedModel model = test.adapter(base, rank, rank);
            set.add("rank " + rank, model);
            expected.put("rank " + rank, alone(AdaptedModel.load(base, model.content(), SetCase.training()), data));
        }
        for (int round = 0; round < 2; round++) {
            expected.forEach((name, outputs) -> {
                set.activate(name);
                assertSame(outputs, set.output(data));
            });
        }
        base.verifyUnchanged();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void layers_trained_in_full_come_with_their_adapter(SetCase test, DataType type) {
        BaseModel base = test.base(type);
        MultiDataSet data = test.data(type, EXAMPLES);
        AdaptedModel one = test.withHead(base, 2, 1);
        AdaptedModel two = test.withHead(base, 1, 2);
        AdapterSet set = new AdapterSet(base);
        set.add("one", one);
        set.add("two", two);
        for (int round = 0; round < 2; round++) {
            set.activate("one");
            assertTrue(distance(alone(one, data), set.output(data)) <= SetCase.rounding(type));
            set.activate("two");
            assertTrue(distance(alone(two, data), set.output(data)) <= SetCase.rounding(type));
            set.activate();
            assertTrue(distance(base(test, type, base, data), set.output(data)) <= SetCase.rounding(type));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void what_active_adapters_add_adds_up(SetCase test, DataType type) {
        BaseModel base = test.base(type);
        MultiDataSet data = test.data(type, EXAMPLES);
        AdapterContent one = test.adapter(base, 1, 1).content();
        AdapterContent two = test.adapter(base, 1, 2).content();
        AdapterSet set = new AdapterSet(base);
        set.add("one", one);
        set.add("two", two);
        set.activate("one", "two");
        set.setScale("two", -0.5);
        AdapterContent sum = AdapterCombination.of(
                        Combination.cat(), new WeightedAdapter("one", one, 1), new WeightedAdapter("two", two, -0.5))
                .content();
        INDArray[] expected = alone(AdaptedModel.load(base, sum, SetCase.training()), data);
        assertTrue(distance(expected, set.output(data)) <= SetCase.rounding(type));
        set.activate("two", "one");
        assertTrue(distance(expected, set.output(data)) <= SetCase.rounding(type));
    }

    @ParameterizedTest
    @EnumSource(SetCase.class)
    void hot_swap_gives_the_bytes_of_a_fresh_load_and_refuses_what_does_not_fit(SetCase test) {
        BaseModel base = test.base(DataType.FLOAT);
        MultiDataSet data = test.data(DataType.FLOAT, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        set.add("it", test.adapter(base, 1, 1));
        set.activate("it");
        INDArray[] before = set.output(data);

        AdapterContent headed = test.withHead(base, 2, 3).content();
        FullLayer head = headed.fullLayers().get(0);
        Map<String, INDArray> fewer = new LinkedHashMap<>(head.parameters());
        fewer.remove(fewer.keySet().iterator().next());
        AdapterContent without = new AdapterContent(
                headed.config(),
                headed.baseSha256(),
                headed.layerSha256(),
                headed.factors(),
                List.of(new FullLayer(head.vertex(), org.amend4j.model.TorchLayer.OTHER, fewer)));
        assertThrows(IllegalArgumentException.class, () -> set.replace("it", without));
        SetCase other = test == SetCase.DENSE ? SetCase.BRANCHING : SetCase.DENSE;
        AdapterContent foreign = other.adapter(other.base(DataType.FLOAT), 1, 1).content();
        String message = assertThrows(IllegalArgumentException.class, () -> set.replace("it", foreign))
                .getMessage();
        assertTrue(message.contains("made for the base model"), message);
        assertThrows(IllegalArgumentException.class, () -> set.replace("it", withoutFingerprint(foreign)));
        assertSame(before, set.output(data));

        AdaptedModel next = test.adapter(base, 2, 2);
        set.replace("it", next.content());
        assertEquals(List.of("it"), set.active());
        assertSame(alone(next, data), set.output(data));
    }

    private static AdapterContent withoutFingerprint(AdapterContent content) {
        return new AdapterContent(content.config(), "", Map.of(), content.factors(), content.fullLayers());
    }

    @Test
    void a_set_s_adapter_does_not_follow_the_model_it_came_from() {
        BaseModel base = SetCase.DENSE.base(DataType.DOUBLE);
        MultiDataSet data = SetCase.DENSE.data(DataType.DOUBLE, EXAMPLES);
        AdaptedModel model = SetCase.DENSE.adapter(base, 2, 1);
        AdapterSet set = new AdapterSet(base);
        set.add("it", model);
        set.activate("it");
        INDArray[] before = set.output(data);
        model.graph().fit(data);
        assertSame(before, set.output(data));

        AdaptedModel again = set.model("it", SetCase.training());
        again.graph().fit(data);
        assertSame(before, set.output(data));
        set.replace("it", again.content());
        assertSame(alone(again, data), set.output(data));
        assertSame(alone(model, data), set.output(data));
    }

    @Test
    void duplicate_and_unknown_names_are_refused_and_change_nothing() {
        BaseModel base = SetCase.DENSE.base(DataType.FLOAT);
        MultiDataSet data = SetCase.DENSE.data(DataType.FLOAT, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        AdapterContent one = SetCase.DENSE.adapter(base, 2, 1).content();
        set.add("one", one);
        set.add("two", SetCase.DENSE.adapter(base, 1, 2));
        set.activate("one");
        INDArray[] before = set.output(data);
        List<AdapterStatus> status = set.status();

        List<Runnable> refused = new ArrayList<>();
        refused.add(() -> set.add("one", one));
        refused.add(() -> set.add("__base__", one));
        refused.add(() -> set.add("../one", one));
        refused.add(() -> set.add("adapter_config.json", one));
        refused.add(() -> set.add("Adapter_Model.safetensors", one));
        refused.add(() -> set.add("", one));
        refused.add(() -> set.activate("two", "three"));
        refused.add(() -> set.activate("two", "two"));
        refused.add(() -> set.delete("three"));
        refused.add(() -> set.replace("three", one));
        refused.add(() -> set.setScale("three", 2));
        refused.add(() -> set.setScale("one", Double.NaN));
        refused.add(() -> set.content("three"));
        refused.forEach(attempt -> assertThrows(IllegalArgumentException.class, attempt::run));

        assertEquals(status, set.status());
        assertEquals(List.of("one"), set.active());
        assertSame(before, set.output(data));
    }

    @Test
    void deleting_leaves_the_others_as_they_were() {
        BaseModel base = SetCase.DENSE.base(DataType.FLOAT);
        MultiDataSet data = SetCase.DENSE.data(DataType.FLOAT, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        AdaptedModel one = SetCase.DENSE.adapter(base, 2, 1);
        set.add("one", one);
        set.add("two", SetCase.DENSE.adapter(base, 1, 2));
        set.add("three", SetCase.DENSE.adapter(base, 1, 3));
        set.activate("one", "two");

        set.delete("three");
        assertEquals(List.of("one", "two"), set.active());
        set.delete("two");
        assertEquals(List.of("one"), set.active());
        assertSame(alone(one, data), set.output(data));
        set.delete("one");
        assertEquals(List.of(), set.names());
        assertSame(base.network().output(false, data.getFeatures()), set.output(data));
    }

    @Test
    void a_scale_scales_its_adapter_alone_and_a_scope_takes_it_back() {
        BaseModel base = SetCase.RECURRENT.base(DataType.DOUBLE);
        MultiDataSet data = SetCase.RECURRENT.data(DataType.DOUBLE, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        set.add("it", SetCase.RECURRENT.adapter(base, 2, 1));
        set.activate("it");
        INDArray[] before = set.output(data);
        try (AdapterScope off = set.scaled("it", 0)) {
            assertEquals(0, set.scale("it"));
            assertTrue(distance(base.network().output(false, data.getFeatures()), set.output(data))
                    <= SetCase.rounding(DataType.DOUBLE));
        }
        assertEquals(1, set.scale("it"));
        assertSame(before, set.output(data));
        assertThrows(IllegalStateException.class, () -> {
            try (AdapterScope twice = set.scaled("it", 2)) {
                assertFalse(distance(before, set.output(data)) <= 1e-3);
                throw new IllegalStateException();
            }
        });
        assertSame(before, set.output(data));
    }

    @Test
    void disabled_a_set_computes_the_bytes_of_the_base_and_scopes_nest() {
        BaseModel base = SetCase.RECURRENT.base(DataType.FLOAT);
        MultiDataSet data = SetCase.RECURRENT.data(DataType.FLOAT, EXAMPLES);
        INDArray[] expected = base.network().output(false, data.getFeatures());
        AdapterSet set = new AdapterSet(base);
        set.add("it", SetCase.RECURRENT.withHead(base, 2, 1));
        set.activate("it");
        INDArray[] before = set.output(data);
        try (AdapterScope outer = set.disable()) {
            try (AdapterScope inner = set.disable()) {
                assertSame(expected, set.output(data));
            }
            assertFalse(set.isEnabled());
            assertSame(expected, set.output(data));
        }
        assertTrue(set.isEnabled());
        assertSame(before, set.output(data));
    }

    @Test
    void two_active_adapters_never_own_one_layer_or_own_what_the_other_adapts() {
        BaseModel base = SetCase.DENSE.base(DataType.FLOAT);
        AdapterSet set = new AdapterSet(base);
        set.add("one", SetCase.DENSE.withHead(base, 2, 1));
        set.add("two", SetCase.DENSE.withHead(base, 2, 2));
        set.add("on the head", SetCase.adapter(base, LoraConfig.of(1, 1).withTargets("out"), 3));
        set.add("below", SetCase.adapter(base, LoraConfig.of(1, 1).withTargets("dense_0"), 4));
        set.activate("one");
        for (String other : List.of("two", "on the head")) {
            String message = assertThrows(IllegalArgumentException.class, () -> set.activate("one", other))
                    .getMessage();
            assertTrue(message.contains("'out'") && message.contains("'one'") && message.contains(other), message);
        }
        assertEquals(List.of("one"), set.active());
        set.activate("below", "one");
        AdapterContent two = set.content("two");
        assertThrows(IllegalArgumentException.class, () -> set.replace("below", two));
        assertEquals(List.of("below", "one"), set.active());
    }

    @ParameterizedTest
    @MethodSource("cases")
    @OneIn(6)
    void switching_between_schemes_gives_the_bytes_of_each_adapter_loaded_alone(SetCase test, DataType type) {
        BaseModel base = test.base(type);
        MultiDataSet data = test.data(type, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        Map<String, INDArray[]> expected = new LinkedHashMap<>();
        expected.put("plain", alone(test.adapter(base, 2, 1), data));
        set.add("plain", test.adapter(base, 2, 1));
        test.withSchemes(base).forEach((name, model) -> {
            set.add(name, model);
            expected.put(name, alone(AdaptedModel.load(base, model.content(), SetCase.training()), data));
        });
        INDArray[] without = set.output(data);
        for (int round = 0; round < 2; round++) {
            expected.forEach((name, outputs) -> {
                set.activate(name);
                assertSame(outputs, set.output(data));
                assertTrue(distance(without, outputs) > 1e-3, name);
            });
        }
        set.activate();
        assertSame(without, set.output(data));
        base.verifyUnchanged();
    }

    @Test
    void a_scheme_is_active_alone_and_scaled_as_its_factors_are() {
        BaseModel base = SetCase.DENSE.base(DataType.DOUBLE);
        AdapterSet set = new AdapterSet(base);
        Map<String, AdaptedModel> schemes = SetCase.DENSE.withSchemes(base);
        set.add("plain", SetCase.DENSE.adapter(base, 1, 1));
        set.add("DoRA", schemes.get("DoRA"));
        set.activate("plain");
        String message = assertThrows(IllegalArgumentException.class, () -> set.activate("plain", "DoRA"))
                .getMessage();
        assertEquals(
                "an adapter with more than factors must be the only active one, got 'DoRA' with DoRA among 'plain', 'DoRA'",
                message);
        assertEquals(List.of("plain"), set.active());
        set.activate("DoRA");
        set.setScale("DoRA", 0);
        MultiDataSet data = SetCase.DENSE.data(DataType.DOUBLE, EXAMPLES);
        AdaptedModel magnitudesAlone =
                AdaptedModel.load(base, schemes.get("DoRA").content(), SetCase.training());
        magnitudesAlone.graph().paramTable().forEach((key, values) -> {
            if (key.endsWith("_B")) {
                values.assign(0);
            }
        });
        assertTrue(distance(alone(magnitudesAlone, data), set.output(data)) <= SetCase.rounding(DataType.DOUBLE));
    }

    @Test
    void trained_tokens_are_refused_by_name() {
        BaseModel base = words();
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(1, 1).withTargets("out").withTrainedTokens(Map.of("words", List.of(1, 2))),
                SetCase.training());
        String message = assertThrows(IllegalArgumentException.class, () -> new AdapterSet(base).add("it", model))
                .getMessage();
        assertTrue(message.contains("without trained tokens, got those of 'words'"), message);
    }

    @Test
    void sets_are_saved_as_peft_lays_adapters_out_and_load_to_the_same_bytes() throws IOException {
        BaseModel base = SetCase.RECURRENT.base(DataType.FLOAT);
        MultiDataSet data = SetCase.RECURRENT.data(DataType.FLOAT, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        List<String> names = List.of("default", "lora.weight bias", "lora", "lora.A");
        for (int i = 0; i < names.size(); i++) {
            set.add(names.get(i), SetCase.RECURRENT.withHead(base, 1 + i % 2, i));
        }
        set.save(directory);
        assertTrue(Files.exists(directory.resolve(AdapterFile.CONFIG)));
        assertTrue(Files.exists(directory.resolve("lora.weight bias").resolve(AdapterFile.TENSORS)));
        assertFalse(Files.exists(directory.resolve("default")));

        AdapterSet loaded = AdapterSet.load(base, directory);
        assertEquals(List.of("default", "lora", "lora.A", "lora.weight bias"), loaded.names());
        assertEquals(List.of(), loaded.active());
        for (String name : names) {
            set.activate(name);
            loaded.activate(name);
            assertSame(set.output(data), loaded.output(data));
        }
        assertThrows(
                IOException.class,
                () -> AdapterSet.load(base, directory.resolve("lora.A").resolve("none")));
    }

    @Test
    void an_adapter_of_another_layer_than_those_before_is_taken_when_others_have_computed() {
        BaseModel base = SetCase.RECURRENT.base(DataType.FLOAT);
        MultiDataSet data = SetCase.RECURRENT.data(DataType.FLOAT, EXAMPLES);
        AdapterSet set = new AdapterSet(base);
        AdaptedModel out = SetCase.adapter(base, LoraConfig.of(1, 1).withTargets("out"), 1);
        AdaptedModel below = SetCase.adapter(base, LoraConfig.of(2, 1).withTargets("below"), 2);
        AdaptedModel above = SetCase.adapter(base, LoraConfig.of(2, 1).withTargets(Targets.names("above.RW")), 2);
        set.add("out", out);
        set.activate("out");
        assertSame(alone(out, data), set.output(data));
        set.add("below", below);
        set.activate("below");
        assertSame(alone(below, data), set.output(data));
        set.add("above", above);
        set.activate("above");
        assertSame(alone(above, data), set.output(data));
        set.activate("out");
        assertSame(alone(out, data), set.output(data));
    }

    private static BaseModel words() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("words", new EmbeddingLayer.Builder().nIn(5).nOut(4).build(), "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(4)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "words")
                .setOutputs("out")
                .build());
        network.init();
        return BaseModel.of(network);
    }

    @Test
    void an_adapter_on_an_embedding_counts_in_a_set() {
        BaseModel base = words();
        AdaptedModel adapted = SetCase.adapter(base, LoraConfig.of(2, 4).withTargets("words"), 3);
        INDArray words = Nd4j.createFromArray(new double[][] {{0}, {3}, {4}});
        INDArray expected = adapted.graph().output(words)[0].dup();
        AdapterSet set = new AdapterSet(base);
        set.add("x", adapted.content());
        set.activate("x");
        INDArray found = set.output(words);
        assertTrue(expected.sub(found).amaxNumber().doubleValue() < SetCase.rounding(DataType.DOUBLE));
        assertTrue(base.network().output(words)[0].sub(found).amaxNumber().doubleValue() > 1e-6);
        assertThrows(IllegalArgumentException.class, () -> set.add("X", adapted.content()));
    }
}
