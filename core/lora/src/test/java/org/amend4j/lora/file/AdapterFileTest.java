/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.lora.file.AdapterFixtures.assertSame;
import static org.amend4j.lora.file.AdapterFixtures.dense;
import static org.amend4j.lora.file.AdapterFixtures.dims;
import static org.amend4j.lora.file.AdapterFixtures.everything;
import static org.amend4j.lora.file.AdapterFixtures.full;
import static org.amend4j.lora.file.AdapterFixtures.value;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterContent.PeftCompatibility;
import org.amend4j.model.TorchLayer;
import org.amend4j.safetensors.SafetensorsException;
import org.amend4j.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class AdapterFileTest {
    @TempDir
    Path directory;

    @Test
    void whatWasWrittenIsReadBitForBit() throws IOException {
        AdapterFile.write(directory, everything());
        assertSame(everything(), AdapterFile.read(directory));
    }

    @Test
    void onlyTheDocumentedFilesAreWritten() throws IOException {
        AdapterFile.write(directory, everything());
        AdapterFile.write(directory, everything());
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of("adapter_config.json", "adapter_model.safetensors"),
                    files.map(file -> String.valueOf(file.getFileName()))
                            .sorted()
                            .toList());
        }
    }

    @Test
    void equalAdaptersGiveEqualBytes() throws IOException {
        Path other = directory.resolve("of another name/lora_A");
        AdapterFile.write(directory.resolve("a"), everything());
        AdapterFile.write(other, everything());
        for (String name : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG)) {
            assertArrayEquals(
                    Files.readAllBytes(directory.resolve("a").resolve(name)), Files.readAllBytes(other.resolve(name)));
        }
    }

    @Test
    void aLoadedAdapterIsWrittenToTheSameBytes() throws IOException {
        AdapterFile.write(directory.resolve("a"), everything());
        AdapterFile.write(directory.resolve("b"), AdapterFile.read(directory.resolve("a")));
        for (String name : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG)) {
            assertArrayEquals(
                    Files.readAllBytes(directory.resolve("a").resolve(name)),
                    Files.readAllBytes(directory.resolve("b").resolve(name)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a.b",
                "lora",
                "lora_A",
                "x.lora_A.weight",
                "weight",
                "bias",
                "base_model.model.x",
                "a b",
                "ä/😀",
                "..",
                "../../etc/passwd",
                "\"quoted\"",
                "new\nline",
                "__metadata__",
                "(regex)*[+",
                "a\\b"
            })
    void anyVertexNameRoundTrips(String vertex) throws IOException {
        AdapterFile.write(directory, dense(vertex));
        assertSame(dense(vertex), AdapterFile.read(directory));
    }

    @Test
    void namesThatContainOneAnotherRoundTripTogether() throws IOException {
        LoraConfig config =
                LoraConfig.of(1, 1).withTargets("a", "aa", "b.a", "a.b").withRankPattern("^a", 2);
        List<LayerFactors> factors = new ArrayList<>();
        for (String name : List.of("a", "aa", "b.a", "a.b")) {
            int rank = name.equals("a") ? 2 : 1;
            factors.add(AdapterFixtures.factors(config, name, new FactorLayout.Dense(), 3, 4, rank, 1, DataType.FLOAT));
        }
        AdapterContent content = new AdapterContent(config, "", Map.of(), factors, List.of());
        AdapterFile.write(directory, content);
        assertSame(content, AdapterFile.read(directory));
    }

    @Test
    void tensorsLieWhereAndHowPeftWantsThem() throws IOException {
        AdapterFile.write(directory, everything());
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            requireTensor(file, "dense.lora_A.weight", dims(2, 5), i -> value("dense/A", i[1] * 2 + i[0]));
            requireTensor(file, "dense.lora_B.weight", dims(4, 2), i -> value("dense/B", i[1] * 4 + i[0]));
            requireTensor(
                    file, "conv1.lora_A.weight", dims(2, 4, 3), i -> value("conv1/A", (i[1] * 3 + i[2]) * 2 + i[0]));
            requireTensor(
                    file, "conv2.lora_A.weight", dims(1, 4, 3, 2), i -> value("conv2/A", (i[1] * 3 + i[2]) * 2 + i[3]));
            requireTensor(file, "conv2.lora_B.weight", dims(5, 1, 1, 1), i -> value("conv2/B", i[0]));
            requireTensor(file, "output.weight", dims(3, 4), i -> value("output/W", i[1] * 3 + i[0]));
            requireTensor(file, "output.bias", dims(3), i -> value("output/b", i[0]));
            requireTensor(file, "head1.weight", dims(4, 3, 5), i -> value("head1/W", (i[2] * 3 + i[1]) * 4 + i[0]));
            requireTensor(
                    file,
                    "head2.weight",
                    dims(4, 3, 2, 5),
                    i -> value("head2/W", ((i[0] * 3 + i[1]) * 2 + i[2]) * 5 + i[3]));
            requireTensor(file, "norm.weight", dims(4), i -> value("norm/gamma", i[0]));
            requireTensor(file, "norm.bias", dims(4), i -> value("norm/beta", i[0]));
            requireTensor(file, "norm.running_mean", dims(4), i -> value("norm/mean", i[0]));
            requireTensor(file, "norm.running_var", dims(4), i -> value("norm/var", i[0]));
            requireTensor(file, "lock.running_var", dims(4), i ->
                    (float) StrictMath.pow(10, 2 * value("lock/log10stdev", i[0])));
            requireTensor(file, "lstm.RW", dims(2, 8), i -> value("lstm/RW", i[0] * 8 + i[1]));
            assertTrue(file.tensors().containsKey("base_model.model.norm.num_batches_tracked"));
            assertEquals("pt", file.metadata().get("format"));
            assertEquals("partial", file.metadata().get("amend4j.peft"));
        }
    }

    @Test
    void theConfigurationFileIsWhatPeftReads() throws IOException {
        AdapterFile.write(directory, everything());
        String text = Files.readString(directory.resolve(AdapterFile.CONFIG));
        JsonNode config = new ObjectMapper().readTree(text);
        assertEquals("LORA", config.path("peft_type").asText());
        assertEquals("gaussian", config.path("init_lora_weights").asText());
        assertEquals(2, config.path("r").asInt());
        assertTrue(text.contains("\"lora_alpha\" : 6,"), text);
        assertEquals("{\"^conv2\":1}", config.path("rank_pattern").toString());
        assertEquals("{\"^conv1\":3,\"^conv2\":3}", config.path("alpha_pattern").toString());
        assertEquals(
                "[\"dense\",\"dense.lora_A\",\"double wide\",\"conv1\",\"conv2\"]",
                config.path("target_modules").toString());
        assertEquals(
                "[\"output\",\"head1\",\"head2\",\"norm\",\"lock\"]",
                config.path("modules_to_save").toString());
        assertEquals(35, config.size());
    }

    @Test
    void onlyWhatPeftComputesIsWrittenForPeft() throws IOException {
        refused("it does not compute 'lstm'", () -> AdapterFile.writeForPeft(directory, everything()));
        assertEquals(PeftCompatibility.PARTIAL, everything().peftCompatibility());
        AdapterContent exact = dense("d");
        LayerFactors dilated = exact.factors().get(0);
        dilated = new LayerFactors("d", dilated.layout(), dilated.spec(), false, dilated.a(), dilated.b());
        AdapterContent partial =
                new AdapterContent(exact.config(), exact.baseSha256(), Map.of(), List.of(dilated), List.of());
        refused("it does not compute 'd'", () -> AdapterFile.writeForPeft(directory, partial));
        AdapterFile.writeForPeft(directory, exact);
        assertSame(exact, AdapterFile.read(directory));
        AdapterFile.write(directory, partial);
        assertSame(partial, AdapterFile.read(directory));
    }

    @Test
    void aViewIsSavedAsItsOwnValues() throws IOException {
        INDArray wide = AdapterFixtures.values("wide", DataType.FLOAT, 'c', 3, 10);
        INDArray view = wide.get(NDArrayIndex.all(), NDArrayIndex.interval(4, 6));
        AdapterContent content = dense("d");
        LayerFactors layer = content.factors().get(0);
        AdapterContent viewed = new AdapterContent(
                content.config(),
                "",
                Map.of(),
                List.of(LayerFactors.of(layer.layout(), layer.spec(), view, layer.b())),
                List.of());
        AdapterFile.write(directory, viewed);
        assertSame("A", view, AdapterFile.read(directory).factors().get(0).a());
        assertEquals('f', AdapterFile.read(directory).factors().get(0).a().ordering());
    }

    @Test
    void leftoversOfACrashAreIgnored() throws IOException {
        AdapterFile.write(directory, dense("d"));
        Files.writeString(directory.resolve(".adapter_model.safetensors.x.tmp"), "half");
        Files.writeString(directory.resolve("adapter_model.bin"), "pickle");
        assertSame(dense("d"), AdapterFile.read(directory));
    }

    @Test
    void aCrashBetweenTheTwoRenamesNeverLoadsAMixture() throws IOException {
        AdapterFile.write(directory, everything());
        AdapterFile.write(directory.resolve("new"), dense("d"));
        Files.move(
                directory.resolve("new").resolve(AdapterFile.TENSORS),
                directory.resolve(AdapterFile.TENSORS),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        refusedRead("must agree with the record beside the tensors");
        Files.delete(directory.resolve(AdapterFile.CONFIG));
        refusedRead("must be an existing regular file");
    }

    @Test
    void valuesThatAreNotFiniteAreRefusedAndNothingIsWritten() throws IOException {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            AdapterContent content = dense("d");
            content.factors().get(0).b().putScalar(3, bad);
            refused(
                    "the tensor 'base_model.model.d.lora_B.weight' must have finite values, got " + bad,
                    () -> AdapterFile.write(directory.resolve("new"), content));
        }
        assertFalse(Files.exists(directory.resolve("new")));
    }

    @Test
    void twoArraysThatClaimOneTensorAreRefused() {
        LoraConfig config = LoraConfig.of(2, 4).withTargets("d").withTrainedInFull("d.lora_A");
        AdapterContent content = new AdapterContent(
                config,
                "",
                Map.of(),
                List.of(AdapterFixtures.factors(config, "d", new FactorLayout.Dense(), 3, 4, 2, 4, DataType.FLOAT)),
                List.of(full("d.lora_A", TorchLayer.OTHER, DataType.FLOAT, Map.of("weight", dims(2)))));
        refused("two arrays claim the tensor", () -> AdapterFile.write(directory.resolve("new"), content));
        assertFalse(Files.exists(directory.resolve("new")));
    }

    @Test
    void contentThatContradictsItselfIsRefused() {
        AdapterContent good = dense("d");
        LayerFactors layer = good.factors().get(0);
        refused("must appear once", () -> content(good.config(), good.baseSha256(), layer, layer));
        refused("64 hexadecimal digits", () -> content(good.config(), "ABC", layer));
        refused("must have a layer", () -> content(good.config(), ""));
        refused("must follow the configuration", () -> content(good.config().withDropout(0.5), "", layer));
        refused("must follow the configuration", () -> content(good.config().withRsLora(true), "", layer));
        refused("'out' matches no layer", () -> content(good.config().withTrainedInFull("out"), "", layer));
        refused(
                "the factors of 'd' must be [rows, 2]",
                () -> LayerFactors.of(layer.layout(), layer.spec(), layer.b(), layer.a()));
        refused(
                "must be a multiple of the kernel's size 2",
                () -> LayerFactors.of(new FactorLayout.Conv1D(2), layer.spec(), layer.a(), layer.b()));
        refused(
                "must be FLOAT or DOUBLE, got INT",
                () -> LayerFactors.of(layer.layout(), layer.spec(), layer.a().castTo(DataType.INT32), layer.b()));
        refused(
                "must have one type",
                () -> LayerFactors.of(layer.layout(), layer.spec(), layer.a().castTo(DataType.DOUBLE), layer.b()));
        refused("must have 'W'", () -> full("x", TorchLayer.DENSE, DataType.FLOAT, Map.of("b", dims(3))));
        refused(
                "must have log10stdev or var",
                () -> full("x", TorchLayer.BATCH_NORM, DataType.FLOAT, Map.of("mean", dims(3))));
        refused("cannot have the shape [3]", () -> full("x", TorchLayer.CONV2D, DataType.FLOAT, Map.of("W", dims(3))));
    }

    @Test
    void aPickleIsNeverRead() throws IOException {
        Files.writeString(directory.resolve("adapter_model.bin"), "pickle");
        refusedRead("adapter_model.bin is a Python pickle, which is never read");
        Files.delete(directory.resolve("adapter_model.bin"));
        refused(SafetensorsException.class, "existing regular file", () -> AdapterFile.read(directory));
    }

    @Test
    void aDamagedTensorIsRefused() throws IOException {
        AdapterFile.write(directory, dense("d"));
        Path file = directory.resolve(AdapterFile.TENSORS);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 2] ^= 1;
        Files.write(file, bytes);
        refusedRead("does not have the recorded digest");
    }

    @Test
    void theConfigurationFileMustAgreeWithTheRecord() throws IOException {
        AdapterFile.write(directory, dense("d"));
        for (String[] change : new String[][] {
            {"\"r\" : 2", "\"r\" : 3", "'r'"},
            {"\"lora_alpha\" : 4", "\"lora_alpha\" : 4.5", "'lora_alpha'"},
            {"\"lora_alpha\" : 4,", "", "'lora_alpha'"},
            {"\"use_rslora\" : false", "\"use_rslora\" : true", "'use_rslora'"},
            {"\"lora_dropout\" : 0.0", "\"lora_dropout\" : 0.5", "'lora_dropout'"},
            {"\"target_modules\" : [\n    \"d\"", "\"target_modules\" : [\n    \"e\"", "'target_modules'"},
            {"\"exclude_modules\" : null", "\"exclude_modules\" : [\"x\"]", "'exclude_modules'"},
            {"\"rank_pattern\" : { }", "\"rank_pattern\" : {\"d\": 1}", "'rank_pattern'"},
            {"\"modules_to_save\" : null", "\"modules_to_save\" : [\"x\"]", "'modules_to_save'"},
            {"\"init_lora_weights\" : true", "\"init_lora_weights\" : \"gaussian\"", "'init_lora_weights'"},
            {"\"layers_to_transform\" : null", "\"layers_to_transform\" : [1]", "'layers_to_transform'"},
            {"\"fan_in_fan_out\" : false", "\"fan_in_fan_out\" : true", "'fan_in_fan_out'"}
        }) {
            withConfig(
                    text -> replaced(text, change[0], change[1]),
                    () -> refusedRead(change[2] + " must agree with the record beside the tensors"));
        }
        withConfig(
                text -> replaced(text, "\"lora_alpha\" : 4", "\"lora_alpha\" : 4.0"),
                () -> assertSame(dense("d"), AdapterFile.read(directory)));
    }

    @Test
    void configurationsWeCannotComputeAreRefused() throws IOException {
        AdapterFile.write(directory, dense("d"));
        for (String[] change : new String[][] {
            {"\"peft_type\" : \"LORA\",", "", "'peft_type' is missing"},
            {"\"peft_type\" : \"LORA\"", "\"peft_type\" : null", "'peft_type' is missing"},
            {"\"LORA\"", "\"LOHA\"", "'peft_type' must be LORA, got 'LOHA'"},
            {"\"LORA\"", "7", "'peft_type' of the configuration must be a text"},
            {"\"task_type\" : null", "\"task_type\" : \"X\"", "'task_type' must be one of PEFT's"},
            {"\"use_dora\" : false", "\"use_dora\" : true", "'use_dora' must agree with the record"},
            {"\"use_qalora\" : false", "\"use_qalora\" : true", "'use_qalora' is not supported"},
            {"\"lora_bias\" : false", "\"lora_bias\" : true", "'lora_bias' must agree with the record"},
            {"\"bias\" : \"none\"", "\"bias\" : \"all\"", "'bias' must agree with the record"},
            {"\"layer_replication\" : null", "\"layer_replication\" : [[0, 1]]", "'layer_replication' is not supported"
            },
            {"\"target_parameters\" : null", "\"target_parameters\" : [\"x\"]", "'target_parameters' is not supported"},
            {"\"megatron_config\" : null", "\"megatron_config\" : {}", "'megatron_config' is not supported"},
            {"\"arrow_config\" : null", "\"arrow_config\" : {}", "'arrow_config' is not supported"},
            {"\"loftq_config\" : { }", "\"loftq_config\" : {\"a\": 1}", "'loftq_config' is not supported"},
            {"\"alora_invocation_tokens\" : null", "\"alora_invocation_tokens\" : [1]", "'alora_invocation_tokens' is"},
            {
                "\"trainable_token_indices\" : null",
                "\"trainable_token_indices\" : [1]",
                "'trainable_token_indices' must agree"
            },
            {"\"init_lora_weights\" : true", "\"init_lora_weights\" : \"pissa\"", "'init_lora_weights' is pissa"},
            {"{", "{\"r\": 2, ", "the name 'r' stands twice"},
            {"{", "{{", "is not strict JSON"},
            {"null", "[".repeat(100) + "]".repeat(100), "is not strict JSON"}
        }) {
            withConfig(text -> replaced(text, change[0], change[1]), () -> refusedRead(change[2]));
        }
        withConfig(text -> text + "{}", () -> refusedRead("is not strict JSON"));
        withConfig(text -> "[]", () -> refusedRead("must be a JSON object"));
        withConfig(text -> "", () -> refusedRead("must be a JSON object"));
        withConfig(text -> text + " ".repeat(1 << 24), () -> refusedRead("must have at most"));
        Files.write(directory.resolve(AdapterFile.CONFIG), new byte[] {'{', '"', (byte) 0xc0, '"', '}'});
        refusedRead("must be UTF-8");
    }

    @Test
    void unknownSettingsInTheConfigurationAreTolerated() throws IOException {
        AdapterFile.write(directory, dense("d"));
        withConfig(text -> replaced(text, "{", "{\"from_the_future\": 7, \"peft_version\": \"9\", "), () -> {
            assertSame(dense("d"), AdapterFile.read(directory));
        });
    }

    @Test
    void layersTrainedInFullAloneAreNotForPeft() throws IOException {
        LoraConfig config = LoraConfig.of(2, 4).withTargets().withTrainedInFull("out");
        AdapterContent heads = new AdapterContent(
                config,
                "",
                Map.of(),
                List.of(),
                List.of(full("out", TorchLayer.DENSE, DataType.FLOAT, Map.of("W", dims(4, 3)))));
        assertEquals(PeftCompatibility.NONE, heads.peftCompatibility());
        refused("only layers trained in full: 'out'", () -> AdapterFile.writeForPeft(directory, heads));
        AdapterFile.write(directory, heads);
        assertSame(heads, AdapterFile.read(directory));
        EditedAdapter edited = EditedAdapter.of(directory);
        assertEquals("none", edited.metadata.get("amend4j.peft"));
        // as the first releases marked it
        edited.replace("amend4j.peft", "none", "exact").save(directory);
        assertSame(heads, AdapterFile.read(directory));
        edited.replace("amend4j.peft", "exact", "nonsense").save(directory);
        refusedRead("the metadata amend4j.peft must be");
    }

    private interface Action {
        void run() throws IOException;
    }

    private void withConfig(UnaryOperator<String> change, Action action) throws IOException {
        Path file = directory.resolve(AdapterFile.CONFIG);
        String original = Files.readString(file);
        Files.writeString(file, change.apply(original));
        action.run();
        Files.writeString(file, original);
    }

    private static String replaced(String text, String from, String to) {
        int at = text.indexOf(from);
        assertTrue(at >= 0, from);
        return text.substring(0, at) + to + text.substring(at + from.length());
    }

    private static AdapterContent content(LoraConfig config, String base, LayerFactors... factors) {
        return new AdapterContent(config, base, Map.of(), List.of(factors), List.of());
    }

    private void refusedRead(String rule) {
        String sentence = refused(AdapterFormatException.class, rule, () -> AdapterFile.read(directory));
        assertTrue(sentence.startsWith("file '"), sentence);
    }

    private interface Element {
        double at(long[] index);
    }

    private static void requireTensor(SafetensorsFile file, String name, long[] shape, Element expected)
            throws IOException {
        String key = "base_model.model." + name;
        double[] values = file.readDoubles(key);
        assertEquals(Nd4j.create(DataType.FLOAT, shape).length(), values.length, key);
        long[] index = new long[shape.length];
        for (int flat = 0; flat < values.length; flat++) {
            long rest = flat;
            for (int d = shape.length - 1; d >= 0; d--) {
                index[d] = rest % shape[d];
                rest /= shape[d];
            }
            assertEquals(expected.at(index), values[flat], key + " " + flat);
        }
    }
}
