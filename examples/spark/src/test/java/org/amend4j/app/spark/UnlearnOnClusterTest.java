/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.amend4j.app.forget.SmallForgetful.parameters;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.forget.SmallForgetful;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Learning and forgetting with {@code --master} is learning and forgetting without it. */
class UnlearnOnClusterTest {

    private static final String MASTER = "--master";
    private static final String CLUSTER = "local[2]";

    /** Of two runs with keys of their own. */
    private static final Set<String> OF_RUNS = Set.of("folder", "release", "issuer", "head.root");

    /** Of two deletions from copies of a run: the time, and what is salted anew or follows from that. */
    private static final Set<String> OF_DELETIONS = Set.of(
            "certificate.issued",
            "certificate.commitments.checkpoint",
            "certificate.commitments.deleted",
            "certificate.commitments.objective",
            "certificate.commitments.retained",
            "certificate.hashes.ledgerHead",
            "signature");

    /** With noise, also what was released. */
    private static final Set<String> OF_NOISE =
            Set.of("certificate.hashes.model", "certificate.id", "certificate.release.files.sha256");

    @TempDir
    private static Path runs;

    private static SmallForgetful people;
    private static JsonNode reportHere;
    private static JsonNode reportThere;

    @TempDir
    private Path temp;

    @BeforeAll
    static void trainBoth() throws IOException {
        people = SmallForgetful.in(runs);
        reportHere = people.train(here(), "--block-size", 7).json();
        reportThere = people.train(there(), "--block-size", 7, MASTER, CLUSTER).json();
    }

    private static Path here() {
        return runs.resolve("here");
    }

    private static Path there() {
        return runs.resolve("there");
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertNull(SparkEnv.get());
    }

    private static void assertSameRelease(Path one, Path other, int number) throws IOException {
        String release = "releases/" + number;
        assertArrayEquals(parameters(one.resolve(release)), parameters(other.resolve(release)));
    }

    /** Between certificates of first deletions; those of the same second have the same time. */
    private static Set<String> differences(Path one, Path other) throws IOException {
        String certificate = "releases/1/certificate.json";
        Set<String> found = Differences.ofJson(one.resolve(certificate), other.resolve(certificate));
        found.add("certificate.issued");
        return found;
    }

    private Path copyOf(Path run, String name) throws IOException {
        return SmallForgetful.copy(run, temp.resolve(name));
    }

    @Test
    void a_model_trained_on_a_cluster_is_the_one_trained_here() throws IOException {
        assertEquals(
                Differences.contents(here().resolve("releases")), Differences.contents(there().resolve("releases")));
        assertEquals(OF_RUNS, Differences.of(reportHere, reportThere));
        JsonNode again = people.train(temp.resolve("again"), "--block-size", 7).json();
        assertEquals(OF_RUNS, Differences.of(reportHere, again), "as two runs here do");
    }

    @Test
    void with_a_master_there_are_blocks_and_their_size_is_kept() throws IOException {
        Path run = temp.resolve("run");
        assertEquals(
                500, people.train(run, MASTER, CLUSTER).json().path("blockSize").asInt());
        people.train(temp.resolve("twin"), "--block-size", 500).done();
        assertSameRelease(run, temp.resolve("twin"), 0);
    }

    /** Five people's rows are the whole of two blocks, which are empty then. */
    @Test
    void who_is_forgotten_on_a_cluster_gets_the_certificate_of_here() throws IOException {
        Path deletedHere = copyOf(here(), "deleted-here");
        Path again = copyOf(here(), "again");
        Path deletedThere = copyOf(here(), "deleted-there");
        Object[] retrain = {"--subjects-file", people.five(), "--method", "retrain"};
        people.on("delete", deletedHere, retrain).done();
        people.on("delete", again, retrain).done();
        Ran.amend4j(people.words("delete", deletedThere, retrain), MASTER, CLUSTER)
                .done();
        assertSameRelease(deletedHere, deletedThere, 1);
        assertEquals(OF_DELETIONS, differences(deletedHere, again));
        assertEquals(OF_DELETIONS, differences(deletedHere, deletedThere));
        assertTrue(SmallForgetful.verify(deletedThere).json().path("valid").asBoolean());
        // and what was trained there forgets here
        people.on("delete", copyOf(there(), "trained-there"), retrain).done();
        assertSameRelease(deletedHere, temp.resolve("trained-there"), 1);
    }

    @Test
    void five_people_are_forgotten_with_equal_claims_where_noise_differs() throws IOException {
        Path deletedHere = copyOf(here(), "deleted-here");
        Path again = copyOf(here(), "again");
        Path deletedThere = copyOf(here(), "deleted-there");
        Object[] five = {"--subjects-file", people.five(), "--any-noise"};
        assertEquals(
                "CERTIFIED",
                people.on("delete", deletedHere, five).json().path("verdict").asText());
        people.on("delete", again, five).done();
        Ran.amend4j(people.words("delete", deletedThere, five), MASTER, CLUSTER).done();
        Set<String> withNoise = new HashSet<>(OF_DELETIONS);
        withNoise.addAll(OF_NOISE);
        assertEquals(withNoise, differences(deletedHere, again));
        assertEquals(withNoise, differences(deletedHere, deletedThere));
        assertTrue(SmallForgetful.verify(deletedThere).json().path("valid").asBoolean());
    }

    @Test
    void a_model_without_blocks_forgets_in_this_process_which_is_said() throws IOException {
        Path run = temp.resolve("run");
        people.train(run).done();
        Ran deleted = people.on("delete", run, "--subject", "p3", "--method", "retrain", MASTER, CLUSTER)
                .done();
        assertTrue(deleted.err().contains("was not trained in blocks (--block-size)"), deleted.err());
    }

    @Test
    @Tag("exhaustive")
    void what_was_interrupted_on_one_side_is_resumed_on_the_other() throws Exception {
        people.train(temp.resolve("whole"), "--block-size", 7).done();
        for (boolean beginsThere : new boolean[] {true, false}) {
            Path run = temp.resolve("begun-there-" + beginsThere);
            Object[] onOne = people.training(run, beginsThere ? onCluster() : onThis());
            Ran interrupted = Ran.interruptedAt(run.resolve("vault/checkpoint-0000000003.sealed"), onOne);
            assertEquals(130, interrupted.code(), interrupted.err());
            assertFalse(Files.exists(run.resolve("releases/0")));
            assertNull(SparkEnv.get());
            people.train(run, beginsThere ? onThis() : onCluster()).done();
            assertSameRelease(temp.resolve("whole"), run, 0);
        }
    }

    private static Object[] onThis() {
        return new Object[] {"--block-size", 7};
    }

    private static Object[] onCluster() {
        return new Object[] {"--block-size", 7, MASTER, CLUSTER};
    }
}
