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
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;

/** Starts and the training of factors from the command line. */
class LoraStartsTest {

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path table = Path.of("");

    @BeforeEach
    void makeModelAndTable() throws IOException {
        model = SmallClassifiers.ofRows(folder.resolve("model.zip"), Activation.TANH);
        table = SmallClassifiers.table(folder.resolve("table.csv"));
    }

    private Ran train(String out, Object... more) {
        return train(2, out, more);
    }

    private Ran train(int rank, String out, Object... more) {
        Object[] first = {"lora", "train", "--model", model, "--data", table, "--out", folder.resolve(out)};
        Object[] rest = {"--epochs", 2, "--rank", rank, "--json"};
        return amend4j(Stream.of(first, rest, more).flatMap(Stream::of).toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"default", "gaussian", "orthogonal", "pissa", "pissa_niter_4", "olora", "eva", "corda", "lora_ga"
            })
    void everyStartTrainsAnAdapterThatTheUntouchedModelTakes(String start) throws IOException {
        byte[] before = Files.readAllBytes(model);
        double trained = train("adapter", "--init", start, "--lr", 0.01)
                .json()
                .path("validationAccuracy")
                .asDouble();
        assertTrue(trained >= 0 && trained <= 1);
        assertTrue(Arrays.equals(before, Files.readAllBytes(model)), "the model's file");
        JsonNode adapted = amend4j("lora", "info", folder.resolve("adapter"), "--json")
                .json()
                .path("adapted");
        boolean moved = start.matches("pissa.*|olora|corda|lora_ga");
        assertEquals(moved ? 4 : 2, adapted.path(0).path("rank").asInt());
        amend4j(
                        "lora",
                        "merge",
                        "--model",
                        model,
                        "--adapter",
                        folder.resolve("adapter"),
                        "--out",
                        folder.resolve("merged.zip"))
                .done();
    }

    @Test
    void factorsAreTrainedSoAndWhatAPlanCannotIsDoneByDeeplearning4jAndSaid() throws IOException {
        train("plain", "--init", "orthogonal").json();
        Ran plus = train("plus", "--init", "orthogonal", "--lora-plus", 16);
        plus.json();
        assertFalse(plus.err().contains("preconditioned"), plus.err());
        for (String option : new String[] {"--lora-fa", "--riemannian"}) {
            Ran ran = train(option.substring(2), "--init", "orthogonal", option);
            ran.json();
            assertTrue(ran.err().contains("preconditioned by"), ran.err());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--dora", "--bias=lora_only", "--bias=all", "--lora-bias"})
    void everySchemeTrainsAnAdapterThatIsMergedAndExportedToPeft(String scheme) throws IOException {
        train("adapter", scheme, "--lr", 0.01).json();
        Path adapter = folder.resolve("adapter");
        Object[] of = {"--model", model, "--adapter", adapter};
        amend4j(joined(of, "lora", "merge", "--out", folder.resolve("merged.zip")))
                .done();
        amend4j(joined(of, "lora", "export", "--require-peft", "--out", folder.resolve("peft")))
                .done();
        amend4j("lora", "info", folder.resolve("peft")).done();
    }

    @Test
    void aRankThatNobodyChoseIsOneThatTheStartTakes() throws IOException {
        for (String start : new String[] {"orthogonal", "lora_ga", "pissa"}) {
            Ran ran = amend4j(
                    "lora",
                    "train",
                    "--model",
                    model,
                    "--data",
                    table,
                    "--epochs",
                    1,
                    "--init",
                    start,
                    "--out",
                    folder.resolve(start));
            ran.done();
            String expected = start.equals("lora_ga") ? "rank 2 for '0'; rank 4 for '1'" : "rank 4 for '0'";
            assertTrue(ran.err().contains(expected), ran.err());
        }
    }

    private static Object[] joined(Object[] last, Object... first) {
        return Stream.of(first, last).flatMap(Stream::of).toArray();
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedInOneSentence() {
        train("a", "--init", "pisa").refused("--init", "pissa_niter_4", "got 'pisa'");
        train("a", "--bias", "some").refused("--bias must be none, lora_only or all, got 'some'");
        train("a", "--dora", "--lora-bias").refused("B must not have a bias together with DoRA", "--lora-bias");
        train("a", "--init", "pissa", "--lora-bias")
                .refused("--init", "B must have a bias only with the default start");
        train("a", "--init", "pissa", "--dora").refused("only adapters of plain factors", "got DoRA");
        Object[] none = {"--targets", "none", "--train-in-full", "2"};
        train("a", joined(none, "--dora")).refused("--dora", "--targets none leaves none");
        train("a", joined(none, "--bias", "lora_only")).refused("--bias lora_only", "--targets none leaves none");
        train("a", "--targets", ",").refused("--targets: it must name a layer");
        train("a", "--rank-pattern", "0=1", "--rank-pattern", "0=2").refused("--rank-pattern: '0' is given twice");
        train("a", "--alpha", 1e-300, "--init", "pissa").refused("the first factors must be finite in FLOAT");
        train("a", "--classes", "k0,k1,k1").refused("--classes names 'k1' twice");
        train("a", "--lora-plus", 0.5).refused("--lora-plus must be >= 1");
        train("a", "--lora-plus", 2, "--lora-fa").refused("--lora-plus and --lora-fa exclude each other");
        train("a", "--riemannian", "--lora-fa").refused("--lora-fa and --riemannian exclude each other");
        train(1, "a", "--init", "orthogonal").refusedAtLast("rank must be even for the orthogonal start");
        assertFalse(Files.exists(folder.resolve("a")));
    }
}
