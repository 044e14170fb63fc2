/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.forget.SmallForgetful.keysOf;
import static org.amend4j.app.forget.SmallForgetful.parameters;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.job.Progress;
import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.Records;
import org.amend4j.testkit.PlacedBlocks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that forget and whose gradients are added up in blocks, from the command line. */
class BlockCommandsTest {

    @TempDir
    private Path temp;

    private SmallForgetful people = new SmallForgetful(Path.of(""), Path.of(""));

    @BeforeEach
    void makeModelAndTable() throws IOException {
        people = SmallForgetful.in(temp);
    }

    private Ran train(Path out, Object... more) {
        return people.train(out, more);
    }

    private Ran on(String command, Path folder, Object... more) {
        return people.on(command, folder, more);
    }

    /** Four rows of a person are a block, so that every deletion empties one. */
    @Test
    void peopleAreForgottenWithTheCertificatesOfARunWithoutBlocks() throws IOException {
        Path run = temp.resolve("run");
        Path whole = temp.resolve("whole");
        JsonNode trained = train(run, "--block-size", 4).done().json();
        JsonNode without = train(whole).done().json();
        assertEquals(4, trained.path("blockSize").asInt());
        assertFalse(without.has("blockSize") && !without.path("blockSize").isNull(), without.toString());
        for (String field : List.of("kind", "parameters", "gradientBound", "lipschitz", "rounding", "assumptions")) {
            assertEquals(without.path(field), trained.path(field), field);
        }
        assertEquals(claims(whole, "p3"), claims(run, "p3"));

        Path five = people.five();
        JsonNode forgotten =
                on("delete", run, "--subjects-file", five, "--any-noise").done().json();
        JsonNode forgottenWhole = on("delete", whole, "--subjects-file", five, "--any-noise")
                .done()
                .json();
        assertEquals("CERTIFIED", forgotten.path("verdict").asText());
        for (String field : List.of("verdict", "level", "sigma", "mu", "checkpoint")) {
            assertEquals(forgottenWhole.path(field), forgotten.path(field), field);
        }
        assertTrue(SmallForgetful.verify(run).done().json().path("valid").asBoolean());
        on("audit", run, "--holdout", people.strangers(), "--shadows", 4).done();
    }

    /** All that a plan says but for losses, which were added up in another order, and how long things take. */
    private JsonNode claims(Path run, String person) throws IOException {
        JsonNode plan = on("plan", run, "--subject", person).done().json();
        ((ObjectNode) plan).remove("retainedLoss");
        plan.findParents("seconds").forEach(way -> ((ObjectNode) way).remove("seconds"));
        plan.findParents("bounds").forEach(way -> ((ObjectNode) way).remove("bounds"));
        return plan;
    }

    @Test
    void anExactRewindIsRetrainingOnTheBlocksThatAreLeftBitForBit() throws IOException {
        Path run = temp.resolve("run");
        train(run, "--block-size", 4, "--batches", "epochs:24").done();
        String person = Stream.iterate(0, k -> k + 1)
                .limit(10)
                .map(k -> "p" + k)
                .filter(this::hasAnExactRewind)
                .findFirst()
                .orElseThrow(() -> new AssertionError("none of ten people has an exact rewind"));
        Path twin = SmallForgetful.copy(run, temp.resolve("twin"));
        JsonNode exact = on("delete", run, "--subject", person, "--method", "exact")
                .done()
                .json();
        assertEquals("EXACT", exact.path("verdict").asText());
        assertTrue(exact.path("checkpoint").asInt() > 0);
        on("delete", twin, "--subject", person, "--method", "retrain").done();
        assertArrayEquals(parameters(twin.resolve("releases/1")), parameters(run.resolve("releases/1")));
    }

