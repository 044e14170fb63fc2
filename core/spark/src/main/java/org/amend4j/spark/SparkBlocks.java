/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.amend4j.objective.blocks.BlockSums;
import org.amend4j.objective.blocks.BlockTree;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.RecordBlocks.AssignedBy;
import org.amend4j.objective.blocks.TreeSum.Node;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Blocks that the executors of a cluster read, keep and compute; {@link BlockedObjective} makes an objective of them. A step sends θ to
 * each executor and sums back, and nothing else: a task adds up what it has as a whole of the blocks' tree, the driver adds up the rest.
 * What Spark computes twice, elsewhere or later has the same bits.
 *
 * <p>Restricted ones share everything with the ones that they were made from. The context stays its owner's; {@link #close} lets go what
 * executors keep.
 */
public final class SparkBlocks implements BlockSums, AutoCloseable {

    /** What does not depend on which records are selected. */
    private record Cluster(
            JavaSparkContext context,
            Broadcast<SentBlocks> sent,
            Broadcast<BlockPrints> prints,
            JavaRDD<long[]> parts,
            int adders,
            GraphBlocks function,
            String settingsFingerprint,
            RecordBlocks whole,
            AtomicLong evaluations,
            Set<Broadcast<?>> open) {}

    /** The most tasks with sums that the driver adds up by itself. */
    private static final int MOST_SENDERS = 64;

    private final Cluster cluster;
    private final RecordBlocks blocks;
    private final Broadcast<Selection> selection;

    private SparkBlocks(Cluster cluster, RecordBlocks blocks) {
        this.cluster = cluster;
        this.blocks = blocks;
        this.selection = Jobs.undisturbed(() -> cluster.context.broadcast(Selection.of(cluster.whole, blocks)));
        cluster.open.add(selection);
    }

    /**
     * Has executors read blocks and say what they have read.
     *
     * @param graph what is trained
     * @param settings how blocks are computed
     * @param reader reads a block on an executor
     * @param numbers of the blocks, which differ
     * @param tasks among which the blocks are divided, at least 1; no result depends on it
     * @throws IOException if the base cannot be read by the driver
     * @throws IllegalArgumentException if Spark is set to serialize by anything but Java, or an executor cannot read a block or the base, has other native kernels than the driver
     *     ({@link org.amend4j.internal.graph.KernelProbe}), or a record is not in its block
     */
    public static SparkBlocks open(
            JavaSparkContext context,
            SentGraph graph,
            BlockSettings settings,
            BlockReader reader,
            long[] numbers,
            int tasks)
            throws IOException {
        if (numbers.length == 0) {
            throw new IllegalArgumentException("an objective must have records, got no blocks");
        }
        Serializers.requireJava(context.getConf());
        SentBlocks sent = new SentBlocks(graph, settings, reader, Kernels.here());
        GraphBlocks function = sent.open();
        long[] all = LongStream.of(numbers).sorted().toArray();
        List<long[]> divided = divided(all, tasks);
        return Jobs.undisturbed(() -> opened(context, sent, divided, function, all.length));
    }

    private static SparkBlocks opened(
            JavaSparkContext context, SentBlocks sent, List<long[]> divided, GraphBlocks function, int blocks) {
        Broadcast<SentBlocks> shared = context.broadcast(sent);
        // cached, so that Spark sends a part's tasks to where its records are
        JavaRDD<long[]> parts = context.parallelize(divided, divided.size()).cache();
        try {
            List<BlockReport> reports =
                    inGroup(context, "amend4j blocks", "reads " + blocks + " blocks", reports(parts, shared));
            return new SparkBlocks(context, shared, parts, function, reports);
        } catch (RuntimeException refusal) {
            parts.unpersist(false);
            shared.destroy();
            throw refusal;
        }
    }

