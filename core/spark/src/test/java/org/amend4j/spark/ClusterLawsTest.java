/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors that are processes of their own, two of them, have the bits of one process. */
class ClusterLawsTest {

    private static StandaloneCluster cluster;

    @TempDir
    Path folder;

    @BeforeAll
    static void startCluster() throws IOException {
        cluster = StandaloneCluster.start(2);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @Test
    void a_standalone_cluster_has_the_bits_of_one_process() throws IOException {
        try (JavaSparkContext context = new JavaSparkContext(StandaloneCluster.settings(cluster.url()))) {
            for (ClusterLaw law : ClusterLaw.values()) {
                byte[] expected = ClusterDriver.bytes(law.expected());
                for (int tasks : ClusterLaw.TASKS) {
                    assertArrayEquals(
                            expected,
                            ClusterDriver.bytes(ClusterDriver.answers(context, folder.resolve(law.name()), law, tasks)),
                            ClusterDriver.name(law, tasks));
                }
            }
        }
    }

    @Test
    void a_local_cluster_has_the_bits_of_one_process() throws IOException, InterruptedException {
        Path log = folder.resolve("driver.log");
        Process driver = cluster.driver(log, "laws", "local-cluster[2,1,900]", folder.toString());
        try {
            driver.waitFor(Gate.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals(0, driver.exitValue(), () -> read(log));
        } finally {
            driver.destroyForcibly();
        }
        for (ClusterLaw law : ClusterLaw.values()) {
            byte[] expected = ClusterDriver.bytes(law.expected());
            for (int tasks : ClusterLaw.TASKS) {
                String name = ClusterDriver.name(law, tasks);
                assertArrayEquals(expected, Files.readAllBytes(folder.resolve(name)), name);
            }
        }
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
