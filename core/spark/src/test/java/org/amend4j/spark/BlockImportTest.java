/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.graph.Records;
import org.amend4j.objective.Precision;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.spark.data.LabelColumns;
import org.amend4j.spark.data.PictureColumns;
import org.amend4j.spark.data.PictureLayout;
import org.amend4j.spark.data.RowReader;
import org.amend4j.spark.data.RowRecord;
import org.amend4j.spark.data.TableColumns;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import scala.Tuple2;

/** Rows are pictures of five grey levels in three classes, so that a table and a folder of pictures can say the same. */
class BlockImportTest {

    private static final int RECORDS = 29;
    private static final int WIDTH = 5;
    private static final List<String> CLASSES = List.of("cat", "dog", "two words");
    private static final List<String> FEATURES =
            IntStream.range(0, WIDTH).mapToObj(k -> "x" + k).toList();
    private static final TableColumns TABLE = TableColumns.of("id", FEATURES, new LabelColumns.Classes("kind", CLASSES))
            .ownedBy("owner");
    private static final BlockSettings SETTINGS = BlockSettings.of(new BlockRule.Ranges(100), 3);
    private static final BlockSettings BY_SUBJECT =
            BlockSettings.of(new BlockRule.Hashed(4), 3).clipped(Clipping.perSubject(0.4));
    private static SparkSession spark;

    @TempDir
    Path scratch;

