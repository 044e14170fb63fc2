/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;
import org.amend4j.data.CsvTable;
import org.amend4j.data.NetworkInput;
import org.amend4j.graph.Records;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.objective.RecordIds;
import org.amend4j.record.Alignment;
import org.amend4j.record.RecordCommitments;
import org.amend4j.record.RecordContents;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A table with rows that belong to subjects. A record's id is the number, from 0, that its row had when the table was trained on. A
 * subject's number is made of the subject's name alone, so that it does not depend on the other subjects of the table.
 *
 * <p>Rows of forgotten subjects may be unchanged, blank, changed or missing. No computation uses them, but they still count: each is
 * replaced by a copy of an existing row, under the recorded subject's number.
 */
public final class SubjectTable implements RecordContents {

    private final Path file;
    private final TableRows rows;
    /** The row of every record; for a forgotten one, a row of another subject. */
    private final int[] places;

    private final List<String> names;

    private final long[] subjectNumbers;
    private final Optional<Alignment> alignment;

    private SubjectTable(
            Path file,
            TableRows rows,
            int[] places,
            List<String> names,
            long[] subjectNumbers,
            Optional<Alignment> alignment) {
        this.file = file;
        this.rows = rows;
        this.places = places;
        requireDistinctNumbers(names);
        this.names = names;
        this.subjectNumbers = subjectNumbers;
        this.alignment = alignment;
    }

    /**
     * Reads the rows that a network takes.
     *
     * @throws BadInputException naming what is wrong with file or columns
     */
    static SubjectTable read(Path file, ForgettingSettings.Table columns, ComputationGraphConfiguration network) {
        return read(file, columns, network, Optional.empty());
    }

