/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.transformer.TokenArrays;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.lora.file.ModuleNames;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.ProbeReport;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Adapters of every family have the tensors that PEFT's would have on Hugging Face's classes. PEFT's rules (0.20): a module is called by its
 * path, {@code base_model.model.} in front; a {@code Linear} of [outputs, inputs] and a {@code Conv1D} of [inputs, outputs] have
 * {@code lora_A.weight} [r, inputs] and {@code lora_B.weight} [outputs, r], an {@code Embedding} of [numbers, width] has
 * {@code lora_embedding_A} [r, numbers] and {@code lora_embedding_B} [width, r].
 */
class PeftModulesTest {

    private static final long SEED = 5;
    private static final long RANK = 3;

    @TempDir
    Path temp;

    private static TinyCheckpoint decoder(String type) {
        return TinyCheckpoint.llama(SEED).with("model_type", type).with("num_hidden_layers", 2);
    }

    private static TinyCheckpoint encoder(TinyCheckpoint tiny, String head) {
        return tiny.with("architectures", List.of(head)).with("num_hidden_layers", 2);
    }

    static Stream<TinyCheckpoint> families() {
        return Stream.of(
                decoder("llama"),
                decoder("llama").with("tie_word_embeddings", true),
                decoder("mistral"),
                decoder("qwen2"),
                decoder("qwen3").with("head_dim", 6),
                decoder("gemma").with("head_dim", 6).with("tie_word_embeddings", true),
                TinyCheckpoint.gpt2(SEED),
                encoder(TinyCheckpoint.bert(SEED), "BertModel"),
                encoder(TinyCheckpoint.bert(SEED), "BertForMaskedLM"),
                encoder(TinyCheckpoint.roberta(SEED), "RobertaForMaskedLM"),
                TinyCheckpoint.distilBert(SEED).with("architectures", List.of("DistilBertForMaskedLM")),
                TinyCheckpoint.vit(SEED),
                TinyCheckpoint.dinov2(SEED),
                TinyCheckpoint.dinov2(SEED).with("use_swiglu_ffn", true));
    }