    private Path folder;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder()
                .master("local[2]")
                .appName("BlockImportTest")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 2)
                .getOrCreate();
    }

    @AfterAll
    static void stopSpark() throws IOException {
        spark.close();
    }

    @BeforeEach
    void nameTheFolder() {
        folder = scratch.resolve("blocks");
    }

    /** A record: what a row, a picture and one process's arrays are made of. */
    @SuppressWarnings("ArrayRecordComponent") // never written to
    private record Sample(long id, long subject, int[] levels, int label) {

        Row row() {
            Object[] cells = new Object[WIDTH + 3];
            cells[0] = id;
            cells[1] = subject;
            for (int k = 0; k < WIDTH; k++) {
                cells[2 + k] = levels[k] / 255.0;
            }
            cells[2 + WIDTH] = CLASSES.get(label);
            return RowFactory.create(cells);
        }
    }

    private static List<Sample> samples() {
        Random random = new Random(4);
        return IntStream.range(0, RECORDS)
                .mapToObj(k -> new Sample(
                        (long) k * k + 1, k % 6, random.ints(WIDTH, 0, 256).toArray(), random.nextInt(CLASSES.size())))
                .toList();
    }

    private static List<Sample> without(Predicate<Sample> deleted) {
        return samples().stream().filter(deleted.negate()).toList();
    }

    private static StructType schema() {
        StructType schema = new StructType().add("id", DataTypes.LongType).add("owner", DataTypes.LongType);
        for (String feature : FEATURES) {
            schema = schema.add(feature, DataTypes.DoubleType);
        }
        return schema.add("kind", DataTypes.StringType);
    }

    private static Dataset<Row> table(List<Sample> samples) {
        return spark.createDataFrame(samples.stream().map(Sample::row).toList(), schema());
    }

    private static Records records(DataType type, List<Sample> samples) {
        double[][] features = samples.stream()
                .map(sample -> Arrays.stream(sample.levels())
                        .mapToDouble(v -> v / 255.0)
                        .toArray())
                .toArray(double[][]::new);
        double[][] labels = new double[samples.size()][CLASSES.size()];
        for (int k = 0; k < labels.length; k++) {
            labels[k][samples.get(k).label()] = 1;
        }
        return Records.of(new DataSet(
                        Nd4j.createFromArray(features).castTo(type),
                        Nd4j.createFromArray(labels).castTo(type)))
                .withIds(samples.stream().mapToLong(Sample::id).toArray())
                .ownedBy(samples.stream().mapToLong(Sample::subject).toArray());
    }

    /** All files by their names, hidden ones as well. */
    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : (Iterable<Path>) entries::iterator) {
                files.put(file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    /** What one process writes. */
    private Map<String, String> expected(BlockSettings settings, List<Sample> samples) throws IOException {
        Path here = Files.createTempDirectory(scratch, "expected");
        Records records = records(DataType.FLOAT, samples);
        BlockFolder.at(here).write(records, settings.blocks(records));
        return files(here);
    }

    private BlockImport importer(BlockSettings settings, int tasks) {
        return BlockImport.into(BlockFolder.at(folder), settings, tasks);
    }

    @Test
    void blocks_do_not_depend_on_the_order_of_rows_nor_on_how_they_are_divided() throws IOException {
        List<Sample> shuffled = new ArrayList<>(samples());
        Collections.shuffle(shuffled, new Random(8));
        for (BlockSettings settings : List.of(SETTINGS, BY_SUBJECT)) {
            Map<String, String> expected = expected(settings, samples());
            for (int partitions : new int[] {1, 2, 7}) {
                folder = scratch.resolve(settings.key() + "-" + partitions);
                BlockChanges changes = importer(settings, 4 - partitions % 4)
                        .write(table(shuffled).repartition(partitions), TABLE);
                assertEquals(expected, files(folder));
                assertEquals(RECORDS, changes.records());
                assertEquals(expected.size(), changes.written().size());
            }
        }
    }

    /** Why a block is a function of the record: these are numbered by the part of the table that a row happens to be in. */
    @Test
    void blocks_numbered_by_partitions_move_records() throws IOException {
        BlockImport byPartition = new BlockImport(BlockFolder.at(folder), row -> TaskContext.getPartitionId(), true, 2);
        byPartition.write(table(samples()).repartition(3), TABLE);
        Map<String, String> three = files(folder);
        byPartition.write(table(samples()).repartition(2), TABLE);
        assertNotEquals(three, files(folder));
    }

    @Test
    void a_table_in_csv_or_parquet_and_a_folder_of_pictures_give_the_same_blocks() throws IOException {
        Map<String, String> expected = expected(SETTINGS, samples());
        Dataset<Row> table = table(samples()).repartition(3);

        table.write().option("header", true).csv(scratch.resolve("csv").toString());
        Dataset<Row> text =
                spark.read().option("header", true).csv(scratch.resolve("csv").toString());
        importer(SETTINGS, 2).write(text, TABLE);
        assertEquals(expected, files(folder));
        Dataset<Row> typed = spark.read()
                .option("header", true)
                .option("inferSchema", true)
                .csv(scratch.resolve("csv").toString());
        assertEquals(
                new BlockChanges(RECORDS, List.of(), 8, List.of()),
                importer(SETTINGS, 3).write(typed, TABLE));

        table.write().parquet(scratch.resolve("parquet").toString());
        folder = scratch.resolve("from parquet");
        importer(SETTINGS, 2)
                .write(spark.read().parquet(scratch.resolve("parquet").toString()), TABLE);
        assertEquals(expected, files(folder));

        drawn(samples());
        folder = scratch.resolve("from pictures");
        Dataset<Row> owned = pictures()
                .withColumn("id", functions.regexp_extract(functions.col("path"), "(\\d+)\\.png$", 1))
                .join(table.select("id", "owner"), "id");
        importer(SETTINGS, 2).write(owned, PICTURES.withIds("id").ownedBy("owner"));
        assertEquals(expected, files(folder));
    }

    private static final PictureColumns PICTURES =
            PictureColumns.of(1, WIDTH, 1, CLASSES).in(PictureLayout.FLAT);

    private Dataset<Row> pictures() {
        return spark.read()
                .format("binaryFile")
                .option("pathGlobFilter", "*.png")
                .option("recursiveFileLookup", true)
                .load(scratch.resolve("pictures").toString());
    }

    private void drawn(List<Sample> samples) throws IOException {
        for (Sample sample : samples) {
            BufferedImage picture = new BufferedImage(WIDTH, 1, BufferedImage.TYPE_BYTE_GRAY);
            picture.getRaster().setPixels(0, 0, WIDTH, 1, sample.levels());
            Path file = scratch.resolve("pictures")
                    .resolve(CLASSES.get(sample.label()))
                    .resolve(sample.id() + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(picture, "png", file.toFile());
        }
    }

    @Test
    void pictures_without_ids_keep_theirs_when_others_are_deleted_and_the_folder_moves() throws IOException {
        drawn(samples());
        BlockSettings hashed = BlockSettings.of(new BlockRule.Hashed(64), 3);
        importer(hashed, 2).write(pictures(), PICTURES);
        Map<String, String> before = files(folder);
        Path moved = Files.createDirectory(scratch.resolve("else where"));
        Files.delete(scratch.resolve("pictures")
                .resolve(CLASSES.get(samples().get(5).label()))
                .resolve("26.png"));
        Files.move(scratch.resolve("pictures"), moved.resolve("pictures"));
        Files.move(moved, scratch.resolve("pictures"));
        BlockChanges changes = importer(hashed, 2).write(pictures(), PICTURES);
        assertEquals(RECORDS - 1, changes.records());
        assertEquals(1, changes.written().size() + changes.removed().size());
        Map<String, String> after = files(folder);
        before.keySet()
                .removeIf(name -> after.containsKey(name) && after.get(name).equals(before.get(name)));
        assertEquals(1, before.size());
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    @OneIn(2)
    void an_objective_on_imported_blocks_has_the_bits_and_the_fingerprint_of_one_process(Precision precision)
            throws IOException {
        DataType type = precision == Precision.FLOAT ? DataType.FLOAT : DataType.DOUBLE;
        BlockFolder blocks = BlockFolder.at(folder);
        importer(BY_SUBJECT, 3).write(table(samples()).repartition(3), TABLE.in(precision));
        BlockedObjective local = BlockedObjective.of(
                GraphBlocks.of(TestCase.DENSE.network(type, 7), BY_SUBJECT).local(records(type, samples())), RECORDS);
        try (SparkBlocks sums = SparkBlocks.open(
                JavaSparkContext.fromSparkContext(spark.sparkContext()),
                SentGraph.of(TestCase.DENSE.network(type, 7)),
                BY_SUBJECT,
                blocks,
                blocks.numbers(),
                2)) {
            BlockedObjective imported = BlockedObjective.of(sums, RECORDS);
            assertEquals(local.fingerprint(), imported.fingerprint());
            double[] theta = sums.parameters();
            double[] expected = new double[theta.length];
            double[] gradient = new double[theta.length];
            assertEquals(
                    Double.doubleToRawLongBits(local.valueAndGradient(theta, expected)),
                    Double.doubleToRawLongBits(imported.valueAndGradient(theta, gradient)));
            assertArrayEquals(
                    Arrays.stream(expected)
                            .mapToLong(Double::doubleToRawLongBits)
                            .toArray(),
                    Arrays.stream(gradient)
                            .mapToLong(Double::doubleToRawLongBits)
                            .toArray());
        }
    }

    @Test
    void a_table_with_rows_deleted_gives_the_blocks_without_them_and_touches_no_other_file() throws IOException {
        importer(SETTINGS, 2).write(table(samples()), TABLE);
        Map<String, String> before = files(folder);
        FileTime longAgo = FileTime.fromMillis(1_000_000);
        for (String name : before.keySet()) {
            Files.setLastModifiedTime(folder.resolve(name), longAgo);
        }
        // block 0 loses a record, block 7 its last two
        List<Sample> left = without(sample -> sample.id() == 10 || sample.id() >= 700);
        BlockChanges changes = importer(SETTINGS, 3).write(table(left).repartition(4), TABLE);
        assertEquals(new BlockChanges(left.size(), List.of(0L), 6, List.of(7L)), changes);
        assertEquals(expected(SETTINGS, left), files(folder));
        for (int block = 1; block < 7; block++) {
            assertEquals(longAgo, Files.getLastModifiedTime(folder.resolve("block-" + block + ".safetensors")));
        }
        assertArrayEquals(
                new long[] {0, 1, 2, 3, 4, 5, 6}, BlockFolder.at(folder).numbers());
    }

    @Test
    void what_is_no_table_of_records_is_refused_in_one_sentence_and_changes_nothing() throws IOException {
        Dataset<Row> good = table(samples());
        refusedBefore("the table must have one column 'kind', got 'id', 'owner', 'x0'", good.drop("kind"));
        refusedBefore(
                "the table must have one column 'x1', got 2 of that name",
                good.withColumn("x9", functions.lit(0)).withColumnRenamed("x9", "x1"));
        importer(SETTINGS, 2).write(good, TABLE);
        Map<String, String> before = files(folder);

        Dataset<Row> text = good.withColumn("x2", functions.col("x2").cast("string"));
        refusedWith(
                "record 17 must have a finite number in column 'x2', got 'abc'",
                replaced(text, "x2", "abc", 17),
                before);
        refusedWith(
                "record 17 must have a finite number in column 'x2', got nothing",
                replaced(text, "x2", null, 17),
                before);
        refusedWith("got 'NaN'", replaced(good, "x4", Double.NaN, 17), before);
        refusedWith(
                "record 50 must be of one of the classes 'cat', 'dog', 'two words', got 'cow'",
                replaced(good, "kind", "cow", 50),
                before);
        refusedWith("ids must be whole numbers >= 0, got '-3' in column 'id'", replaced(good, "id", -3L, 50), before);
        refusedWith(
                "ids must be whole numbers >= 0, got nothing in column 'id'", replaced(good, "id", null, 50), before);
        refusedWith(
                "the subject of record 50 must be a whole number, got nothing",
                replaced(good, "owner", null, 50),
                before);
        refusedWith("a table must have rows, got none", good.limit(0), before);
        refusedWith("the ids of records must differ, got 50 twice", good.union(good.where("id = 50")), before);
        for (Dataset<Row> unreadable :
                List.of(good, good.repartition(2))) { // found out before there are tasks, or by one
            Dataset<Row> failing = unreadable.withColumn(
                    "x0", functions.raise_error(functions.lit("no disk")).cast("double"));
            assertThrows(
                    IllegalStateException.class, () -> importer(SETTINGS, 2).write(failing, TABLE));
            assertEquals(before, files(folder));
        }
        // several rows are wrong: the sentence is always the same
        Dataset<Row> two = replaced(replaced(good, "x4", Double.NaN, 17), "x3", Double.NaN, 5);
        refusedWith("record 17 must have", two.repartition(5), before);
    }

    @Test
    void an_id_is_found_twice_in_different_blocks() throws IOException {
        Dataset<Row> twice =
                table(samples()).union(table(samples()).where("id = 50").withColumn("owner", functions.lit(99L)));
        assertNotEquals(
                BY_SUBJECT.rule().blockOf(99),
                BY_SUBJECT.rule().blockOf(samples().get(7).subject()));
        refused(
                "the ids of records must differ, got 50 twice",
                () -> importer(BY_SUBJECT, 3).write(twice, TABLE));
        assertFalse(Files.exists(folder));
    }

    private static Dataset<Row> replaced(Dataset<Row> table, String column, Object value, long id) {
        return table.withColumn(
                column,
                functions
                        .when(functions.col("id").equalTo(id), functions.lit(value))
                        .otherwise(functions.col(column)));
    }

    private void refusedBefore(String rule, Dataset<Row> table) {
        refused(rule, () -> importer(SETTINGS, 2).write(table, TABLE));
        assertFalse(Files.exists(folder));
    }

    private void refusedWith(String rule, Dataset<Row> table, Map<String, String> before) throws IOException {
        refused(rule, () -> importer(SETTINGS, 2).write(table, TABLE));
        assertEquals(before, files(folder));
    }

    @Test
    void pictures_that_are_none_are_refused_with_their_paths() throws IOException {
        drawn(samples());
        Path broken = scratch.resolve("pictures/cat/7.png");
        Files.writeString(broken, "no picture");
        String sentence = refused(
                "7.png must be a picture of height 1 and width 5, got a file of no format that Java reads",
                () -> importer(SETTINGS, 2).write(pictures(), PICTURES));
        assertTrue(sentence.contains("/pictures/cat/"), sentence);
        assertFalse(Files.exists(folder));
    }

    @Test
    void an_import_that_stopped_halfway_is_noticed_and_mended_by_the_next() throws IOException {
        importer(SETTINGS, 2).write(table(samples()), TABLE);
        Map<String, String> whole = files(folder);
        Files.createFile(folder.resolve(".unfinished"));
        Path leftover = Files.createDirectory(folder.resolve(".import-0"));
        Files.writeString(leftover.resolve(".block-3.safetensors.1.tmp"), "half a block");
        Files.writeString(folder.resolve("block-3.safetensors"), "of another table");
        IOException refusal = assertThrows(IOException.class, BlockFolder.at(folder)::numbers);
        assertTrue(refusal.getMessage().contains("whose import did not end; run it again"), refusal.getMessage());
        assertEquals(
                List.of(3L),
                importer(SETTINGS, 2).write(table(samples()), TABLE).written());
        assertEquals(whole, files(folder));
        Files.createFile(folder.resolve(".unfinished"));
        assertEquals(
                List.of(), importer(SETTINGS, 2).write(table(samples()), TABLE).written());
        assertEquals(whole, files(folder));
    }

    /** Spark runs a task again if its executor dies, and twice if it is slow. */
    @Test
    void a_task_that_dies_or_runs_twice_leaves_the_same_blocks() throws IOException {
        RowReader reader = TABLE.reader();
        List<Tuple2<BlockKey, RowRecord>> sorted = samples().stream()
                .map(Sample::row)
                .map(reader::read)
                .map(record -> new Tuple2<>(
                        new BlockKey(BlockKey.Sent.RECORD, SETTINGS.rule().blockOf(record.id()), record.id()), record))
                .toList();
        BlockFolder staged = BlockFolder.at(Files.createDirectory(scratch.resolve("staged")));
        BlockFolder target = BlockFolder.at(Files.createDirectory(folder));
        Iterator<Tuple2<BlockKey, RowRecord>> dying = Stream.concat(
                        sorted.subList(0, 20).stream(), Stream.<Tuple2<BlockKey, RowRecord>>generate(() -> {
                            throw new UncheckedIOException(new IOException("killed"));
                        }))
                .iterator();
        assertThrows(UncheckedIOException.class, () -> BlockWriter.write(reader, staged, target, dying));
        for (int attempt = 0; attempt < 2; attempt++) {
            StagedBlock[] blocks =
                    BlockWriter.write(reader, staged, target, sorted.iterator()).get();
            assertEquals(8, blocks.length);
            assertTrue(Arrays.stream(blocks).allMatch(StagedBlock::changed));
            assertEquals(expected(SETTINGS, samples()), files(Path.of(staged.folder())));
        }
    }

    @Test
    void executors_that_see_another_folder_are_refused() throws IOException {
        BlockFolder target = BlockFolder.at(folder);
        try (BlockStage stage = BlockStage.of(target)) {
            IOException refusal =
                    assertThrows(IOException.class, () -> stage.publish(List.of(new StagedBlock(3, 2, true))));
            assertTrue(
                    refusal.getMessage().startsWith("executors and driver must see the same folder, got no block 3"));
        }
        assertFalse(Files.exists(folder));
        BlockFolder elsewhere = BlockFolder.at(scratch.resolve("not here"));
        Row row = samples().get(0).row();
        RowRecord record = TABLE.reader().read(row);
        refused(
                "executors must be able to write blocks to",
                () -> BlockWriter.write(
                                TABLE.reader(),
                                elsewhere,
                                elsewhere,
                                List.of(new Tuple2<>(new BlockKey(BlockKey.Sent.RECORD, 0, record.id()), record))
                                        .iterator())
                        .get());
    }

    @Test
    void a_context_that_cannot_send_records_is_refused() {
        SparkConf settings = new SparkConf(false);
        Serializers.requireJava(settings);
        settings.set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
        refused("spark.serializer must be", () -> Serializers.requireJava(settings));
    }
}
