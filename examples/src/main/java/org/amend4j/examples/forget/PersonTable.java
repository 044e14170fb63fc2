package org.amend4j.examples.forget;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.amend4j.certificate.Digests;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.data.CsvTable;
import org.amend4j.examples.data.NetworkInput;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.Records;
import org.amend4j.service.Subjects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A table whose rows belong to persons. A record's id is its row's number from 0; an owner's number is made of the owner's
 * name alone, so that it does not depend on who else is in the table.
 */
public final class PersonTable {

    private final CsvTable table;
    private final int outputs;
    private final String sha256;
    private final Scaling scaling;
    private final List<String> names;

    private PersonTable(CsvTable table, int outputs, String sha256, Scaling scaling) {
        this.scaling = scaling;
        this.table = table;
        this.outputs = outputs;
        this.sha256 = sha256;
        this.names = table.owners().isEmpty()
                ? IntStream.rangeClosed(1, table.size())
                        .mapToObj(Integer::toString)
                        .toList()
                : table.owners();
    }

    /**
     * Reads the rows that a network takes.
     *
     * @throws BadInputException naming what is wrong with file or columns
     */
    static PersonTable read(Path file, Settings.Table columns, ComputationGraphConfiguration network) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("--data: there is no file " + file);
        }
        CsvTable table = CsvTable.read(file, columns.label(), columns.ownerColumn(), columns.classes());
        if (!(NetworkInput.of(network) instanceof NetworkInput.Rows rows)) {
            throw new BadInputException("the model must take rows of numbers, it takes pictures");
        }
        if (table.length() != rows.columns()) {
            throw new BadInputException("the model takes rows of " + rows.columns() + " numbers, " + file + " has "
                    + table.length() + " beside label and owner");
        }
        int outputs = NetworkInput.outputColumns(network);
        int classes = Math.max(2, outputs);
        if (table.classes().size() != classes) {
            throw new BadInputException("the model tells " + classes + " classes apart, " + file + " has "
                    + table.classes().size() + ": " + table.classes() + "; name them with --classes");
        }
        return new PersonTable(table, outputs, digest(file), columns.scaling().ordered(table.features()));
    }

    private static String digest(Path file) {
        try {
            return Digests.of(Files.readAllBytes(file));
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    int size() {
        return table.size();
    }

    List<String> classes() {
        return table.classes();
    }

    /** Of the file. */
    String sha256() {
        return sha256;
    }

    /** Whose each row is. */
    List<String> names() {
        return names;
    }

    /** All rows in double precision, with their owners' numbers. */
    Records records() {
        return Records.of(all()).ownedBy(owners());
    }

    /** All rows. */
    DataSet all() {
        return rows(RecordIds.firstN(size()));
    }

    /** Some rows; labels one-hot, or 0 and 1 for a single output. */
    DataSet rows(RecordIds ids) {
        double[][] features = new double[ids.size()][table.length()];
        double[][] labels = new double[ids.size()][outputs];
        for (int k = 0; k < ids.size(); k++) {
            int row = Math.toIntExact(ids.get(k));
            for (int column = 0; column < features[k].length; column++) {
                features[k][column] = table.value(row, column);
            }
            scaling.applyInPlace(features[k]);
            if (outputs == 1) {
                labels[k][0] = table.label(row);
            } else {
                labels[k][table.label(row)] = 1;
            }
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray x = Nd4j.createFromArray(features);
            return new DataSet(x, Nd4j.createFromArray(labels));
        }
    }

    /** The owner's number of each row. */
    long[] owners() {
        return names.stream().mapToLong(PersonTable::number).toArray();
    }

    /** The first eight bytes of the name's SHA-256. */
    static long number(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Who may ask. */
    Subjects subjects() {
        Map<String, List<Long>> rows = new TreeMap<>();
        for (int row = 0; row < names.size(); row++) {
            rows.computeIfAbsent(names.get(row), name -> new ArrayList<>()).add((long) row);
        }
        Map<String, RecordIds> ids = new TreeMap<>();
        Set<Long> numbers = new HashSet<>();
        rows.forEach((name, list) -> {
            if (!numbers.add(number(name))) {
                throw new BadInputException("owner '" + name + "' has the same number as another: choose another name");
            }
            ids.put(name, RecordIds.of(list.stream().mapToLong(Long::longValue).toArray()));
        });
        return new Subjects(ids);
    }
}
