/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.app.cli.SmallClassifiers;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.spark.StandaloneCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;

/** Executors that compute on cards which Spark assigns to them. */
class CardsOnClusterTest {

    /** More than one part of an evaluation on devices, so that there is work for two executors. */
    private static final int EXAMPLES = 3_300;

    @TempDir
    private Path temp;

    private final List<String> properties = new ArrayList<>();
    private Path table = Path.of("");

    /** As spark-submit and {@code -D} tell Spark. */
    private void tell(String property, String value) {
        properties.add(property);
        System.setProperty(property, value);
    }

    @AfterEach
    void takeBack() {
        properties.forEach(System::clearProperty);
    }

    @BeforeEach
    void makeModelAdapterAndTable() throws IOException {
        Path model = SmallClassifiers.ofPairs(temp.resolve("model.zip"));
        table = table("many.csv", EXAMPLES);
        Object[] words = {"lora", "train", "--model", model, "--data", table("few.csv", 120), "--labels", "kind"};
        Ran.amend4j(words, "--rank", 2, "--epochs", 5, "--out", temp.resolve("adapter"))
                .done();
    }

    private Path table(String name, int examples) throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        StringBuilder rows = new StringBuilder("a,b,kind\n");
        for (int i = 0; i < examples; i++) {
            double a = random.nextDouble();
            double b = random.nextDouble();
            rows.append(String.format(Locale.ROOT, "%.4f,%.4f,%s%n", a, b, a > b ? "more" : "less"));
        }
        return Files.writeString(temp.resolve(name), rows);
    }

    private Ran eval(Object... more) {
        Object[] words = {
            "lora", "eval", "--model", temp.resolve("model.zip"), "--adapter", temp.resolve("adapter"), "--json"
        };
        return Ran.amend4j(
                Stream.concat(Stream.of(words), Stream.of("--data", table)).toArray(), more);
    }

    /** Two executors share a machine of two cards: each opens its own, and neither touches the other's. */
    @Test
    @Tag("exhaustive")
    void every_executor_computes_on_the_card_that_spark_assigned_to_it_and_no_card_has_two() throws IOException {
        EmulatedDevices.require();
        JsonNode here = eval("--device", "cpu").json();
        try (StandaloneCluster cluster = StandaloneCluster.start(0)) {
            StandaloneCluster.Worker machine = cluster.addMachine("0", "1");
            for (Tuple2<String, String> setting :
                    StandaloneCluster.settings(cluster.url()).getAll()) {
                if (!setting._1().equals("spark.master")) {
                    tell(setting._1(), setting._2());
                }
            }
            Object[] onCards = {"--device", "cuda", "--master", cluster.url()};
            tell("spark.cores.max", "1");
            eval(onCards).refusedAtLast("--device cuda with --master", "got no spark.executor.resource.gpu.amount");

            tell("spark.cores.max", "2");
            tell("spark.executor.resource.gpu.amount", "1");
            tell("spark.task.resource.gpu.amount", "1");
            tell("spark.plugins", StandInCards.class.getName());
            JsonNode there = eval(onCards).json();
            assertEquals(here.path("accuracy"), there.path("accuracy"));
            assertEquals(here.path("baseAccuracy"), there.path("baseAccuracy"));
            assertEquals(
                    here.path("crossEntropy").asDouble(),
                    there.path("crossEntropy").asDouble(),
                    1e-6);

            Map<Path, Set<String>> cards = cardsOfExecutors(machine.folder());
            assertEquals(2, cards.size(), cards.toString());
            assertTrue(cards.values().stream().allMatch(used -> used.size() == 1), cards.toString());
            assertEquals(2, cards.values().stream().distinct().count(), cards.toString());
        }
    }

    /** Which cards were in use in each executor's folder, by the notes that the stand-in takes. */
    private static Map<Path, Set<String>> cardsOfExecutors(Path machine) throws IOException {
        Map<Path, Set<String>> cards = new TreeMap<>();
        try (Stream<Path> files = Files.walk(machine)) {
            files.filter(file -> file.getFileName().toString().startsWith("used-"))
                    .forEach(file -> cards.computeIfAbsent(file.getParent(), folder -> new TreeSet<>())
                            .add(file.toString().replaceAll(".*-", "")));
        }
        return cards;
    }

    @Test
    @Tag("exhaustive")
    void a_device_on_a_cluster_says_what_it_says_here() throws IOException {
        EmulatedDevices.require();
        JsonNode here = eval("--device", "emulated", "--precision", "bf16").json();
        JsonNode there = eval("--device", "emulated", "--precision", "bf16", "--master", "local[2]")
                .json();
        assertEquals(Set.of("device"), Differences.of(here, there));
    }

    @Test
    void a_cluster_without_cards_is_refused_in_one_sentence() {
        eval("--device", "cuda", "--master", "local[2]")
                .refusedAtLast("--device cuda with --master: cards of a cluster are assigned by Spark");
    }
}
