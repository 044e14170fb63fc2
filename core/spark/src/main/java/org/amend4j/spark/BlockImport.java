/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.graph.BlockSettings;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.RecordBlocks.AssignedBy;
import org.amend4j.spark.BlockKey.Sent;
import org.amend4j.spark.data.RecordColumns;
import org.amend4j.spark.data.RowReader;
import org.amend4j.spark.data.RowRecord;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import scala.Tuple2;

/**
 * Makes blocks from a table that Spark reads in place. One shuffle sends each row to the executor that writes its block; no row goes to the
 * driver. What is written is a function of the set of rows alone, not of their order or of how the table is divided, so a table without
 * some of its rows gives the same files without these records, and the files of all other blocks stay as they were.
 *
 * <p>All blocks appear together, after every row was read: if one is no record, nothing has changed. A folder takes one import at a time.
 */
public final class BlockImport {

    private final BlockFolder folder;
    private final BlockOf blockOf;
    private final boolean byId;
    private final int tasks;

    /** The block that a record is in. */
    @FunctionalInterface
    interface BlockOf extends Serializable {
        long block(RowRecord record);
    }

    BlockImport(BlockFolder folder, BlockOf blockOf, boolean byId, int tasks) {
        this.folder = folder;
        this.blockOf = blockOf;
        this.byId = byId;
        this.tasks = Checks.atLeast(1, "the number of tasks", tasks);
    }

    /**
     * Imports tables into a folder.
     *
     * @param folder which executors and driver see under the same path
     * @param settings which say in which block a record is: by its id, or by its subject where subjects are clipped
     * @param tasks among which blocks are divided, at least 1; no byte depends on it. A task has one block in memory at a time
     */
    public static BlockImport into(BlockFolder folder, BlockSettings settings, int tasks) {
        BlockRule rule = settings.rule();
        return settings.key() == AssignedBy.RECORD
                ? new BlockImport(folder, record -> rule.blockOf(record.id()), true, tasks)
                : new BlockImport(folder, record -> rule.blockOf(record.subject()), false, tasks);
    }

    /**
     * Writes the blocks of a table; blocks of the folder that have no rows are removed.
     *
     * @param table the whole of it; read once
     * @param columns what it means
     * @throws IllegalArgumentException in one sentence if a column is missing, a row is no record, an id is there twice, or there are
     *     no rows. The folder is as it was then
     * @throws IllegalStateException if the cluster fails, or Spark cannot read the table; the folder is as it was
     * @throws IOException if the disk fails; if it does so between the first file's change and the last's,
     *     {@link BlockFolder#numbers} refuses the folder until an import has ended
     */
    public BlockChanges write(Dataset<Row> table, RecordColumns columns) throws IOException {
        Dataset<Row> selected = selected(table, columns.columns());
        JavaSparkContext context =
                JavaSparkContext.fromSparkContext(table.sparkSession().sparkContext());
        Serializers.requireJava(context.getConf());
        try (BlockStage stage = BlockStage.of(folder)) {
            FirstRowError flaw = new FirstRowError();
            context.sc().register(flaw);
            List<TaskResult<StagedBlock[]>> answers = Jobs.undisturbed(() -> {
                context.setJobGroup("amend4j import", "blocks of records in " + folder.folder(), true);
                return Jobs.result(job(rows(selected), columns.reader(), flaw, stage.folder()));
            });
            if (!flaw.isZero()) {
                throw new IllegalArgumentException(flaw.value());
            }
            List<StagedBlock> blocks = given(answers);
            if (blocks.isEmpty()) {
                throw new IllegalArgumentException("a table must have rows, got none");
            }
            return stage.publish(blocks);
        }
    }

    private static Dataset<Row> selected(Dataset<Row> table, List<String> wanted) {
        List<String> all = List.of(table.columns());
        for (String column : wanted) {
            int count = Collections.frequency(all, column);
            if (count != 1) {
                throw new IllegalArgumentException("the table must have one column '" + column + "', got "
                        + (count == 0 ? Checks.listed(all) : count + " of that name"));
            }
        }
        return table.select(wanted.stream()
                .map(name -> functions.col("`" + name.replace("`", "``") + "`"))
                .toArray(Column[]::new));
    }

    /** What has to be computed before there are rows, as a join's smaller side, Spark computes here. */
    private static JavaRDD<Row> rows(Dataset<Row> selected) {
        try {
            return selected.javaRDD();
        } catch (Exception failure) {
            // of any type: Spark's methods do not declare theirs
            throw new IllegalStateException("the table must be readable, got " + failure.getMessage(), failure);
        }
    }

    private JavaFutureAction<List<TaskResult<StagedBlock[]>>> job(
            JavaRDD<Row> rows, RowReader reader, FirstRowError flaw, BlockFolder staged) {
        BlockFolder target = folder; // tasks take along what they need, not this object
        BlockOf block = blockOf;
        boolean idsApart = !byId;
        return rows.flatMapToPair(row -> sent(row, reader, flaw, block, idsApart))
                .repartitionAndSortWithinPartitions(new BlockKey.ByGroup(tasks))
                .mapPartitions(sorted -> List.of(BlockWriter.write(reader, staged, target, sorted))
                        .iterator())
                .collectAsync();
    }

    private static Iterator<Tuple2<BlockKey, RowRecord>> sent(
            Row row, RowReader reader, FirstRowError flaw, BlockOf block, boolean idsApart) {
        RowRecord record;
        try {
            record = reader.read(row);
        } catch (IllegalArgumentException none) {
            flaw.add(String.valueOf(none.getMessage()));
            return Collections.emptyIterator();
        }
        Tuple2<BlockKey, RowRecord> whole =
                new Tuple2<>(new BlockKey(Sent.RECORD, block.block(record), record.id()), record);
        return idsApart
                ? List.of(new Tuple2<>(new BlockKey(Sent.ID, record.id(), record.id()), record.idOnly()), whole)
                        .iterator()
                : List.of(whole).iterator();
    }

    /** Of several refusals the first, in the order of their texts. */
    private static List<StagedBlock> given(List<TaskResult<StagedBlock[]>> answers) {
        answers.stream()
                .flatMap(answer -> answer instanceof TaskResult.Refused<StagedBlock[]> refused
                        ? Stream.of(refused.reason())
                        : Stream.of())
                .min(Comparator.comparing(reason -> String.valueOf(reason.getMessage())))
                .ifPresent(reason -> {
                    throw reason;
                });
        return answers.stream().flatMap(answer -> Arrays.stream(answer.get())).toList();
    }
}
