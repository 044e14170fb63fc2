/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.amend4j.testkit.TinyAdapter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sentence models in folders that Sentence Transformers and amend4j read of each other. */
@NeedsPeers
class SentenceTransformersPeerTest {

    private static final List<String> TEXTS =
            List.of("the cat sat on the mat", "a rat", "the hat and the bat ate the oat, and the rat sat on the mat");

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
        run("open");
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

    private static void assertSame(Path model) throws IOException {
        JsonNode here = amend4j("embed", "--json", "--base", model, "--texts", folder.resolve("texts.txt"))
                .json()
                .path("texts");
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
