/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.testkit.TinyOnnx;
import org.amend4j.text.BertVocabulary;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sentence models in folders that Sentence Transformers and amend4j read of each other. */
@NeedsPeers
class SentenceTransformersPeerTest {

    private static final List<String> TEXTS =
            List.of("The Cats sat on the mat", "a rat", "the hat and the bat ate the oat, and the rat sat on the mat");

    /** Of the largest number of a vector: as in {@code PeerArrays} of the integration tests. */
    private static final double TOLERANCE = 1e-5;

    @TempDir
    static Path folder;

    @BeforeAll
    static void computeThere() throws IOException, InterruptedException {
        Path base = folder.resolve("base");
        TinyLanguageModel.writeEncoder(base);
        // else the class that belongs to a BERT makes words' pieces of these bytes
        Files.writeString(
                base.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"pad_token\": \"<|end|>\"}");
        Files.write(folder.resolve("texts.txt"), TEXTS);
        run("make");
        Path adapter = new TinyAdapter(1, 2, 16)
                .on("encoder.layer.1.attention.self.query", 24, 24)
                .write(folder.resolve("adapter"));
        for (String pooling : List.of("cls", "mean", "lasttoken")) {
            Path theirs = folder.resolve("theirs").resolve(pooling);
            Path merged = folder.resolve("ours").resolve(pooling);
            amend4j("lora", "merge", "--base", theirs, "--adapter", adapter, "--out", merged)
                    .done();
        }
        importCased(folder.resolve("ours/imported"));
        run("open");
    }

    /** A BERT of capital letters, too, which no class of its own may put into lower case. */
    private static void importCased(Path out) throws IOException {
        byte[] words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nThe\ncat\nCat\n##s\non\nmat\nrat\nate\noat\na\n"
                .getBytes(StandardCharsets.UTF_8);
        Path tokenizer = folder.resolve("cased.json");
        BertVocabulary.read(words).tokenizer().save(tokenizer);
        TinyCheckpoint tiny = TinyCheckpoint.bert(5)
                .with("vocab_size", 16)
                .filled()
                .drop("pooler.dense.weight")
                .drop("pooler.dense.bias");
        Path onnx = Files.write(
                folder.resolve("cased.onnx"),
                TinyOnnx.model(TinyOnnx.of(tiny, 4, 1e-12f)).toByteArray());
        amend4j("checkpoint", "import", "--from", onnx, "--tokenizer", tokenizer, "--out", out)
                .done();
    }

    private static void run(String todo) throws IOException, InterruptedException {
        Peers.run(SentenceTransformersPeerTest.class, "sentence_transformers_peer.py", folder, todo, folder.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cls", "mean", "lasttoken"})
    void what_sentence_transformers_saves_makes_its_vectors_here(String pooling) throws IOException {
        assertSame(folder.resolve("theirs").resolve(pooling));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cls", "mean", "lasttoken"})
    void what_we_merge_and_save_makes_our_vectors_in_sentence_transformers(String pooling) throws IOException {
        assertSame(folder.resolve("ours").resolve(pooling));
    }

    /** It has no module there that divides by lengths. */
    @Test
    void what_we_import_makes_our_vectors_in_sentence_transformers() throws IOException {
        assertSame(folder.resolve("ours/imported"), "--raw");
    }

    private static void assertSame(Path model, Object... more) throws IOException {
        Object[] embed = {"embed", "--json", "--base", model, "--texts", folder.resolve("texts.txt")};
        JsonNode here = amend4j(embed, more).json().path("texts");
        JsonNode there = new ObjectMapper().readTree(Path.of(model + ".json").toFile());
        assertEquals(TEXTS.size(), there.size());
        for (int k = 0; k < there.size(); k++) {
            double[] expected = new ObjectMapper().convertValue(there.get(k), double[].class);
            double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            double[] found = new ObjectMapper().convertValue(here.get(k).path("vector"), double[].class);
            assertArrayEquals(expected, found, TOLERANCE * largest);
        }
    }
}
