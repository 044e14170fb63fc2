/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.DescentStatus;
import org.amend4j.graph.BlockSettings;
import org.amend4j.internal.graph.KernelProbe;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.spark.StandaloneCluster.Worker;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

/** A master, workers and executors that are processes of their own. One cluster for all laws: starting one takes longer than they do. */
class ClusterLawsTest {

    private static final ClusterLaw LAW = ClusterLaw.DOUBLE;
    private static final FailedTasks FAILED = new FailedTasks();

    private static StandaloneCluster cluster;
    private static JavaSparkContext context;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        cluster = StandaloneCluster.start(2);
        context = new JavaSparkContext(StandaloneCluster.settings(cluster.url())
                .set("spark.speculation", "true")
                .set("spark.speculation.minTaskRuntime", "3s"));
        context.sc().addSparkListener(FAILED);
    }

    @AfterAll
    static void stop() {
        try (StandaloneCluster ends = cluster) {
            if (context != null) {
                context.close();
            }
        }
    }

    /** Waits until every worker's executor takes tasks and is warm: a first task that takes long would be done elsewhere. */
    private static void awaitExecutors() {
        int wanted = cluster.workers().size();
        List<Integer> tasks = IntStream.range(0, 2 * wanted).boxed().toList();
        Gate.await(
                "executors",
                () -> context.parallelize(tasks, tasks.size())
                                .map(task -> {
                                    LAW.expected();
                                    // so that nobody does all of them
                                    Thread.sleep(50);
                                    return SparkEnv.get().executorId();
                                })
                                .distinct()
                                .count()
                        == wanted);
    }

    private static BlockedObjective local() {
        return LAW.problem().local(LAW.settings());
    }

    private SparkBlocks opened(int tasks) throws IOException {
        return LAW.problem().spark(context, LAW.problem().written(folder, LAW.settings()), LAW.settings(), tasks);
    }

    private static void assertSameBits(double[] expected, double[] actual) {
        assertArrayEquals(ClusterDriver.bytes(expected), ClusterDriver.bytes(actual));
    }

    @Nested
    class Bits {

        @ParameterizedTest
        @EnumSource(
                value = ClusterLaw.class,
                names = {"FLOAT", "DOUBLE"})
        @OneIn(2)
        void a_cluster_has_the_bits_of_one_process_for_any_number_of_tasks(ClusterLaw law) throws IOException {
            double[] expected = law.expected();
            for (int tasks : Exhaustive.oneIn(2, List.of(3, 1, 7, 2))) {
                assertSameBits(expected, ClusterDriver.answers(context, folder, law, tasks));
            }
        }

        @ParameterizedTest
        @EnumSource(
                value = ClusterLaw.class,
                names = {"RECORDS_CLIPPED", "OWNERS_CLIPPED"})
        @OneIn(2)
        void clipped_gradients_have_the_bits_of_one_process(ClusterLaw law) throws IOException {
            assertSameBits(law.expected(), ClusterDriver.answers(context, folder, law, 3));
        }
    }

    @Nested
    class Failures {

        /** Asks for everything while an executor is held in the middle of the first gradient and something happens to it. */
        private void assertSameBitsDespite(BlockedObjective spark, Worker held, Runnable event) throws Exception {
            awaitExecutors();
            held.gate().close();
            CompletableFuture<double[]> step = CompletableFuture.supplyAsync(() -> ClusterProblem.answers(spark));
            held.gate().awaitSomebody();
            event.run();
            assertSameBits(ClusterProblem.answers(local()), step.get(Gate.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertEquals(local().fingerprint(), spark.fingerprint());
            held.gate().open();
        }

        @Test
        @Tag("exhaustive")
        void an_executor_or_a_worker_killed_in_the_middle_of_a_step_changes_no_bit() throws Exception {
            try (SparkBlocks sums = opened(3)) {
                BlockedObjective spark = ClusterProblem.objective(sums);
                int before = FAILED.lost();
                Worker first = cluster.workers().get(0);
                assertSameBitsDespite(spark, first, first::killExecutor);
                Gate.await("a lost task", () -> FAILED.lost() > before);
                first.gate().open();
                if (Exhaustive.on()) {
                    int between = FAILED.lost();
                    Worker second = cluster.workers().get(1);
                    assertSameBitsDespite(spark, second, second::kill);
                    Gate.await("another lost task", () -> FAILED.lost() > between);
                    cluster.add(1, Map.of());
                }
                awaitExecutors();
                assertSameBits(ClusterProblem.answers(local()), ClusterProblem.answers(spark));
            }
        }

        @Tag("exhaustive")
        @Test
        void a_straggler_is_overtaken_and_changes_no_bit() throws Exception {
            try (SparkBlocks sums = opened(4)) {
                BlockedObjective spark = ClusterProblem.objective(sums);
                // the gate stays closed: only a second attempt elsewhere ends the step
                int before = FAILED.overtaken();
                assertSameBitsDespite(spark, cluster.workers().get(0), () -> {});
                Gate.await("a task that was done twice", () -> FAILED.overtaken() > before);
                assertSameBits(ClusterProblem.answers(local()), ClusterProblem.answers(spark));
            }
        }

        /** Where executors add up, what they fetch from each other can be lost. */
        @Test
        @Tag("exhaustive")
        void a_lost_shuffle_file_is_made_again_and_changes_no_bit() throws Exception {
            try (SparkBlocks sums = opened(7)) {
                BlockedObjective spark = ClusterProblem.objective(sums.addedBy(2));
                int start = FAILED.mapped();
                spark.value(sums.parameters());
                context.sc().listenerBus().waitUntilEmpty();
                int before = FAILED.mapped();
                int tasks = before - start;
                int unfetched = FAILED.unfetched();
                Worker held = cluster.workers().get(0);
                assertSameBitsDespite(spark, held, () -> {
                    Gate.await("all tasks but one", () -> FAILED.mapped() >= before + tasks - 1);
                    cluster.deleteShuffleFiles();
                    held.gate().open();
                });
                Gate.await("a file that is missed", () -> FAILED.unfetched() > unfetched);
            }
        }

        @Test
        @Tag("exhaustive")
        void a_step_that_is_interrupted_is_finished_and_kept_and_the_run_goes_on_later() throws Exception {
            awaitExecutors();
            Gate gate = cluster.workers().get(0).gate();
            CompletableFuture<DescentResult> run = new CompletableFuture<>();
            Thread driver = new Thread(() -> {
                try {
                    run.complete(ClusterDriver.descend(context, folder, steps -> {
                        if (steps == 3) {
                            gate.close();
                        }
                    }));
                } catch (Throwable e) {
                    run.completeExceptionally(e);
                }
            });
            driver.start();
            gate.awaitSomebody();
            driver.interrupt();
            gate.open();
            DescentResult interrupted = run.get(Gate.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals(DescentStatus.INTERRUPTED, interrupted.status());
            assertEquals(4, interrupted.last().step());
            DescentResult expected = ClusterDriver.descend(local(), folder.resolve("expected"), steps -> {});
            ClusterDriver.descend(context, folder, steps -> {});
            assertEquals(ClusterDriver.STEPS, expected.last().step());
            assertEquals(files(folder.resolve("expected")), files(folder.resolve("run")));
        }

        /** The first driver has a cluster in its own process, which dies with it; the second one goes on in the standalone cluster. */
        @Tag("exhaustive")
        @Test
        void a_local_cluster_has_the_same_bits_and_its_run_is_resumed_elsewhere_when_the_driver_was_killed()
                throws Exception {
            Gate gate = new Gate(Files.createDirectories(folder.resolve("gate")));
            Process driver = cluster.driver(
                    folder.resolve("driver.log"), gate, "local-cluster[2,1,900]", folder.toString(), "4");
            try {
                Gate.await("a step to be held", () -> gate.isSomebodyWaiting() || !driver.isAlive());
                assertTrue(driver.isAlive(), () -> read(folder.resolve("driver.log")));
            } finally {
                driver.destroyForcibly();
            }
            gate.open();
            for (ClusterLaw law : ClusterLaw.values()) {
                assertArrayEquals(
                        ClusterDriver.bytes(law.expected()),
                        Files.readAllBytes(folder.resolve(law.name())),
                        law.name());
            }
            DescentResult expected = ClusterDriver.descend(local(), folder.resolve("expected"), steps -> {});
            int[] resumed = new int[1];
            DescentResult result = ClusterDriver.descend(context, folder, steps -> resumed[0]++);
            assertEquals(DescentStatus.STEPS_DONE, result.status());
            assertSameBits(expected.last().theta(), result.last().theta());
            assertEquals(expected.records(), result.records());
            // the fourth step may have been made and not yet be on disk
            assertTrue(resumed[0] < ClusterDriver.STEPS, "resumed, not begun anew: " + resumed[0]);
            assertEquals(files(folder.resolve("expected")), files(folder.resolve("run")));
        }
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Map<String, String> files(Path run) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(run)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    /**
     * θ goes out and gradients come back. A step may take, beyond 8 bytes a parameter for every executor and for every block, what does
     * not grow with parameters or records: the tasks' code, once an executor (3.2 kB, compressed), and their metrics and the names of
     * classes in their results, once a task (1.9 kB).
     */
    @Nested
    class Bytes {

        private static final int CODE = 6_000;
        private static final int PER_TASK = 4_000;
        private static final int TASKS = 3;

        private final ClusterProblem wide = new ClusterProblem(DataType.DOUBLE, 300, 600, 3, 29);
        private final BlockSettings settings = LAW.settings();

        private long out(SparkBlocks sums) {
            return 2L * (8L * sums.dimension() + CODE);
        }

        private long back(SparkBlocks sums) {
            return 8L * sums.dimension() * sums.blocks().blocks().size() + TASKS * PER_TASK;
        }

        @Test
        void a_step_sends_parameters_out_and_gradients_back_and_nothing_else() throws Exception {
            awaitExecutors();
            try (SparkBlocks sums = wide.spark(context, wide.written(folder, settings), settings, TASKS)) {
                BlockedObjective spark = ClusterProblem.objective(sums);
                double[] theta = sums.parameters();
                spark.gradient(theta, new double[theta.length]);
                SentBytes.Counts counts = SentBytes.of(context, () -> spark.gradient(theta, new double[theta.length]));
                assertEquals(0, counts.shuffled());
                assertTrue(counts.broadcast() <= out(sums), () -> counts + " for " + out(sums));
                assertTrue(counts.results() <= back(sums), () -> counts + " for " + back(sums));
                // and it is no less, so that the counts are what they seem to be
                assertTrue(counts.broadcast() > 8L * theta.length, counts::toString);
                assertTrue(counts.results() > 8L * theta.length, counts::toString);
                SentBytes.Counts values = SentBytes.of(context, () -> spark.value(theta));
                assertTrue(values.results() <= TASKS * PER_TASK, values::toString);
            }
        }

        /** The twin: what is sent with the code or as a broadcast is counted. */
        @Test
        @Tag("exhaustive")
        void records_that_are_sent_along_are_found_out() throws Exception {
            awaitExecutors();
            try (SparkBlocks sums = wide.spark(context, wide.written(folder, settings), settings, TASKS)) {
                BlockedObjective spark = ClusterProblem.objective(sums);
                double[] theta = sums.parameters();
                double[] records =
                        wide.records().all().getFeatures(0).dup().data().asDouble();
                List<Integer> tasks = List.of(0, 1, 2);
                SentBytes.Counts inCode = SentBytes.of(context, () -> {
                    spark.value(theta);
                    context.parallelize(tasks, TASKS).map(task -> records[task]).collect();
                });
                assertTrue(inCode.broadcast() > out(sums), inCode::toString);
                SentBytes.Counts asBroadcast = SentBytes.of(context, () -> {
                    spark.value(theta);
                    Broadcast<double[]> sent = context.broadcast(records);
                    context.parallelize(tasks, TASKS)
                            .map(task -> sent.value()[task])
                            .collect();
                    sent.destroy();
                });
                assertTrue(asBroadcast.broadcast() > out(sums), asBroadcast::toString);
                SentBytes.Counts back = SentBytes.of(
                        context,
                        () -> context.parallelize(tasks, TASKS)
                                .map(task -> records)
                                .collect());
                assertTrue(back.results() > TASKS * PER_TASK, back::toString);
            }
        }
    }

    /** What is wrong on one machine only is told by the driver in one sentence. */
    @Nested
    class Refused {

        /** The folder of the worker whose executor reads it: another one on each "machine". */
        private static final Path OWN = Path.of("/proc/self/cwd/../..");

        private Path own(int worker, String name) {
            return cluster.workers().get(worker).folder().resolve(name);
        }

        private void assertNothingRemains() throws IOException {
            try (SparkBlocks sums = opened(3)) {
                assertSameBits(ClusterProblem.answers(local()), ClusterProblem.answers(ClusterProblem.objective(sums)));
            }
        }

        @Tag("exhaustive")
        @Test
        void blocks_that_one_executor_does_not_have() throws IOException {
            assumeTrue(Files.exists(OWN));
            awaitExecutors();
            BlockFolder here = LAW.problem().written(own(0, "blocks"), LAW.settings());
            refused(
                    "must be an existing regular file (block",
                    () -> SparkBlocks.open(
                            context,
                            SentGraph.of(LAW.problem().model().graph()),
                            LAW.settings(),
                            BlockFolder.at(OWN.resolve("blocks")),
                            here.numbers(),
                            2));
            assertNothingRemains();
        }

        @Tag("exhaustive")
        @Test
        void another_base_on_one_executor() throws IOException {
            assumeTrue(Files.exists(OWN));
            awaitExecutors();
            // none that these processes have opened before
            AdaptedModel model = LAW.problem().model(31);
            SentGraph.of(model.graph()).open();
            LAW.problem().base(31).save(own(0, "base.zip").toFile(), false);
            LAW.problem().base(32).save(own(1, "base.zip").toFile(), false);
            BlockFolder blocks = LAW.problem().written(folder, LAW.settings());
            refused(
                    "executors must have the base sha256:"
                            + model.base().fingerprint().hex() + ", got",
                    () -> SparkBlocks.open(
                            context,
                            SentGraph.of(model, OWN.resolve("base.zip")),
                            LAW.settings(),
                            blocks,
                            blocks.numbers(),
                            2));
            assertNothingRemains();
        }

        @Test
        void a_record_that_is_not_a_number() throws IOException {
            double[] features = new double[2 * LAW.problem().inputs()];
            features[features.length - 1] = Double.NaN;
            SafetensorsWriter.write(
                    Files.createDirectories(folder.resolve("blocks")).resolve("block-7.safetensors"),
                    Map.of(),
                    List.of(
                            TensorData.ofLongs("ids", List.of(2L), new long[] {29, 30}),
                            TensorData.ofLongs("subjects", List.of(2L), new long[] {1, 2}),
                            TensorData.ofDoubles(
                                    "features.0",
                                    List.of(2L, (long) LAW.problem().inputs()),
                                    features),
                            TensorData.ofDoubles("labels.0", List.of(2L, 3L), new double[] {1, 0, 0, 0, 1, 0})));
            refused("features 0 must be finite, got NaN or infinity in record 1 (block 7)", () -> {
                try (SparkBlocks sums = SparkBlocks.open(
                        context,
                        SentGraph.of(LAW.problem().model().graph()),
                        LAW.settings(),
                        BlockFolder.at(folder.resolve("blocks")),
                        new long[] {7},
                        2)) {
                    ClusterDriver.descend(ClusterProblem.objective(sums), folder.resolve("run"), steps -> {});
                }
            });
            assertFalse(Files.exists(folder.resolve("run")));
        }

        @Tag("exhaustive")
        @Test
        void an_executor_whose_processor_has_other_kernels() throws IOException {
            assumeTrue(System.getProperty("os.arch").equals("amd64"));
            Worker other =
                    cluster.add(1, Map.of("OPENBLAS_CORETYPE", "Nehalem")).get(0);
            try {
                awaitExecutors();
                refused(
                        "OpenBLAS has kernels for Nehalem there, for " + KernelProbe.coreType() + " in the driver",
                        () -> opened(8).close());
            } finally {
                other.kill();
                Gate.await("the end of a worker", () -> !other.process().isAlive());
            }
            awaitExecutors();
            assertNothingRemains();
        }
    }
}