    private boolean hasAnExactRewind(String person) {
        try {
            return on("plan", temp.resolve("run"), "--subject", person)
                    .done()
                    .json()
                    .path("ways")
                    .findValuesAsText("way")
                    .stream()
                    .anyMatch(way -> way.startsWith("exact rewind"));
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    /** Three groups of blocks stand for three executors. */
    @Test
    void whatIsTrainedAndForgottenElsewhereHasTheBitsOfHere() throws Exception {
        Progress quiet = Progress.to(new PrintWriter(Writer.nullWriter()));
        AtomicInteger asked = new AtomicInteger();
        BlockPlace elsewhere = (graph, settings, records) -> {
            asked.incrementAndGet();
            return PlacedBlocks.of(BlockPlace.HERE.sums(graph, settings, records), 3, 1);
        };
        Path here = temp.resolve("here");
        train(here, "--block-size", 7).done();
        Path there = temp.resolve("there");
        ForgettingSettings settings = SettingsFile.read(here).stored("", "", "", "");
        try (ForgetfulFolder folder = ForgetfulFolder.begin(
                there,
                keysOf(there),
                people.table(),
                ForgetfulNetwork.whole(people.trunk(), false).withHead().at(elsewhere),
                settings)) {
            assertEquals(1, asked.get(), "checks compute nothing");
            folder.train(quiet);
        }
        assertArrayEquals(parameters(here.resolve("releases/0")), parameters(there.resolve("releases/0")));
        on("delete", here, "--subject", "p1", "--method", "retrain").done();
        try (ForgetfulFolder folder = ForgetfulFolder.open(there, keysOf(there), people.table(), elsewhere)) {
            new ForgetJob(folder, quiet).forget(List.of("p1"), ForgetJob.Choice.RETRAIN, false);
        }
        assertArrayEquals(parameters(here.resolve("releases/1")), parameters(there.resolve("releases/1")));
        assertEquals(2, asked.get());
    }

    /** Names can be tried on a hash of them, and what is sent lies on disks of others. */
    @Test
    void whatIsComputedElsewhereSaysWhichRowsBelongTogetherAndNothingOfNames() throws IOException {
        List<Records> sent = new ArrayList<>();
        BlockPlace elsewhere = (graph, settings, records) -> {
            sent.add(records);
            return BlockPlace.HERE.sums(graph, settings, records);
        };
        Path run = temp.resolve("run");
        train(run, "--block-size", 7).done();
        try (ForgetfulFolder folder = ForgetfulFolder.open(run, keysOf(run), people.table(), elsewhere)) {
            long[] named = folder.table().subjectNumbers();
            Records records = sent.get(0);
            for (int k = 0; k < named.length; k++) {
                for (int j = 0; j <= k; j++) {
                    assertEquals(named[j] == named[k], records.subject(j) == records.subject(k));
                }
                assertTrue(records.subject(k) >= 0 && records.subject(k) <= k, "the place of the first record");
            }
        }
    }

    @Test
    void oneBlockOfAllRowsHasTheBitsOfARunWithoutBlocks() throws IOException {
        train(temp.resolve("one"), "--block-size", 1000).done();
        train(temp.resolve("whole")).done();
        assertArrayEquals(parameters(temp.resolve("whole/releases/0")), parameters(temp.resolve("one/releases/0")));
    }

    @Test
    void blocksBelongToTheRun() throws IOException {
        Path run = temp.resolve("run");
        train(run, "--block-size", -1).refused("--block-size must be >= 0, got -1");
        assertFalse(Files.exists(run));
        train(run, "--block-size", 8).done();
        train(run, "--block-size", 9).refused("begun with another network or other options");
        train(run, "--block-size", 8).refused("holds a trained model");
        assertTrue(Files.readString(run.resolve("service.json")).contains("\"blockSize\" : 8"));
    }

    /** Files of earlier versions say nothing of blocks. */
    @Test
    void settingsOfVersionThreeHaveNoBlocks() throws IOException {
        Path run = temp.resolve("run");
        train(run).done();
        Path file = run.resolve("service.json");
        String now = Files.readString(file);
        String before = now.replaceFirst(",\\s*\"blockSize\" : 0", "").replace("\"version\" : 5", "\"version\" : 3");
        assertFalse(before.contains("blockSize"));
        ForgettingSettings read = SettingsFile.read(run);
        Files.writeString(file, before);
        assertEquals(read.training(), SettingsFile.read(run).training());
    }
}