    private SparkBlocks(
            JavaSparkContext context,
            Broadcast<SentBlocks> sent,
            JavaRDD<long[]> parts,
            GraphBlocks function,
            List<BlockReport> reports) {
        this(new Cluster(
                context,
                sent,
                context.broadcast(BlockPrints.of(reports)),
                parts,
                parts.getNumPartitions() > MOST_SENDERS ? (int) Math.ceil(Math.sqrt(parts.getNumPartitions())) : 1,
                function,
                settings(reports),
                whole(function.settings(), reports),
                new AtomicLong(),
                // Spark destroys those of subsets that are no longer referenced
                Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()))));
    }

    private SparkBlocks(Cluster cluster) {
        this(cluster, cluster.whole);
        cluster.open.add(cluster.sent);
    }

    private static List<long[]> divided(long[] numbers, int tasks) {
        for (int k = 1; k < numbers.length; k++) {
            if (numbers[k] == numbers[k - 1]) {
                throw new IllegalArgumentException("numbers of blocks must differ, got " + numbers[k] + " twice");
            }
        }
        int[] cuts = BlockTree.of(numbers).divided(tasks);
        return IntStream.range(0, cuts.length - 1)
                .mapToObj(part -> Arrays.copyOfRange(numbers, cuts[part], cuts[part + 1]))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /**
     * The same, with the sums of tasks added up by so many executors before the driver has them, where the tree allows it: what the
     * driver receives and keeps shrinks, one more round costs time. Otherwise that is done if there are more than {@value #MOST_SENDERS}
     * tasks. No result depends on it.
     */
    public SparkBlocks addedBy(int adders) {
        Checks.atLeast(1, "the number of executors that add up", adders);
        Cluster c = cluster;
        return new SparkBlocks(
                new Cluster(
                        c.context,
                        c.sent,
                        c.prints,
                        c.parts,
                        adders,
                        c.function,
                        c.settingsFingerprint,
                        c.whole,
                        c.evaluations,
                        c.open),
                blocks);
    }

    private static String settings(List<BlockReport> reports) {
        String first = reports.get(0).settingsFingerprint();
        for (BlockReport report : reports) {
            if (!report.settingsFingerprint().equals(first)) {
                throw new IllegalArgumentException("executors must compute the same function, got another one of block "
                        + report.block() + ": do they have the same version of amend4j?");
            }
        }
        return first;
    }

    private static RecordBlocks whole(BlockSettings settings, List<BlockReport> reports) {
        Map<Long, Long> subjects = new HashMap<>();
        for (BlockReport report : reports) {
            report.subjects().forEach((id, subject) -> {
                if (subjects.put(id, subject) != null) {
                    throw new IllegalArgumentException(
                            "record ids must differ, got " + id + " again in block " + report.block());
                }
            });
        }
        RecordIds ids = RecordIds.of(
                subjects.keySet().stream().mapToLong(Long::longValue).toArray());
        BlockRule rule = settings.rule();
        return settings.key() == AssignedBy.RECORD
                ? RecordBlocks.byId(rule, ids)
                : RecordBlocks.bySubject(rule, ids, subjects::get);
    }

    // What follows is static so that tasks take along what they are given and not this object.

    private static JavaRDD<TaskResult<List<BlockReport>>> reports(JavaRDD<long[]> parts, Broadcast<SentBlocks> sent) {
        return parts.map(part -> sent.value().reports(part));
    }

    private static JavaRDD<TaskResult<List<Node>>> sums(
            Cluster cluster, Broadcast<Selection> selection, Broadcast<double[]> theta, Wanted wanted) {
        Broadcast<SentBlocks> sent = cluster.sent;
        Broadcast<BlockPrints> prints = cluster.prints;
        return cluster.parts.map(
                part -> sent.value().sums(part, prints.value(), selection.value(), theta.value(), wanted));
    }

    /** One more round: neighbours' sums come together and are added up as far as the tree allows. */
    private static JavaRDD<TaskResult<List<Node>>> added(
            JavaRDD<TaskResult<List<Node>>> sums, Broadcast<Selection> selection, int adders) {
        return sums.mapToPair(answer -> new Tuple2<>(selection.value().adderOf(answer, adders), answer))
                .groupByKey(adders)
                .map(group -> selection.value().added(group._2()));
    }

    private static JavaRDD<TaskResult<List<String>>> fingerprints(Cluster cluster, Broadcast<Selection> selection) {
        Broadcast<SentBlocks> sent = cluster.sent;
        Broadcast<BlockPrints> prints = cluster.prints;
        return cluster.parts.map(part -> sent.value().fingerprints(part, prints.value(), selection.value()));
    }

    /** Runs a job under a name that Spark's pages show; answers come in the order of parts. */
    private static <T> List<T> inGroup(
            JavaSparkContext context, String group, String description, JavaRDD<TaskResult<List<T>>> job) {
        context.setJobGroup(group, description);
        try {
            return Jobs.result(job.collectAsync()).stream()
                    .flatMap(answer -> answer.get().stream())
                    .toList();
        } finally {
            context.clearJobGroup();
        }
    }

    @Override
    public void evaluate(double[] theta, Wanted wanted, Receiver receiver) {
        Vectors.requireLength("the parameter vector", theta, dimension());
        Jobs.undisturbed(() -> nodes(theta, wanted)).forEach(node -> receiver.take(node.from(), node.to(), node.sum()));
    }

    private List<Node> nodes(double[] theta, Wanted wanted) {
        Broadcast<double[]> at = cluster.context.broadcast(theta);
        try {
            JavaRDD<TaskResult<List<Node>>> sums = sums(cluster, selection, at, wanted);
            return inGroup(
                    cluster.context,
                    "amend4j evaluation " + cluster.evaluations.incrementAndGet(),
                    wanted.name().toLowerCase(Locale.ROOT) + " of "
                            + blocks.blocks().size() + " blocks",
                    cluster.adders == 1 ? sums : added(sums, selection, cluster.adders));
        } finally {
            at.destroy();
        }
    }

    @Override
    public SparkBlocks restrictedTo(RecordIds subset) {
        return new SparkBlocks(cluster, blocks.restrictedTo(subset));
    }

    @Override
    public RecordBlocks blocks() {
        return blocks;
    }

    @Override
    public int dimension() {
        return cluster.function.dimension();
    }

    @Override
    public Precision precision() {
        return cluster.function.precision();
    }

    @Override
    public List<AdapterBlock> adapters() {
        return cluster.function.adapters();
    }

    @Override
    public boolean hasTrueGradient() {
        return cluster.function.settings().clipping().isEmpty();
    }

    /** The parameters the graph had: where a run starts. */
    public double[] parameters() {
        return cluster.function.parameters();
    }

    @Override
    public String settingsFingerprint() {
        return cluster.settingsFingerprint;
    }

    @Override
    public List<String> fingerprints() {
        return Jobs.undisturbed(() -> inGroup(
                cluster.context,
                "amend4j fingerprint",
                "names " + blocks.blocks().size() + " blocks",
                fingerprints(cluster, selection)));
    }

    /** Has executors let go of records and graphs, of everything made from these, which cannot be used any more. */
    @Override
    public void close() {
        if (cluster.open.remove(cluster.sent)) {
            Jobs.undisturbedly(() -> {
                cluster.parts.unpersist(false);
                List.copyOf(cluster.open).forEach(Broadcast::destroy);
                cluster.prints.destroy();
                cluster.sent.destroy();
            });
        }
    }
}
