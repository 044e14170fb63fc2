/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trained tokens from the command line. */
class LoraTokensTest {

    @TempDir
    private Path folder;

    private Path file(String name) {
        return folder.resolve(name);
    }

    @BeforeEach
    void write() throws IOException {
        SmallClassifiers.ofWords(file("model"));
        SmallClassifiers.tableOfWords(file("table.csv"));
    }

    private Ran train(Object... more) {
        Object[] first = {"lora", "train", "--model", file("model"), "--data", file("table.csv")};
        Object[] rest = {"--epochs", 2, "--out", file("adapter"), "--json"};
        return amend4j(first, Stream.of(rest, more).flatMap(Stream::of).toArray());
    }

    @Test
    void tokensAreExplainedTrainedShownMergedExportedAndImported() throws IOException {
        String[] tokens = {"--trainable-tokens", "0=7,2"};
        int parameters = 2 * 4 + 4 * (4 + 8);
        JsonNode explained = amend4j(
                        "lora", "explain", "--model", file("model"), "--rank", 4, tokens[0], tokens[1], "--json")
                .json();
        assertEquals(parameters, explained.at("/adapted/parameters").asInt(), explained.toString());
        JsonNode trained = train("--rank", 4, tokens[0], tokens[1]).json();
        assertEquals(parameters, trained.path("trainableParameters").asInt(), trained.toString());
        Path adapter = file("adapter");
        assertTokens(amend4j("lora", "info", adapter, "--json").json());
        String words = amend4j("lora", "info", adapter).done().out();
        assertTrue(words.contains("trained tokens 7, 2, 8 parameters"), words);
        Object[] of = {"--model", file("model"), "--adapter", adapter};
        amend4j(new Object[] {"lora", "merge", "--out", file("merged.zip")}, of).done();
        Path peft = file("peft");
        amend4j(new Object[] {"lora", "export", "--require-peft", "--out", peft}, of)
                .done();
        assertTokens(amend4j("lora", "info", peft, "--json").json());
        amend4j("lora", "import", "--model", file("model"), "--adapter", peft, "--out", file("again"))
                .done();
        assertTokens(amend4j("lora", "info", file("again"), "--json").json());
    }

    private static void assertTokens(JsonNode info) {
        JsonNode tokens = info.path("trainedTokens");
        assertEquals("[{\"name\":\"0\",\"tokens\":[7,2],\"parameters\":8}]", tokens.toString(), info.toString());
        assertEquals(1, info.path("adapted").size(), info.toString());
        assertEquals(0, info.path("trainedInFull").size(), info.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 6})
    void sentencesMayHaveAnyLengthWhereTheModelTakesThem(int length) throws IOException {
        Path model = SmallClassifiers.ofSentences(file("sentences.zip"));
        Path table = SmallClassifiers.tableOfSentences(file("sentences.csv"), length);
        Ran ran = amend4j(
                "lora",
                "train",
                "--model",
                model,
                "--data",
                table,
                "--targets",
                "0",
                "--epochs",
                1,
                "--out",
                file("a"));
        assertEquals(0, ran.code(), ran.err());
        Ran eval = amend4j("lora", "eval", "--model", model, "--adapter", file("a"), "--data", table);
        assertEquals(0, eval.code(), eval.err());
        Ran unknown = amend4j("lora", "explain", "--model", model, "--targets", "0");
        assertTrue(unknown.out().contains("--steps how long sequences are"), unknown.out());
        JsonNode known = amend4j("lora", "explain", "--model", model, "--targets", "0", "--steps", length, "--json")
                .json();
        assertEquals("[]", known.path("unknown").toString());
        amend4j("plan", model).refused("the model takes sequences of numbers of words, of any length");
        amend4j("lora", "train", "--model", model, "--data", folder, "--out", file("b"))
                .refused("the model takes sequences of numbers of words, of any length: --data must be a .csv file");
    }

    @Test
    void tokensMayTrainAlone() throws IOException {
        JsonNode trained =
                train("--targets", "none", "--trainable-tokens", "0=1").json();
        assertEquals(4, trained.path("trainableParameters").asInt(), trained.toString());
    }

    @Test
    void tokensThatAreNoneAreRefusedInOneSentence() {
        train("--trainable-tokens", "0").refused("--trainable-tokens must be NAME=VALUE with integers >= 0 as value");
        train("--trainable-tokens", "0=a").refused("--trainable-tokens", "must be integers >= 0, got 'a'");
        train("--trainable-tokens", "0=3,3").refused("--trainable-tokens: ", "different", "got [3, 3]");
        train("--trainable-tokens", "0=9").refused("must be < 9, the size of its vocabulary, got [9]");
        train("--trainable-tokens", "1=0").refused("'1'");
        train("--trainable-tokens", "0=1", "--targets", "0").refused("has an adapter");
        assertFalse(Files.exists(file("adapter")));
    }
}
