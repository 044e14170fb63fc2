/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.transformer.TransformerModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Models in folders that Hugging Face's transformers and amend4j read of each other. */
@NeedsPeers
class TransformersPeerTest {

    private static final long SEED = 7;

    @TempDir
    static Path folder;

    private static TinyCheckpoint bert(String type, String architecture) {
        TinyCheckpoint tiny = type.equals("bert") ? TinyCheckpoint.bert(SEED) : TinyCheckpoint.roberta(SEED);
        return tiny.with("architectures", List.of(architecture)).with("num_labels", 2);
    }

    private static TinyCheckpoint llama(String type) {
        return TinyCheckpoint.llama(SEED).with("model_type", type);
    }

    private static Map<String, TinyCheckpoint> families() {
        Map<String, TinyCheckpoint> families = new TreeMap<>();
        families.put("llama", llama("llama"));
        families.put("llama, tied", llama("llama").with("tie_word_embeddings", true));
        families.put("mistral", llama("mistral").with("sliding_window", 4));
        families.put("qwen2", llama("qwen2"));
        families.put("qwen3", llama("qwen3").with("head_dim", 8).with("tie_word_embeddings", true));
        families.put("gemma", llama("gemma").with("head_dim", 6).with("tie_word_embeddings", true));
        families.put("gpt2", TinyCheckpoint.gpt2(SEED).with("tie_word_embeddings", false));
        families.put("gpt2, tied", TinyCheckpoint.gpt2(SEED));
        families.put("bert", bert("bert", "BertModel"));
        families.put("bert, words", bert("bert", "BertForMaskedLM"));
        families.put("bert, classes", bert("bert", "BertForSequenceClassification"));
        families.put("roberta, words", bert("roberta", "RobertaForMaskedLM"));
        families.put("roberta, classes", bert("roberta", "RobertaForSequenceClassification"));
        families.put("distilbert", TinyCheckpoint.distilBert(SEED));
        families.put("vit", TinyCheckpoint.vit(SEED));
        families.put(
                "vit, classes",
                TinyCheckpoint.vit(SEED)
                        .with("architectures", List.of("ViTForImageClassification"))
                        .with("num_labels", 2));
        families.put("dinov2", TinyCheckpoint.dinov2(SEED));
        families.put(
                "dinov2, gated, classes",
                TinyCheckpoint.dinov2(SEED)
                        .with("use_swiglu_ffn", true)
                        .with("architectures", List.of("Dinov2ForImageClassification"))
                        .with("num_labels", 2));
        return families;
    }

    static Set<String> names() {
        return families().keySet();
    }

    @BeforeAll
    static void computeThere() throws IOException, InterruptedException {
        for (Map.Entry<String, TinyCheckpoint> family : families().entrySet()) {
            Path made = family.getValue().filled().write(folder.resolve("made").resolve(family.getKey()));
            TransformerModel.open(made, DataType.FLOAT)
                    .save(folder.resolve("ours").resolve(family.getKey()));
        }
        Peers.run(TransformersPeerTest.class, "hugging_face_peer.py", folder, "models", folder.toString());
    }

    @ParameterizedTest
    @MethodSource("names")
    void what_we_save_transformers_opens_whole_and_computes_the_same(String name) throws IOException {
        assertComputesTheSame(folder.resolve("ours").resolve(name));
    }

    @ParameterizedTest
    @MethodSource("names")
    void what_transformers_saves_we_open_and_compute_the_same(String name) throws IOException {
        assertComputesTheSame(folder.resolve("theirs").resolve(name));
    }

    private static void assertComputesTheSame(Path model) throws IOException {
        PeerArrays.assertSame(
                model, TransformerModel.open(model, DataType.FLOAT).graph());
    }
}
