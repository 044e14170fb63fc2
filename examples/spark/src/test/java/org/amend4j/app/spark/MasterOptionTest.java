/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.app.cli.Amend4j;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.forget.SmallForgetful;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be done with {@code --master} is one sentence and leaves nothing, and Spark itself says nothing to the user. */
class MasterOptionTest {

    private static final String CLUSTER = "local[2]";

    @TempDir
    private Path temp;

    private SmallForgetful people = new SmallForgetful(Path.of(""), Path.of(""));
    private Map<String, String> before = Map.of();

    @BeforeEach
    void makeModelAndTable() throws IOException {
        people = SmallForgetful.in(temp);
        before = Differences.contents(temp);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertNull(SparkEnv.get());
        assertEquals(before, Differences.contents(temp));
    }

    private Path out() {
        return temp.resolve("out");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense|cannot be used: Could not parse Master URL: 'nonsense'",
                "local[0]|cannot be used: Asked to run locally with 0 threads",
                "yarn|spark-submit",
                "spark://127.0.0.1:1|cannot be reached: Connection refused",
                "spark://127.0.0.1:1,127.0.0.1:2|cannot be reached: Connection refused",
                "spark://somewhere|must be spark://HOST:PORT",
                "spark://somewhere:port|must be spark://HOST:PORT",
                "spark://|must be spark://HOST:PORT"
            })
    void where_no_cluster_is_nothing_begins(String line) {
        String[] parts = line.split("\\|", -1);
        people.train(out(), "--master", parts[0]).refused("--master", parts[1]);
        policy("--algo", "gpomdp", "--seeds", "1..2", "--master", parts[0]).refused("--master", parts[1]);
    }

    private Ran policy(Object... more) {
        return Ran.amend4j(new Object[] {"policy", "train", "--env", "Xor-v0", "--out", out()}, more);
    }

    @Test
    void what_a_cluster_cannot_compute_is_refused_before_spark_starts() {
        people.train(out(), "--master", CLUSTER, "--block-size", 0).refused("--block-size must be >= 1, got 0");
        people.train(out(), "--master", CLUSTER, "--block-size", -1).refused("--block-size must be >= 1, got -1");
        people.train(out(), "--master", CLUSTER, "--device", "cuda").refused("--device must be auto or cpu");
        Object[] demo = {"descent", "demo", "--out", out(), "--master", CLUSTER};
        Ran.amend4j(demo, "--device", "cuda").refused("--device must be auto or cpu");
        Object[] eval = {"lora", "eval", "--model", "m", "--adapter", "a", "--data", "d", "--master", CLUSTER};
        Ran.amend4j(eval, "--device", "cuda:1").refused("--device must be cuda, without a number, with --master");
        Ran.amend4j(demo, "--precision", "bf16").refused("--precision must be fp32");
        Ran.amend4j(demo, "--block-size", 0).refused("--block-size must be >= 1, got 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--env gymnasium:CartPole-v1", "--env-class com.example.MyEnv --class-path my.jar"})
    void environments_that_executors_have_not_are_refused(String words) {
        Object[] train = {"policy", "train", "--algo", "ppo", "--out", out(), "--master", CLUSTER};
        Ran.amend4j(train, (Object[]) words.split(" ", -1)).refused("--env must be an environment of this library");
    }

    @Test
    void a_folder_that_exists_is_refused_and_left_as_it_is() throws IOException {
        Files.createDirectories(out());
        Files.writeString(out().resolve("mine"), "");
        before = Differences.contents(temp);
        people.train(out(), "--master", CLUSTER).refusedAtLast("exists already");
    }

    /** A process of its own, whose log is the program's: nothing of Spark's, and nothing on standard output but the result. */
    @Test
    @Tag("exhaustive")
    void only_the_result_is_on_standard_output_and_nothing_of_sparks_log_reaches_the_user() throws Exception {
        Path said = temp.resolve("said");
        Path err = temp.resolve("err");
        Path out = out();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlog4j2.configurationFile=log4j2.xml",
                "-cp",
                System.getProperty("java.class.path"),
                Amend4j.class.getName()));
        command.addAll(List.of("policy", "train", "--env", "Xor-v0", "--algo", "gpomdp", "--steps", "1000", "--json"));
        command.addAll(List.of("--seeds", "1..2", "--out", out.toString(), "--master", CLUSTER));
        Process process = new ProcessBuilder(command)
                .redirectError(err.toFile())
                .redirectOutput(said.toFile())
                .start();
        String errors = process.waitFor() + Files.readString(err);
        assertEquals(
                2, new ObjectMapper().readTree(said.toFile()).path("results").size(), errors);
        List<String> lines = Files.readAllLines(err);
        assertTrue(lines.get(0).startsWith("On Spark 4."), errors);
        List<String> notOurs = lines.stream()
                .skip(1)
                .filter(line ->
                        !line.startsWith("gpomdp on Xor-v0") && !line.startsWith("  ") && !line.startsWith("seeds: "))
                .toList();
        assertEquals(List.of(), notOurs);
        before = Differences.contents(temp);
    }
}
