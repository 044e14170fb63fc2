/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.lora.file.PeftBase;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Adapters in folders that Hugging Face's PEFT and amend4j read of each other. */
@NeedsPeers
class PeftPeerTest {

    private static final long SEED = 7;
    private static final FineTuneConfiguration TRAINING =
            FineTuneConfiguration.builder().updater(new Sgd(0.1)).build();

    @TempDir
    static Path folder;

    private static Map<String, TinyCheckpoint> bases() {
        Map<String, TinyCheckpoint> bases = new TreeMap<>();
        bases.put("llama", TinyCheckpoint.llama(SEED));
        bases.put("tied", TinyCheckpoint.llama(SEED).with("tie_word_embeddings", true));
        bases.put(
                "gemma",
                TinyCheckpoint.llama(SEED)
                        .with("model_type", "gemma")
                        .with("architectures", List.of("GemmaForCausalLM"))
                        .with("head_dim", 6)
                        .with("tie_word_embeddings", true));
        bases.put("gpt2", TinyCheckpoint.gpt2(SEED));
        bases.put("bert", classes(TinyCheckpoint.bert(SEED), "BertForSequenceClassification"));
        bases.put("roberta", classes(TinyCheckpoint.roberta(SEED), "RobertaForSequenceClassification"));
        bases.put("distilbert", classes(TinyCheckpoint.distilBert(SEED), "DistilBertForSequenceClassification"));
        bases.put("encoder", TinyCheckpoint.bert(SEED));
        bases.put("words", TinyCheckpoint.bert(SEED).with("architectures", List.of("BertForMaskedLM")));
        bases.put("vit", classes(TinyCheckpoint.vit(SEED), "ViTForImageClassification"));
        bases.put("dinov2", classes(TinyCheckpoint.dinov2(SEED), "Dinov2ForImageClassification"));
        bases.put(
                "gated",
                classes(TinyCheckpoint.dinov2(SEED), "Dinov2ForImageClassification")
                        .with("use_swiglu_ffn", true));
        bases.put("rows", TinyCheckpoint.vit(SEED));
        return bases;
    }

    private static TinyCheckpoint classes(TinyCheckpoint tiny, String architecture) {
        return tiny.with("architectures", List.of(architecture)).with("num_labels", 2);
    }

    private static Map<String, LoraConfig> adapters() {
        LoraConfig linear = LoraConfig.of(3, 5).withTargets(Targets.allLinear());
        Map<String, LoraConfig> adapters = new TreeMap<>();
        adapters.put("llama", linear);
        adapters.put("llama, dora", linear.withDora());
        adapters.put("llama, patterns", linear.withRsLora(true).withRankPattern("down_proj", 2));
        adapters.put("llama, words", linear.withTargets("embed_tokens", "q_proj"));
        adapters.put("llama, head", linear.withTargets("q_proj").withTrainedInFull("lm_head"));
        adapters.put("llama, tokens", tokens("q_proj", "embed_tokens"));
        adapters.put("tied, tokens", tokens("q_proj", "embed_tokens"));
        adapters.put("gemma, tokens", tokens("q_proj", "embed_tokens"));
        adapters.put("gpt2", linear);
        adapters.put("gpt2, tokens", tokens("c_attn", "wte"));
        adapters.put("words, tokens", tokens("query", "word_embeddings"));
        adapters.put("bert", linear.withTrainedInFull("classifier", "pooler.dense"));
        adapters.put("roberta", linear.withTrainedInFull("classifier.dense", "classifier.out_proj"));
        adapters.put("distilbert", linear.withTrainedInFull("pre_classifier", "classifier"));
        adapters.put("encoder", linear);
        adapters.put("words", linear);
        adapters.put("bert, biases", linear.withTargets("query", "value").withBias(BiasMode.ADAPTED));
        LoraConfig classes = linear.withTrainedInFull("classifier");
        adapters.put("vit", classes.withRankPattern("query", 2).withAlphaPattern("output.dense", 7));
        adapters.put("vit, norms", linear.withTargets("query", "value").withTrainedInFull("layernorm_before"));
        adapters.put("dinov2", classes.withDora());
        adapters.put(
                "dinov2, biases",
                linear.withTargets("key", "fc2").withExclusions("0.mlp.fc2").withBias(BiasMode.ALL));
        LoraConfig gate = linear.withTargets("weights_in", "query");
        adapters.put("gated", gate.withRankPattern("weights_in", 4));
        adapters.put("gated, dora", gate.withDora());
        adapters.put("gated, biases", gate.withBias(BiasMode.ALL));
        adapters.put("gated, full", linear.withTargets("query").withTrainedInFull("weights_in"));
        adapters.put("rows", linear);
        return adapters;
    }

    /** Of tokens that the texts have, and one that they lack, whose logit is another, too, where the table is the head. */
    private static LoraConfig tokens(String target, String table) {
        return LoraConfig.of(3, 5).withTargets(target).withTrainedTokens(table, 4, 30, 2);
    }

    static Set<String> names() {
        return adapters().keySet();
    }