    @ParameterizedTest
    @MethodSource("families")
    void an_adapter_on_everything_has_the_tensors_that_peft_gives_it(TinyCheckpoint tiny) throws IOException {
        Path base = tiny.filled().write(temp.resolve("base"));
        TransformerModel model = TransformerModel.open(base, DataType.FLOAT);
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(model.graph()),
                LoraConfig.of((int) RANK, 4)
                        .withTargets(isOfPictures(tiny) ? Targets.allLinear() : Targets.regex(".*")),
                by(new Sgd(0.1)));
        adapted.save(temp.resolve("adapter"));
        assertEquals(today(tiny, expected(tiny, base)), shapes(temp.resolve("adapter/adapter_model.safetensors")));
        AdapterFile.write(temp.resolve("former"), adapted.content().named(ModuleNames.TRANSFORMERS_4));
        assertEquals(expected(tiny, base), shapes(temp.resolve("former/adapter_model.safetensors")));
    }

    static Stream<TinyCheckpoint> pictures() {
        return Stream.of(
                TinyCheckpoint.vit(SEED),
                encoder(TinyCheckpoint.vit(SEED), "ViTForImageClassification").with("num_labels", 2),
                TinyCheckpoint.dinov2(SEED),
                TinyCheckpoint.dinov2(SEED).with("use_swiglu_ffn", true));
    }

    /** Also one of before, with former names, and as PEFT's. */
    @ParameterizedTest
    @MethodSource("pictures")
    void an_adapter_of_pictures_is_read_back_by_the_names_of_either_release(TinyCheckpoint tiny) throws IOException {
        BaseModel base = opened(tiny, "base");
        LoraConfig config = LoraConfig.of((int) RANK, 4)
                .withTargets(Targets.regex(".*(query|output\\.dense|fc2|weights_out)"))
                .withRankPattern("query", 2)
                .withExclusions("1.attention.output.dense");
        AdaptedModel adapted = AdaptedModel.attach(base, config, by(new Sgd(0.1)));
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        int size = tiny.integer("image_size");
        INDArray pictures = Nd4j.rand(DataType.FLOAT, 2, tiny.integer("num_channels"), size, size);
        for (ModuleNames names : ModuleNames.values()) {
            Path ours = temp.resolve("ours" + names);
            AdapterFile.write(ours, adapted.content().named(names));
            Path exported = temp.resolve("exported" + names);
            AdapterFile.export(
                    exported,
                    adapted.content().named(names),
                    base.layerFingerprints().keySet());
            assertEquals(
                    shapes(ours.resolve(AdapterFile.TENSORS)).keySet(),
                    shapes(exported.resolve(AdapterFile.TENSORS)).keySet());
            for (AdaptedModel read : List.of(
                    AdaptedModel.load(base, ours, by(new Sgd(0.1))),
                    AdaptedModel.load(base, ours, ModuleMap.bySameNames(), by(new Sgd(0.1))),
                    AdaptedModel.load(base, exported, ModuleMap.bySameNames(), by(new Sgd(0.1))))) {
                assertEquals(Set.copyOf(adapted.adapters()), Set.copyOf(read.adapters()));
                assertTrue(ArrayBytes.same(
                        adapted.graph().outputSingle(pictures), read.graph().outputSingle(pictures)));
            }
        }
    }

    /** Of whose layers the file says which they were, and so for which weights. */
    @ParameterizedTest
    @EnumSource
    void an_adapter_of_pictures_under_a_head_is_for_the_encoder_alone(ModuleNames names) throws IOException {
        TinyCheckpoint headed =
                encoder(TinyCheckpoint.vit(SEED), "ViTForImageClassification").with("num_labels", 2);
        LoraConfig config = LoraConfig.of((int) RANK, 4).withTargets("query").withTrainedInFull("classifier");
        AdaptedModel adapted = AdaptedModel.attach(opened(headed, "headed"), config, by(new Sgd(0.1)));
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        Path ours = temp.resolve("ours");
        AdapterFile.write(ours, adapted.content().named(names));
        ModuleMap map = ModuleMap.ofEncoder("vit.");
        BaseModel alone = opened(TinyCheckpoint.vit(SEED).with("num_hidden_layers", 2), "alone");
        AdaptedModel read = AdaptedModel.load(alone, ours, map, by(new Sgd(0.1)));
        assertEquals(
                adapted.adapters().stream().map(AdapterSpec::target).toList(),
                read.adapters().stream().map(one -> "vit." + one.target()).toList());
        BaseModel other = opened(TinyCheckpoint.vit(SEED + 1).with("num_hidden_layers", 2), "other");
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> AdaptedModel.load(other, ours, map, by(new Sgd(0.1))));
        assertTrue(refused.getMessage().contains("with other weights than the base's"), refused.getMessage());
    }

    private BaseModel opened(TinyCheckpoint tiny, String name) throws IOException {
        return BaseModel.of(TransformerModel.open(tiny.filled().write(temp.resolve(name)), DataType.FLOAT)
                .graph());
    }

    /** What PEFT wrote keeps its names where none are asked for. */
    @ParameterizedTest
    @EnumSource
    void what_peft_wrote_is_exported_by_the_names_that_are_asked_for(ModuleNames theirs) throws IOException {
        BaseModel base = BaseModel.of(
                TransformerModel.open(TinyCheckpoint.vit(SEED).filled().write(temp.resolve("base")), DataType.FLOAT)
                        .graph());
        AdaptedModel adapted =
                AdaptedModel.attach(base, LoraConfig.of((int) RANK, 4).withTargets("query"), by(new Sgd(0.1)));
        Path peft = temp.resolve("peft");
        AdapterFile.export(peft, adapted.content().named(theirs));
        AdapterContent read = AdaptedModel.load(base, peft, ModuleMap.bySameNames(), by(new Sgd(0.1)))
                .content();
        AdapterFile.export(temp.resolve("again"), read);
        assertEquals(names(peft), names(temp.resolve("again")));
        for (ModuleNames asked : ModuleNames.values()) {
            Path out = temp.resolve("as" + asked);
            AdapterFile.export(out, read.named(asked));
            AdapterFile.export(temp.resolve("expected"), adapted.content().named(asked));
            assertEquals(names(temp.resolve("expected")), names(out));
            assertEquals(targets(temp.resolve("expected")), targets(out));
        }
    }

    /** The two modules of release 5 of transformers share A, so that reading them gives the one matrix of before to the bit. */
    @ParameterizedTest
    @EnumSource
    void a_gate_of_pictures_is_written_as_the_modules_that_are_asked_for_and_read_to_the_bit(ModuleNames names)
            throws IOException {
        BaseModel base = gated();
        LoraConfig config = LoraConfig.of((int) RANK, 4)
                .withTargets("weights_in", "query")
                .withDora()
                .withBias(BiasMode.ALL);
        AdaptedModel adapted = AdaptedModel.attach(base, config, by(new Sgd(0.1)));
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        Path ours = temp.resolve("ours");
        AdapterFile.writeForPeft(
                ours, adapted.content().named(names), base.layerFingerprints().keySet());
        assertEquals(
                names == ModuleNames.TRANSFORMERS_4,
                names(ours).stream().anyMatch(name -> name.contains("weights_in")));
        AdaptedModel read = AdaptedModel.load(base, ours, by(new Sgd(0.1)));
        assertEquals(adapted.config(), read.config());
        assertTrue(ArrayBytes.same(adapted.graph().params(), read.graph().params()));
        Path peft = temp.resolve("peft");
        AdapterFile.export(
                peft, adapted.content().named(names), base.layerFingerprints().keySet());
        AdaptedModel foreign = AdaptedModel.load(base, peft, ModuleMap.bySameNames(), by(new Sgd(0.1)));
        assertTrue(ArrayBytes.same(adapted.graph().params(), foreign.graph().params()));
    }

    @Test
    void halves_of_a_gate_with_scales_of_their_own_are_refused() throws IOException {
        BaseModel base = gated();
        AdaptedModel adapted =
                AdaptedModel.attach(base, LoraConfig.of((int) RANK, 4).withTargets("weights_in"), by(new Sgd(0.1)));
        Path peft = temp.resolve("peft");
        AdapterFile.export(peft, adapted.content(), base.layerFingerprints().keySet());
        Path config = peft.resolve(AdapterFile.CONFIG);
        String text = Files.readString(config);
        Files.writeString(
                config,
                text.replaceFirst("\"alpha_pattern\"\\s*:\\s*\\{[^}]*}", "\"alpha_pattern\": {\"gate_proj\": 7}"));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> AdaptedModel.load(base, peft, ModuleMap.bySameNames(), by(new Sgd(0.1))));
        assertTrue(refused.getMessage().contains("give both the same rank and alpha"), refused.getMessage());
    }

    private BaseModel gated() throws IOException {
        return opened(TinyCheckpoint.dinov2(SEED).with("use_swiglu_ffn", true), "gated");
    }

    static Stream<TinyCheckpoint> ofTexts() {
        return families().filter(tiny -> !isOfPictures(tiny));
    }

    @ParameterizedTest
    @MethodSource("ofTexts")
    void every_family_of_texts_is_compared_with_its_base_on_tokens_made_up_for_it(TinyCheckpoint tiny)
            throws IOException {
        TransformerModel model = TransformerModel.open(tiny.filled().write(temp.resolve("base")), DataType.FLOAT);
        ProbeReport probed = AdaptedModel.attach(
                        BaseModel.of(model.graph()),
                        LoraConfig.of((int) RANK, 4).withTargets(Targets.allLinear()),
                        by(new Sgd(0.1)))
                .probed();
        assertInstanceOf(ProbeReport.Agreed.class, probed, probed.sentence());
    }

    /** {@code modules_to_save} of tables, heads and norms: tensors are those of the checkpoint, and what PEFT writes is read. */
    @Test
    void tables_heads_and_norms_trained_in_full_are_the_checkpoints_tensors_and_are_read_back() throws IOException {
        Path base = decoder("llama").filled().write(temp.resolve("base"));
        BaseModel opened =
                BaseModel.of(TransformerModel.open(base, DataType.FLOAT).graph());
        LoraConfig config = LoraConfig.of((int) RANK, 4)
                .withTargets("q_proj")
                .withTrainedInFull("model.embed_tokens", "lm_head", "model.norm");
        AdaptedModel adapted = AdaptedModel.attach(opened, config, by(new Sgd(0.1)));
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        adapted.saveForPeft(temp.resolve("peft"));
        Map<String, List<Long>> written = shapes(temp.resolve("peft/adapter_model.safetensors"));
        shapes(base.resolve("model.safetensors")).forEach((tensor, shape) -> {
            if (tensor.matches("(model\\.embed_tokens|lm_head|model\\.norm)\\.weight")) {
                assertEquals(shape, written.remove("base_model.model." + tensor), tensor);
            }
        });
        assertEquals(2 * 2, written.size(), written.toString());
        AdaptedModel read = AdaptedModel.load(opened, temp.resolve("peft"), ModuleMap.bySameNames(), by(new Sgd(0.1)));
        INDArray tokens = TokenArrays.of(DataType.FLOAT, List.of(new int[] {3, 1, 4, 1, 5}));
        assertTrue(ArrayBytes.same(
                adapted.graph().outputSingle(tokens), read.graph().outputSingle(tokens)));
    }

    /** Since release 5 of transformers, modules are called otherwise in memory, and so in adapters, than in checkpoints. */
    @ParameterizedTest
    @CsvSource({
        "vit, encoder.layer.0.attention.attention.query, layers.0.attention.q_proj",
        "vit, encoder.layer.1.attention.attention.value, layers.1.attention.v_proj",
        "vit, encoder.layer.1.attention.output.dense, layers.1.attention.o_proj",
        "vit, encoder.layer.0.intermediate.dense, layers.0.mlp.fc1",
        "vit, encoder.layer.1.output.dense, layers.1.mlp.fc2",
        "dinov2, encoder.layer.0.attention.attention.key, encoder.layer.0.attention.k_proj",
        "dinov2, encoder.layer.1.attention.output.dense, encoder.layer.1.attention.o_proj",
        "dinov2, encoder.layer.1.mlp.fc2, encoder.layer.1.mlp.fc2"
    })
    void adapters_of_pictures_are_read_by_both_releases_names(String family, String inFiles, String inMemory)
            throws IOException {
        TinyCheckpoint tiny = family.equals("vit") ? TinyCheckpoint.vit(SEED) : TinyCheckpoint.dinov2(SEED);
        BaseModel base = opened(tiny, "base");
        String vertex = base.configuration().getTopologicalOrderStr().stream()
                .filter(name -> name.endsWith(inFiles))
                .findFirst()
                .orElseThrow();
        String beginning = vertex.substring(0, vertex.length() - inFiles.length());
        AdaptedModel adapted =
                AdaptedModel.attach(base, LoraConfig.of((int) RANK, 4).withTargets(vertex), by(new Sgd(0.1)));
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        AdapterFile.writeForPeft(temp.resolve("ours"), adapted.content().named(ModuleNames.TRANSFORMERS_4));
        List<TensorData> tensors = new ArrayList<>();
        try (SafetensorsFile file = SafetensorsFile.open(temp.resolve("ours/adapter_model.safetensors"))) {
            for (TensorInfo tensor : file.tensors().values()) {
                tensors.add(TensorData.ofFloats(
                        tensor.name().replace(vertex, beginning + inMemory),
                        tensor.shape(),
                        file.readFloats(tensor.name())));
            }
        }
        Path theirs = Files.createDirectories(temp.resolve("theirs"));
        SafetensorsWriter.write(theirs.resolve("adapter_model.safetensors"), Map.of("format", "pt"), tensors);
        String module = inMemory.substring(inMemory.lastIndexOf('.') + 1);
        Files.writeString(
                theirs.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"r\": 3, \"lora_alpha\": 4, \"target_modules\": [\"" + module + "\"]}");
        AdaptedModel read = AdaptedModel.load(base, theirs, ModuleMap.bySameNames(), by(new Sgd(0.1)));
        assertTrue(ArrayBytes.same(adapted.graph().params(), read.graph().params()), inMemory);
        assertEquals(
                List.of(vertex),
                read.adapters().stream().map(AdapterSpec::target).toList());
    }

    /** A dense layer on patches is a convolution there, whose factors have other shapes. */
    @Test
    void an_adapter_on_patches_of_pictures_is_none_that_peft_reads() throws IOException {
        Path base = TinyCheckpoint.vit(SEED).filled().write(temp.resolve("base"));
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(TransformerModel.open(base, DataType.FLOAT).graph()),
                LoraConfig.of((int) RANK, 4).withTargets("projection", "query"),
                by(new Sgd(0.1)));
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> adapted.saveForPeft(temp.resolve("peft")));
        assertTrue(refused.getMessage().contains("projection"), refused.getMessage());
    }

    @Test
    void tokens_of_a_tied_table_train_in_the_head_too_of_which_nothing_else_does() throws IOException {
        Path base = decoder("llama").with("tie_word_embeddings", true).filled().write(temp.resolve("base"));
        BaseModel opened =
                BaseModel.of(TransformerModel.open(base, DataType.FLOAT).graph());
        LoraConfig config = LoraConfig.of(1, 1).withTargets("lm_head").withTrainedTokens("embed_tokens", 1, 5);
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> AdaptedModel.attach(opened, config, by(new Sgd(0.1))));
        assertTrue(
                refused.getMessage().contains("tokens must not be trained of the head 'lm_head', which has an adapter"),
                refused.getMessage());
    }

    private static FineTuneConfiguration by(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).build();
    }

    /** Whose patches are a convolution in PyTorch, and no linear. */
    private static boolean isOfPictures(TinyCheckpoint tiny) {
        return List.of("vit", "dinov2").contains(tiny.text("model_type"));
    }

    private static List<String> targets(Path adapter) throws IOException {
        return Files.readString(adapter.resolve(AdapterFile.CONFIG))
                .lines()
                .filter(line -> line.contains("layer"))
                .toList();
    }

    private static Set<String> names(Path adapter) throws IOException {
        return shapes(adapter.resolve(AdapterFile.TENSORS)).keySet();
    }

    /** By the names of transformers 5, in which the gate of a DINOv2 is two modules. */
    private static Map<String, List<Long>> today(TinyCheckpoint tiny, Map<String, List<Long>> former) {
        if (!isOfPictures(tiny)) {
            return former;
        }
        Map<String, List<Long>> today = new TreeMap<>();
        former.forEach((name, shape) -> {
            String attention = name.replace(".attention.query.", ".q_proj.")
                    .replace(".attention.key.", ".k_proj.")
                    .replace(".attention.value.", ".v_proj.")
                    .replace(".attention.output.dense.", ".attention.o_proj.");
            String all = tiny.text("model_type").equals("dinov2")
                    ? attention
                    : attention
                            .replace("encoder.layer.", "layers.")
                            .replace(".intermediate.dense.", ".mlp.fc1.")
                            .replace(".output.dense.", ".mlp.fc2.");
            if (all.contains(".weights_in.")) {
                List<Long> half = all.contains("lora_B") ? List.of(shape.get(0) / 2, shape.get(1)) : shape;
                today.put(all.replace("weights_in", "gate_proj"), half);
                today.put(all.replace("weights_in", "up_proj"), half);
            } else {
                today.put(all.replace(".weights_out.", ".down_proj."), shape);
            }
        });
        return today;
    }

    private static Map<String, List<Long>> expected(TinyCheckpoint tiny, Path base) throws IOException {
        Map<String, List<Long>> all = new TreeMap<>();
        shapes(base.resolve("model.safetensors")).forEach((tensor, shape) -> {
            if (shape.size() == 2
                    && tensor.endsWith(".weight")
                    && !tensor.matches(".*(position_embeddings|token_type_embeddings|wpe|pooler.*)\\.weight")) {
                put(all, tensor.substring(0, tensor.length() - ".weight".length()), shape);
            }
        });
        String head = headWithoutTensor(tiny);
        if (!head.isEmpty()) {
            put(all, head, List.of(37L, 24L));
        }
        return all;
    }

    /** Tied to the table. */
    private static String headWithoutTensor(TinyCheckpoint tiny) {
        return switch (tiny.text("architectures")) {
            case "[BertForMaskedLM]" -> "cls.predictions.decoder";
            case "[RobertaForMaskedLM]" -> "lm_head.decoder";
            case "[DistilBertForMaskedLM]" -> "vocab_projector";
            default ->
                tiny.text("model_type").equals("gpt2")
                                || tiny.text("tie_word_embeddings").equals("true")
                        ? "lm_head"
                        : "";
        };
    }

    private static void put(Map<String, List<Long>> all, String module, List<Long> shape) {
        String path = "base_model.model." + module;
        if (module.matches(".*(word_embeddings|embed_tokens|wte)")) {
            all.put(path + ".lora_embedding_A", List.of(RANK, shape.get(0)));
            all.put(path + ".lora_embedding_B", List.of(shape.get(1), RANK));
            return;
        }
        boolean turned = module.contains(".c_");
        all.put(path + ".lora_A.weight", List.of(RANK, shape.get(turned ? 0 : 1)));
        all.put(path + ".lora_B.weight", List.of(shape.get(turned ? 1 : 0), RANK));
    }

    private static Map<String, List<Long>> shapes(Path file) throws IOException {
        Map<String, List<Long>> shapes = new TreeMap<>();
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            read.tensors().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        }
        return shapes;
    }
}
