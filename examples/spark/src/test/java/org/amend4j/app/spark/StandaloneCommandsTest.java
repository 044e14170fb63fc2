/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.forget.SmallForgetful;
import org.amend4j.spark.StandaloneCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;

/** Commands whose executors are processes of their own, under a real master. */
@Tag("exhaustive")
class StandaloneCommandsTest {

    @TempDir
    private Path temp;

    private final List<String> properties = new ArrayList<>();

    /** As spark-submit and {@code -D} tell Spark. */
    private void tell(String property, String value) {
        properties.add(property);
        System.setProperty(property, value);
    }

    @AfterEach
    void takeBack() {
        properties.forEach(System::clearProperty);
    }

    @Test
    void workers_compute_what_is_computed_here() throws IOException {
        SmallForgetful people = SmallForgetful.in(temp);
        Path there = temp.resolve("there");
        try (StandaloneCluster cluster = StandaloneCluster.start(0)) {
            for (Tuple2<String, String> setting :
                    StandaloneCluster.settings(cluster.url()).getAll()) {
                if (!setting._1().equals("spark.master")) {
                    tell(setting._1(), setting._2());
                }
            }
            Object[] onCluster = {"--block-size", 7, "--master", cluster.url()};
            tell("spark.scheduler.maxRegisteredResourcesWaitingTime", "1s");
            people.train(there, onCluster).refused("has given no executor within 1 s");
            assertFalse(Files.exists(there));

            tell("spark.scheduler.maxRegisteredResourcesWaitingTime", "2m");
            cluster.add(2, Map.of());
            Ran trained = people.train(there, onCluster).done();
            assertTrue(trained.err().contains("2 tasks at a time"), trained.err());
            tell("spark.cores.max", "1"); // one executor is enough to be elsewhere, and starts sooner
            people.train(temp.resolve("here"), "--block-size", 7).done();
            assertArrayEquals(
                    SmallForgetful.parameters(temp.resolve("here/releases/0")),
                    SmallForgetful.parameters(there.resolve("releases/0")));
            people.on("delete", there, "--subjects-file", people.five(), "--method", "retrain")
                    .done();
            Object[] audit = people.words("audit", there, "--holdout", people.strangers(), "--shadows", 4);
            assertEquals(
                    Ran.amend4j(audit).json(),
                    Ran.amend4j(audit, "--master", cluster.url()).json());
            Object[] policy = {"policy", "train", "--env", "Xor-v0", "--algo", "gpomdp", "--steps", 1000};
            Ran.amend4j(policy, "--seeds", "1..2", "--out", temp.resolve("seeds"), "--master", cluster.url())
                    .done();
            Ran.amend4j(policy, "--seed", 2, "--out", temp.resolve("one")).done();
        }
        assertEquals(
                Differences.contents(temp.resolve("one/seed-2/policy")),
                Differences.contents(temp.resolve("seeds/seed-2/policy")));
    }
}
