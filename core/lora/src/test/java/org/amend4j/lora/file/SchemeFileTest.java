/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.lora.file.AdapterFixtures.assertSameInAll;
import static org.amend4j.lora.file.AdapterFixtures.values;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterContent.PeftCompatibility;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Schemes, layouts and weights beyond plain LoRA on dense layers, in our files and in PEFT's. */
class SchemeFileTest {
    private static final String P = StoredTensor.PREFIX;

    @TempDir
    Path directory;

    static Stream<AdapterContent> contents() {
        return Stream.of(AdapterFixtures.dora(), AdapterFixtures.biasOnB(), AdapterFixtures.several());
    }

    private Map<String, List<Long>> shapes() throws IOException {
        Map<String, List<Long>> shapes = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            file.tensors().forEach((key, tensor) -> shapes.put(key.substring(P.length()), tensor.shape()));
        }
        return shapes;
    }

    private static Map<String, String> same(Path adapter) throws IOException {
        Map<String, String> names = new TreeMap<>();
        AdapterSummary.read(adapter).modules().forEach(module -> names.put(module.name(), module.name()));
        return names;
    }

    @ParameterizedTest
    @MethodSource("contents")
    void everySchemeComesBackFromItsFileBitForBit(AdapterContent content) throws IOException {
        AdapterFile.write(directory, content);
        AdapterContent read = AdapterFile.read(directory);
        assertSameInAll(content, read);
        Path again = directory.resolve("again");
        AdapterFile.write(again, read);
        for (String file : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG)) {
            assertArrayEquals(Files.readAllBytes(directory.resolve(file)), Files.readAllBytes(again.resolve(file)));
        }
    }

    @Test
    void keysAndShapesArePefts() throws IOException {
        AdapterFile.export(directory, AdapterFixtures.dora());
        Map<String, List<Long>> expected = new TreeMap<>();
        expected.put("conv2.lora_A.weight", List.of(2L, 4L, 3L, 2L));
        expected.put("conv2.lora_B.weight", List.of(5L, 2L, 1L, 1L));
        expected.put("conv2.lora_magnitude_vector", List.of(1L, 5L, 1L, 1L));
        expected.put("conv3.lora_A.weight", List.of(2L, 2L, 2L, 3L, 1L));
        expected.put("conv3.lora_B.weight", List.of(5L, 2L, 1L, 1L, 1L));
        expected.put("conv3.lora_magnitude_vector", List.of(1L, 5L, 1L, 1L, 1L));
        expected.put("dense.base_layer.bias", List.of(4L));
        expected.put("dense.lora_A.weight", List.of(2L, 3L));
        expected.put("dense.lora_B.weight", List.of(4L, 2L));
        expected.put("dense.lora_magnitude_vector", List.of(4L));
        expected.put("embed.lora_embedding_A", List.of(2L, 7L));
        expected.put("embed.lora_embedding_B", List.of(3L, 2L));
        expected.put("embed.lora_magnitude_vector", List.of(3L));
        expected.put("other.bias", List.of(6L));
        expected.put("words.token_adapter.trainable_tokens_delta", List.of(2L, 3L));
        assertEquals(expected, shapes());
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            assertEquals(Map.of("format", "pt"), file.metadata());
            // row 1 of PEFT's A is column 1 of ours: the value at token 4 of rank 1
            assertEquals(
                    values("embed/A", DataType.FLOAT, 'f', 7, 2).getFloat(4, 1),
                    file.readFloats(P + "embed.lora_embedding_A")[7 + 4]);
        }
        AdapterFile.export(directory, AdapterFixtures.biasOnB());
        assertEquals(List.of(5L), shapes().get("conv.lora_B.bias"));
        assertEquals(List.of(4L), shapes().get("dense.lora_B.bias"));
    }

    @Test
    void peftsConfigurationSaysTheScheme() throws IOException {
        AdapterFile.export(directory, AdapterFixtures.dora());
        JsonFields dora = PeftConfig.load(directory.resolve(AdapterFile.CONFIG));
        assertTrue(dora.bool("use_dora"));
        assertEquals("all", dora.text("bias"));
        assertEquals(List.of(5, 2), dora.object("trainable_token_indices").integers("words"));
        AdapterFile.export(directory, AdapterFixtures.biasOnB());
        JsonFields bias = PeftConfig.load(directory.resolve(AdapterFile.CONFIG));
        assertTrue(bias.bool("lora_bias"));
        assertEquals("none", bias.text("bias"));
    }

    @Test
    void whatIsExportedIsReadAgainAsPeftsOwn() throws IOException {
        for (AdapterContent content : List.of(AdapterFixtures.dora(), AdapterFixtures.biasOnB())) {
            AdapterFile.export(directory, content);
            AdapterContent read = AdapterFile.read(directory, same(directory));
            assertSameInAll(content, read);
            assertEquals(PeftCompatibility.EXACT, read.peftCompatibility());
        }
    }

    @Test
    void anExportNamesWhatPeftDoesNotKnowAndWritesNothing() throws IOException {
        AdapterContent several = AdapterFixtures.several();
        assertEquals(PeftCompatibility.PARTIAL, several.peftCompatibility());
        String sentence = "it does not compute 'lstm.W', 'lstm.RW', 'deconv', 'lstm.b'";
        refused(sentence, () -> AdapterFile.export(directory, several));
        refused(sentence, () -> AdapterFile.writeForPeft(directory, several));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
        AdapterFile.write(directory, several);
        JsonFields config = PeftConfig.load(directory.resolve(AdapterFile.CONFIG));
        assertEquals(List.of("dense"), config.texts("target_modules"));
        assertEquals(Set.of(), config.object("rank_pattern").names());
        assertTrue(shapes().keySet().containsAll(List.of("lstm.RW.lora_A.weight", "deconv.W.lora_B.weight", "lstm.b")));
    }

    @Test
    void whatPeftDoesNotKnowIsNeverCalledExact() {
        LoraConfig config = LoraConfig.of(2, 6).withTargets("lstm.W");
        AdapterSpec spec = config.adapter("lstm.W", 2, 6);
        refused(
                "PEFT has no adapter for the weight 'lstm.W', so it is not exact",
                () -> new LayerFactors(
                        new AdaptedWeight("lstm", "W", false),
                        new FactorLayout.Dense(),
                        spec,
                        true,
                        values("a", DataType.FLOAT, 'f', 3, 2),
                        values("b", DataType.FLOAT, 'f', 2, 4),
                        FactorVectors.NONE));
    }

    @Test
    void vectorsAndBiasesAreThoseOfTheScheme() {
        LayerFactors dense = AdapterFixtures.dora().factors().get(2);
        refused("'dense' must have a magnitude by its scheme", () -> with(dense, dense.spec(), FactorVectors.NONE));
        AdapterSpec plain = LoraConfig.of(2, 6).adapter("dense", 2, 6);
        refused("'dense' must have no magnitude by its scheme", () -> with(dense, plain, dense.vectors()));
        refused(
                "the magnitude of 'dense' must be 4 values of type FLOAT, got [3]",
                () -> with(dense, dense.spec(), FactorVectors.ofMagnitude(values("m", DataType.FLOAT, 'c', 3))));
        AdapterContent content = AdapterFixtures.dora();
        refused(
                "the bias of 'other' must not be trained beside its layer by the bias mode ADAPTED",
                () -> new AdapterContent(
                        content.config().withBias(BiasMode.ADAPTED),
                        "",
                        Map.of(),
                        content.factors().stream()
                                .map(layer -> with(
                                        layer,
                                        content.config()
                                                .withBias(BiasMode.ADAPTED)
                                                .adapter(layer.name(), 2, 6),
                                        layer.vectors()))
                                .toList(),
                        List.of(),
                        content.biases(),
                        List.of(),
                        Optional.empty()));
        refused("must be >= 0 and different, got [1, 1]", () -> tokens(1, 1));
        refused("must be >= 0 and different, got [-1, 1]", () -> tokens(-1, 1));
        refused("must have 3 rows, got the shape [2, 3]", () -> tokens(1, 2, 3));
    }

    private static void tokens(Integer... indices) {
        new TrainedTokens("words", List.of(indices), values("t", DataType.FLOAT, 'c', 2, 3));
    }

    private static LayerFactors with(LayerFactors layer, AdapterSpec spec, FactorVectors vectors) {
        return new LayerFactors(layer.weight(), layer.layout(), spec, layer.peftExact(), layer.a(), layer.b(), vectors);
    }

    @Test
    void halvesGoBackInTheirTypeAsLongAsItHoldsThem() throws IOException {
        List<TensorData> halves = List.of(
                half("d.lora_A.weight", DType.BF16, List.of(1L, 2L), 1.5f, -0x1p-126f),
                half("d.lora_B.weight", DType.F16, List.of(2L, 1L), 65504, 0x1p-24f));
        SafetensorsWriter.write(directory.resolve(AdapterFile.TENSORS), Map.of("format", "pt"), halves);
        Files.writeString(
                directory.resolve(AdapterFile.CONFIG),
                "{\"peft_type\": \"LORA\", \"target_modules\":[\"d\"],\n\"lora_alpha\": 1.50, \"r\":1}");
        AdapterContent read = AdapterFile.read(directory, Map.of("d", "d"));
        Path out = directory.resolve("out");
        AdapterFile.export(out, read);
        for (String file : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG)) {
            assertArrayEquals(Files.readAllBytes(directory.resolve(file)), Files.readAllBytes(out.resolve(file)), file);
        }
        read.factors().get(0).a().putScalar(0, 0, 1.001);
        AdapterFile.export(out, read);
        try (SafetensorsFile file = SafetensorsFile.open(out.resolve(AdapterFile.TENSORS))) {
            List<DType> types = new ArrayList<>();
            new TreeMap<>(file.tensors()).values().forEach(tensor -> types.add(tensor.dtype()));
            assertEquals(List.of(DType.F32, DType.F16), types);
            assertEquals(1.001f, file.readFloats(P + "d.lora_A.weight")[0]);
        }
    }

    private static TensorData half(String name, DType type, List<Long> shape, float... values) {
        return TensorData.ofHalves(P + name, type, shape, values).orElseThrow();
    }

    @Test
    void aChangedAdapterKeepsWhatItsFileSaysOfItsOrigin() throws IOException {
        AdapterFile.export(directory, AdapterFixtures.biasOnB());
        Path config = directory.resolve(AdapterFile.CONFIG);
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("\"base_model_name_or_path\" : null", "\"base_model_name_or_path\" : \"bert\"")
                        .replaceFirst("\\{", "{\"peft_version\": \"9\", "));
        AdapterContent read = AdapterFile.read(directory, same(directory));
        AdapterContent fewer = new AdapterContent(
                read.config().withTargets("dense"),
                "",
                Map.of(),
                read.factors().subList(1, 2),
                List.of(),
                List.of(),
                List.of(),
                read.origin());
        AdapterFile.export(directory, fewer);
        JsonFields now = PeftConfig.load(config);
        assertEquals("bert", now.text("base_model_name_or_path"));
        assertEquals("9", now.text("peft_version"));
        assertEquals(List.of("dense"), now.texts("target_modules"));
    }

    /** What PEFT 0.20 saves besides for an embedding of transformers and with bias "all" for a layer trained in full. */
    @Test
    void copiesOfTheBaseInAFileOfPeftAreLeftOut() throws IOException {
        AdapterFile.export(directory, AdapterFixtures.dora());
        List<TensorData> more = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            for (var tensor : file.tensors().values()) {
                more.add(TensorData.ofFloats(tensor.name(), tensor.shape(), file.readFloats(tensor.name())));
            }
        }
        more.add(TensorData.ofFloats(P + "embed.base_layer.weight", List.of(7L, 3L), new float[21]));
        more.add(TensorData.ofFloats(P + "head.original_module.bias", List.of(1L), new float[1]));
        SafetensorsWriter.write(directory.resolve(AdapterFile.TENSORS), Map.of(), more);
        assertSameInAll(AdapterFixtures.dora(), AdapterFile.read(directory, same(directory)));
    }

    @Test
    void tokensMayBeAListForTheOneEmbedding() throws IOException {
        AdapterFile.export(directory, AdapterFixtures.dora());
        Path config = directory.resolve(AdapterFile.CONFIG);
        String text = Files.readString(config);
        String list =
                text.replaceFirst("\"trainable_token_indices\" : \\{[^}]*\\}", "\"trainable_token_indices\": [5, 2]");
        Files.writeString(config, list);
        assertEquals(
                List.of(5, 2),
                AdapterFile.read(directory, same(directory)).tokens().get(0).indices());
        Files.writeString(config, list.replace("[5, 2]", "[5]"));
        refused(
                AdapterFormatException.class,
                "must have 1 rows, got the shape [2, 3]",
                () -> AdapterFile.read(directory, same(directory)));
        Files.writeString(config, list.replace("[5, 2]", "{\"x\": [5, 2]}"));
        refused(
                AdapterFormatException.class,
                "'trainable_token_indices' must have the tokens of the module 'words'",
                () -> AdapterFile.read(directory, same(directory)));
    }
}
