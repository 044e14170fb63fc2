/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import static org.amend4j.spark.ClusterProblem.answers;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.amend4j.objective.blocks.BlockSums;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.TreeSum.Node;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Two threads of a local Spark: everything is serialised, shipped and collected as on a cluster, but for the network. */
class SparkBlocksTest {

    private static final int RECORDS = 29;
    private static final BlockSettings SETTINGS = BlockSettings.of(new BlockRule.Ranges(4), 3);
    private static JavaSparkContext context;

    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        context = LocalSpark.context("SparkBlocksTest");
    }

    @AfterAll
    static void stopSpark() {
        context.close();
    }

    private static Records records(DataType type) {
        return Records.of(TestCase.DENSE.data(type, RECORDS, 5))
                .ownedBy(LongStream.range(0, RECORDS).map(id -> id % 6).toArray());
    }

    private static AdaptedModel model(DataType type) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(TestCase.DENSE.network(type, 7)),
                LoraConfig.of(2, 3).withTargets(Targets.names(TestCase.DENSE.targets())),
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build());
        Random random = new Random(2);
        for (long i = 0; i < model.graph().numParams(); i++) {
            model.graph().params().putScalar(i, 0.3 * random.nextGaussian());
        }
        return model;
    }

    private static BlockedObjective objective(BlockSums sums) {
        return BlockedObjective.of(sums, 40).withWeightDecay(0.01);
    }

    private static BlockedObjective local(DataType type, BlockSettings settings) {
        return objective(GraphBlocks.of(model(type).graph(), settings).local(records(type)));
    }

    private BlockFolder written(DataType type, BlockSettings settings) throws IOException {
        BlockFolder blocks = BlockFolder.at(folder);
        blocks.write(records(type), settings.blocks(records(type)));
        return blocks;
    }

    private SparkBlocks spark(DataType type, BlockSettings settings, int tasks) throws IOException {
        BlockFolder blocks = written(type, settings);
        return SparkBlocks.open(context, SentGraph.of(model(type).graph()), settings, blocks, blocks.numbers(), tasks);
    }

    private static void assertSameBits(double[] expected, double[] actual) {
        assertArrayEquals(
                Arrays.stream(expected).mapToLong(Double::doubleToRawLongBits).toArray(),
                Arrays.stream(actual).mapToLong(Double::doubleToRawLongBits).toArray());
    }

    /** Three steps on the objective, three more on what a deletion leaves. */
    private static double[] descended(RecordObjective objective, double[] start, RecordIds left) {
        double[] theta = start.clone();
        double[] gradient = new double[theta.length];
        RecordObjective now = objective;
        for (int step = 0; step < 6; step++) {
            now = step == 3 ? objective.restrictedTo(left) : now;
            now.gradient(theta, gradient);
            IntStream.range(0, theta.length).forEach(i -> theta[i] -= 0.5 * gradient[i]);
        }
        return theta;
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    @OneIn(2)
    void a_cluster_has_the_bits_of_one_process_for_any_number_of_tasks(DataType type) throws IOException {
        BlockedObjective local = local(type, SETTINGS);
        double[] start = model(type).graph().params().toDoubleVector();
        // the third block is emptied, others lose some
        RecordIds left = local.records().without(RecordIds.of(0, 5, 8, 9, 10, 11, 22, 28));
        double[] expected = answers(local);
        double[] expectedLeft = answers(local.restrictedTo(left));
        double[] expectedEnd = descended(local, start, left);
        for (int tasks : Exhaustive.oneIn(2, List.of(3, 1, 7, 2))) {
            try (SparkBlocks sums = spark(type, SETTINGS, tasks)) {
                BlockedObjective spark = objective(sums);
                assertSameBits(expected, answers(spark));
                assertSameBits(expectedLeft, answers(spark.restrictedTo(left)));
                assertSameBits(expectedEnd, descended(spark, start, left));
                assertSameBits(start, sums.parameters());
                assertEquals(local.fingerprint(), spark.fingerprint());
                assertEquals(
                        local.restrictedTo(left).fingerprint(),
                        spark.restrictedTo(left).fingerprint());
                assertEquals(local.settingsFingerprint(), spark.settingsFingerprint());
                assertEquals(local.records(), spark.records());
                assertEquals(local.precision(), spark.precision());
                assertEquals(local.adapters(), spark.adapters());
            }
        }
    }

    @OneIn(6)
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void executors_that_add_up_for_the_driver_change_no_bit(int adders) throws IOException {
        BlockedObjective local = local(DataType.FLOAT, SETTINGS);
        RecordIds left = local.records().without(RecordIds.of(0, 5, 8, 9, 10, 11, 22, 28));
        try (SparkBlocks sums = spark(DataType.FLOAT, SETTINGS, 7)) {
            BlockedObjective spark = objective(sums.addedBy(adders));
            assertSameBits(answers(local), answers(spark));
            assertSameBits(answers(local.restrictedTo(left)), answers(spark.restrictedTo(left)));
        }
    }

    /** Why sums are not reduced by Spark: additions in the order of arrival and of tasks. */
    @Test
    @Tag("exhaustive")
    void spark_s_own_reduction_has_other_bits() throws IOException {
        // a task for each block: none has two to add
        try (SparkBlocks sums = spark(DataType.DOUBLE, SETTINGS, RECORDS)) {
            double[] theta = sums.parameters();
            double[][] gradients = new double[sums.blocks().blocks().size()][];
            sums.evaluate(theta, Wanted.GRADIENT, (from, to, sum) -> gradients[from] = sum.gradient());
            double[] tree = context.parallelize(Arrays.asList(gradients), 4).treeReduce(SparkBlocksTest::plus, 2);
            double[] inOrder = new double[theta.length];
            BlockedObjective.of(sums, 1).gradient(theta, inOrder);
            assertArrayEquals(inOrder, tree, 1e-12);
            assertFalse(Arrays.equals(inOrder, tree));
        }
    }

    private static double[] plus(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @OneIn(2)
    void clipped_gradients_have_the_bits_of_one_process(boolean bySubject) throws IOException {
        BlockSettings clipped = new BlockSettings(new BlockRule.Hashed(4), 3, Optional.empty())
                .clipped(bySubject ? Clipping.perSubject(0.4) : Clipping.perRecord(0.2));
        BlockedObjective local = local(DataType.DOUBLE, clipped);
        RecordIds left = local.records().without(records(DataType.DOUBLE).ownedByAnyOf(1, 4));
        try (SparkBlocks sums = spark(DataType.DOUBLE, clipped, 3)) {
            BlockedObjective spark = objective(sums);
            assertSameBits(answers(local), answers(spark));
            assertSameBits(answers(local.restrictedTo(left)), answers(spark.restrictedTo(left)));
            assertEquals(local.fingerprint(), spark.fingerprint());
            assertFalse(spark.hasTrueGradient());
        }
    }

    @Test
    void a_base_may_come_from_a_file_and_must_be_the_right_one() throws IOException {
        AdaptedModel model = model(DataType.DOUBLE);
        Path file = folder.resolve("base.zip");
        model.base().plainCopy().save(file.toFile(), false);
        BlockFolder blocks = written(DataType.DOUBLE, SETTINGS);
        SentGraph sent = SentGraph.of(model, file);
        try (SparkBlocks sums = SparkBlocks.open(context, sent, SETTINGS, blocks, blocks.numbers(), 2)) {
            assertSameBits(answers(local(DataType.DOUBLE, SETTINGS)), answers(objective(sums)));
        }
        TestCase.DENSE.network(DataType.DOUBLE, 8).save(file.toFile(), false);
        AdaptedModel other = AdaptedModel.attach(
                BaseModel.of(TestCase.DENSE.network(DataType.DOUBLE, 9)),
                LoraConfig.of(2, 3).withTargets(Targets.names("out")),
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build());
        refused(
                "executors must have the base",
                () -> SparkBlocks.open(context, SentGraph.of(other, file), SETTINGS, blocks, blocks.numbers(), 2));
    }

    /** How often a block was read; tasks of a local Spark run in this process. */
    private static final AtomicInteger READ = new AtomicInteger();

    @Test
    void blocks_are_read_once() throws IOException {
        BlockFolder blocks = written(DataType.DOUBLE, SETTINGS);
        READ.set(0);
        BlockReader counting = block -> {
            READ.incrementAndGet();
            return blocks.read(block);
        };
        try (SparkBlocks sums = SparkBlocks.open(
                context, SentGraph.of(model(DataType.DOUBLE).graph()), SETTINGS, counting, blocks.numbers(), 3)) {
            BlockedObjective spark = objective(sums);
            answers(spark);
            answers(spark.restrictedTo(RecordIds.of(1, 2, 17)));
        }
        assertEquals(8, READ.get());
    }

    /** With room for one block of the eight, each is read whenever another one was used meanwhile, and checked anew. */
    @Test
    void blocks_that_find_no_room_are_read_again_and_must_be_the_same() throws IOException {
        BlockFolder blocks = written(DataType.DOUBLE, SETTINGS);
        READ.set(0);
        BlockReader counting = block -> {
            READ.incrementAndGet();
            return blocks.read(block);
        };
        SentGraph graph = SentGraph.of(model(DataType.DOUBLE).graph());
        ExecutorBlocks here =
                new ExecutorBlocks(() -> GraphBlocks.of(graph.open(), SETTINGS), counting, new KeptBlocks(1));
        BlockPrints prints = BlockPrints.of(List.of(here.report(0), here.report(1)));
        for (long block : new long[] {1, 1, 0, 0, 1}) {
            here.with(block, prints, RecordObjective::fingerprint);
        }
        assertEquals(4, READ.get());
        Records others = records(DataType.DOUBLE).ownedBy(new long[RECORDS]);
        blocks.write(others, SETTINGS.blocks(others));
        here.with(1, prints, RecordObjective::fingerprint);
        refused(
                "a block must stay as it was when it was first read",
                () -> here.with(0, prints, RecordObjective::fingerprint));
    }

    @Test
    void what_is_wrong_on_an_executor_is_refused_in_one_sentence() throws IOException {
        BlockFolder blocks = written(DataType.DOUBLE, SETTINGS);
        SentGraph sent = SentGraph.of(model(DataType.DOUBLE).graph());
        refused(
                "executors must be able to read their blocks",
                () -> SparkBlocks.open(context, sent, SETTINGS, blocks, new long[] {0, 99}, 2));
        refused("got no blocks", () -> SparkBlocks.open(context, sent, SETTINGS, blocks, new long[0], 2));
        Files.copy(folder.resolve("block-3.safetensors"), folder.resolve("block-30.safetensors"));
        refused(
                "a record must be in its block, got record 12 of block 3 in block 30",
                () -> SparkBlocks.open(context, sent, SETTINGS, blocks, blocks.numbers(), 2));
        refused(
                "numbers of blocks must differ, got 1 twice",
                () -> SparkBlocks.open(context, sent, SETTINGS, blocks, new long[] {1, 1}, 2));
    }

    /** An executor that comes in for a lost one reads blocks again: here a broadcast that was never used stands for it. */
    @Test
    void a_block_that_has_changed_when_it_is_read_again_is_refused() throws IOException {
        SentGraph graph = SentGraph.of(model(DataType.DOUBLE).graph());
        BlockFolder files = written(DataType.DOUBLE, SETTINGS);
        Kernels kernels = Kernels.here();
        BlockPrints prints = BlockPrints.of(List.of(new SentBlocks(graph, SETTINGS, files, kernels)
                .reports(new long[] {0})
                .get()
                .get(0)));
        RecordBlocks all = SETTINGS.blocks(records(DataType.DOUBLE));
        Selection selection = Selection.of(all, all);
        double[] theta = new double[(int) model(DataType.DOUBLE).graph().numParams()];
        new SentBlocks(graph, SETTINGS, files, kernels)
                .sums(new long[] {0}, prints, selection, theta, Wanted.VALUE)
                .get();
        Records others = records(DataType.DOUBLE).ownedBy(new long[RECORDS]);
        files.write(others, SETTINGS.blocks(others));
        TaskResult<List<Node>> again = new SentBlocks(graph, SETTINGS, files, kernels)
                .sums(new long[] {0}, prints, selection, theta, Wanted.VALUE);
        refused("a block must stay as it was when it was first read", again::get);
    }

    @Test
    void an_executor_with_other_kernels_is_refused() throws IOException {
        SentBlocks sent = new SentBlocks(
                SentGraph.of(model(DataType.DOUBLE).graph()),
                SETTINGS,
                written(DataType.DOUBLE, SETTINGS),
                new Kernels("another", "Prescott"));
        refused("for Prescott in the driver", () -> sent.reports(new long[] {0}).get());
    }

    @ParameterizedTest
    @EnumSource(
            value = TestCase.class,
            names = {"BRANCHING", "DENSE"})
    @OneIn(2)
    void a_written_block_is_read_with_its_bytes(TestCase networks) throws IOException {
        Records records = Records.of(networks.data(DataType.FLOAT, 9, 3)).ownedBy(7, 7, 1, 2, 3, -5, 6, 7, 8);
        RecordBlocks blocks = RecordBlocks.byId(new BlockRule.Ranges(100), records.ids());
        BlockFolder files = BlockFolder.at(folder);
        files.write(records, blocks);
        assertArrayEquals(new long[] {0}, files.numbers());
        GraphBlocks function = GraphBlocks.of(networks.network(DataType.FLOAT, 3), SETTINGS);
        assertEquals(
                function.on(records).fingerprint(), function.on(files.read(0)).fingerprint());
        assertNotEquals(
                function.on(records.ownedBy(new long[9])).fingerprint(),
                function.on(files.read(0)).fingerprint());
    }
}