    private static Path baseOf(String adapter) {
        return folder.resolve("bases").resolve(adapter.split(",", -1)[0]);
    }

    private static BaseModel base(String adapter) throws IOException {
        return BaseModel.of(
                TransformerModel.open(baseOf(adapter), DataType.FLOAT).graph());
    }

    private static void save(String name, LoraConfig config) throws IOException {
        BaseModel base = base(name);
        AdaptedModel adapted = AdaptedModel.attach(base, config, TRAINING);
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        // tied as behind a step
        adapted.graph().getListeners().forEach(listener -> listener.iterationDone(adapted.graph(), 0, 0));
        save(name, adapted);
    }

    private static void save(String name, AdaptedModel adapted) throws IOException {
        String architecture =
                TransformerConfig.read(baseOf(name).resolve("config.json")).architecture();
        AdapterFile.writeForPeft(
                folder.resolve("ours").resolve(name),
                adapted.content().openedOn(new PeftBase(baseOf(name).toString(), architecture)),
                adapted.base().layerFingerprints().keySet());
    }

    /** Of PEFT's, which we open, move, save as ours, and export. */
    private static void move(String name) throws IOException {
        AdaptedModel adapted = AdaptedModel.load(
                base(name), folder.resolve("theirs").resolve(name), ModuleMap.bySameNames(), TRAINING);
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.1);
        save(name + ", moved", adapted);
        AdapterFile.export(folder.resolve("ours").resolve(name + ", exported"), adapted.content());
    }

    @BeforeAll
    static void computeThere() throws IOException, InterruptedException {
        for (Map.Entry<String, TinyCheckpoint> base : bases().entrySet()) {
            Path made = base.getValue().filled().write(folder.resolve("made").resolve(base.getKey()));
            TransformerModel.open(made, DataType.FLOAT)
                    .save(folder.resolve("bases").resolve(base.getKey()));
        }
        for (Map.Entry<String, LoraConfig> adapter : adapters().entrySet()) {
            save(adapter.getKey(), adapter.getValue());
        }
        Peers.run(PeftPeerTest.class, "hugging_face_peer.py", folder, "makes", folder.toString());
        for (String pictures : List.of("vit", "dinov2", "gated")) {
            move(pictures);
        }
        Peers.run(PeftPeerTest.class, "hugging_face_peer.py", folder, "adapters", folder.toString());
    }

    @ParameterizedTest
    @MethodSource("names")
    void what_we_save_peft_opens_on_its_base_and_by_itself_and_computes_the_same(String name) throws IOException {
        Path adapter = folder.resolve("ours").resolve(name);
        PeerArrays.assertSame(
                adapter, AdaptedModel.load(base(name), adapter, TRAINING).graph());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "llama, dora",
                "llama, patterns",
                "llama, words",
                "llama, tokens",
                "tied, tokens",
                "gemma, tokens",
                "words, tokens",
                "gpt2",
                "gpt2, tokens",
                "bert",
                "bert, biases",
                "vit",
                "dinov2",
                "gated",
                "gated, dora",
                "gated, half",
                "gated, biases",
                "gated, full"
            })
    void what_peft_saves_we_open_and_compute_the_same(String name) throws IOException {
        Path adapter = folder.resolve("theirs").resolve(name);
        PeerArrays.assertSame(
                adapter,
                AdaptedModel.load(base(name), adapter, ModuleMap.bySameNames(), TRAINING)
                        .graph());
    }

    /** Modules of pictures, which are called otherwise in checkpoints, and so here, too. */
    @ParameterizedTest
    @ValueSource(strings = {"vit", "dinov2"})
    void what_peft_saves_and_we_move_and_save_peft_opens_again(String name) throws IOException {
        Path saved = folder.resolve("ours").resolve(name + ", moved");
        AdaptedModel moved = AdaptedModel.load(base(name), saved, TRAINING);
        PeerArrays.assertSame(saved, moved.graph());
        Path exported = folder.resolve("ours").resolve(name + ", exported");
        PeerArrays.assertSame(exported, moved.graph());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("theirs").resolve(name).resolve(AdapterFile.CONFIG)),
                Files.readAllBytes(exported.resolve(AdapterFile.CONFIG)));
    }

    /** Through a model; what PEFT saves besides, an embedding's own table, is left out. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "llama, dora",
                "llama, patterns",
                "gpt2",
                "bert",
                "bert, biases",
                "vit",
                "dinov2",
                "gated",
                "gated, dora",
                "gated, biases",
                "gated, full"
            })
    void what_peft_saves_goes_through_a_model_to_its_bytes(String name) throws IOException {
        Path adapter = folder.resolve("theirs").resolve(name);
        AdaptedModel model = AdaptedModel.load(base(name), adapter, ModuleMap.bySameNames(), TRAINING);
        Path again = folder.resolve("again").resolve(name);
        AdapterFile.export(again, model.content());
        for (String file : List.of(AdapterFile.CONFIG, AdapterFile.TENSORS)) {
            assertArrayEquals(Files.readAllBytes(adapter.resolve(file)), Files.readAllBytes(again.resolve(file)), file);
        }
    }
}