    /**
     * Reads the rows that a network takes and finds the records that were committed to.
     *
     * @throws BadInputException naming what is wrong with file or columns, or the first row that was changed
     */
    static SubjectTable read(
            Path file,
            ForgettingSettings.Table columns,
            ComputationGraphConfiguration network,
            Optional<RecordCommitments> committed) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("--data: there is no file " + file);
        }
        CsvTable table = committed.isPresent()
                ? CsvTable.readWithFlaws(file, columns.label(), columns.subjectColumn(), columns.classes())
                : CsvTable.read(file, columns.label(), columns.subjectColumn(), columns.classes());
        if (!(NetworkInput.of(network) instanceof NetworkInput.Rows rows)) {
            throw new BadInputException("the model must take rows of numbers, it takes pictures");
        }
        rows.requireColumns(table.length(), file, "label and subject");
        int outputs = NetworkInput.outputColumns(network);
        int classes = Math.max(2, outputs);
        if (table.classes().size() != classes) {
            throw new BadInputException("the model tells " + classes + " classes apart, " + file + " has "
                    + table.classes().size() + ": " + table.classes() + "; name them with --classes");
        }
        TableRows read = new TableRows(table, outputs, columns.scaling().ordered(table.features()));
        return committed.map(records -> aligned(file, read, records)).orElseGet(() -> whole(file, read));
    }

    private static SubjectTable whole(Path file, TableRows rows) {
        int[] places = IntStream.range(0, rows.size()).toArray();
        List<String> names =
                Arrays.stream(places).mapToObj(row -> rows.name(row, row)).toList();
        long[] subjectNumbers = names.stream().mapToLong(SubjectTable::number).toArray();
        return new SubjectTable(file, rows, places, names, subjectNumbers, Optional.empty());
    }

    private static SubjectTable aligned(Path file, TableRows rows, RecordCommitments records) {
        Alignment alignment;
        try {
            alignment = Alignment.of(records, rows);
        } catch (IllegalArgumentException changed) {
            throw new BadInputException("--data: " + file + ": " + changed.getMessage(), changed);
        }
        int somebody = IntStream.range(0, records.size())
                .filter(k -> !records.isTombstone(k))
                .map(k -> alignment.row(k).orElseThrow())
                .findFirst()
                .orElseThrow();
        int[] places = new int[records.size()];
        String[] names = new String[records.size()];
        long[] subjectNumbers = new long[records.size()];
        for (int k = 0; k < places.length; k++) {
            boolean gone = records.isTombstone(k);
            places[k] = gone ? somebody : alignment.row(k).orElseThrow();
            names[k] = gone ? "" : rows.name(places[k], k);
            subjectNumbers[k] = records.unit(k);
        }
        return new SubjectTable(file, rows, places, List.of(names), subjectNumbers, Optional.of(alignment));
    }

    /**
     * The same table with the rows of forgotten records as they are.
     *
     * @throws BadInputException if some were erased, as far as can be told: their hashes cannot be checked any more
     */
    SubjectTable withForgotten(RecordIds forgotten) {
        if (alignment.isEmpty()) {
            return this;
        }
        int[] all = places.clone();
        for (int i = 0; i < forgotten.size(); i++) {
            int k = Math.toIntExact(forgotten.get(i));
            all[k] = alignment.get().row(k).stream()
                    .filter(row -> rows.mayBe(row, subjectNumbers[k]))
                    .findFirst()
                    .orElseThrow(
                            () -> new BadInputException("--data: rows of forgotten subjects were erased from " + file
                                    + ", the first of them near row " + (k + 1)
                                    + " of those that were trained on: an audit needs them all"));
        }
        return new SubjectTable(file, rows, all, names, subjectNumbers, alignment);
    }

    @Override
    public int size() {
        return places.length;
    }

    List<String> classes() {
        return rows.table().classes();
    }

    /** The subject of each record; empty for the forgotten ones. */
    List<String> names() {
        return names;
    }

    /** The numbers of the rows. */
    RecordIds ids() {
        return RecordIds.firstN(size());
    }

    @Override
    public long id(int k) {
        return k;
    }

    @Override
    public long unit(int k) {
        return subjectNumbers[k];
    }

    @Override
    public byte[] content(int k) {
        return rows.content(places[k]).orElseThrow();
    }

    /** All rows in double precision, with their subjects' numbers. */
    Records records() {
        return Records.of(all()).ownedBy(subjectNumbers());
    }

    /** The same for whoever is not to learn a name: numbers say which rows belong together, and are made of nothing else. */
    Records recordsWithoutNames() {
        return Records.of(all()).ownedBy(withoutNames(subjectNumbers()));
    }

    /** Numbers of subjects, each replaced by the place of the subject's first record: names cannot be tried on these. */
    static long[] withoutNames(long... numbers) {
        Map<Long, Long> first = new HashMap<>();
        long[] places = new long[numbers.length];
        Arrays.setAll(places, k -> first.computeIfAbsent(numbers[k], number -> (long) k));
        return places;
    }

    /** All rows. */
    DataSet all() {
        return rows(ids());
    }

    /** Some rows; labels one-hot, or 0 and 1 for a single output. */
    DataSet rows(RecordIds ids) {
        double[][] features = new double[ids.size()][];
        double[][] labels = new double[ids.size()][];
        for (int i = 0; i < ids.size(); i++) {
            int row = places[Math.toIntExact(ids.get(i))];
            features[i] = rows.features(row);
            labels[i] = rows.labels(row);
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray x = Nd4j.createFromArray(features);
            return new DataSet(x, Nd4j.createFromArray(labels));
        }
    }

    /** The subject's number of each row. */
    long[] subjectNumbers() {
        return subjectNumbers.clone();
    }

    /** The first eight bytes of the name's SHA-256. */
    static long number(String name) {
        return ByteBuffer.wrap(Sha256.of(name.getBytes(StandardCharsets.UTF_8))).getLong();
    }

    private static void requireDistinctNumbers(List<String> names) {
        Set<Long> numbers = new HashSet<>();
        for (String name : new TreeSet<>(names)) {
            if (!numbers.add(number(name))) {
                throw new BadInputException(
                        "subject '" + name + "' has the same number as another: choose another name");
            }
        }
    }
}
