/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.text.Shown;

/**
 * A table of finite numbers with one column that holds the class, and perhaps one that names a row's subject: separated by commas,
 * semicolons or tabs, UTF-8, plain or gzip'd. The first line is a header if no cell except the label's is a number. Every line must have
 * the same number of cells; an empty, non-numeric or non-finite cell is refused with its line.
 */
public final class CsvTable implements Labelled {

    /** What text files may begin with. */
    public static final char BYTE_ORDER_MARK = '\uFEFF';

    private static final int LOOKED_AT = 1 << 14;

    private final double[] values;
    private final int columns;
    private final int[] labels;
    private final List<String> classes;
    private final List<String> subjects;
    private final List<List<String>> names;
    private final Map<Integer, String> flaws;

    private CsvTable(
            double[] values,
            int columns,
            int[] labels,
            List<String> classes,
            List<String> subjects,
            List<List<String>> names,
            Map<Integer, String> flaws) {
        this.names = List.copyOf(names);
        this.values = values;
        this.columns = columns;
        this.labels = labels;
        this.classes = classes;
        this.subjects = List.copyOf(subjects);
        this.flaws = Map.copyOf(flaws);
    }

    /** Columns that are no features. */
    private record Special(int label, OptionalInt subject) {
        boolean has(int column) {
            return column == label || (subject.isPresent() && column == subject.getAsInt());
        }

        int size() {
            return subject.isPresent() ? 2 : 1;
        }
    }

    record Line(long number, List<String> cells) {}

    /**
     * Reads a file.
     *
     * @param labelColumn the class's column: a name of the header, or a number from 0, or negative counted from the end
     *     (-1: the last)
     * @param classes the classes a network knows, in its order; empty: those found, in numeric order if all are whole
     *     numbers and alphabetical order otherwise
     * @throws BadInputException naming file, line and column
     */
    public static CsvTable read(Path file, String labelColumn, List<String> classes) {
        return read(file, labelColumn, Optional.empty(), classes);
    }

    /**
     * Reads a file with rows that may belong to subjects.
     *
     * @param subjectColumn of a row's subject, any text that is not empty; named as the label's
     * @throws BadInputException naming file, line and column
     */
    public static CsvTable read(Path file, String labelColumn, Optional<String> subjectColumn, List<String> classes) {
        return read(file, labelColumn, subjectColumn, classes, false);
    }

    /**
     * As {@link #read(Path, String, Optional, List)}, but keeps rows that are no numbers, have no class, no subject or another length. They
     * hold zeros, and their {@link #flaw} is noted.
     *
     * @param classes at least two
     */
    public static CsvTable readWithFlaws(
            Path file, String labelColumn, Optional<String> subjectColumn, List<String> classes) {
        return read(file, labelColumn, subjectColumn, classes, true);
    }

    private static CsvTable read(
            Path file, String labelColumn, Optional<String> subjectColumn, List<String> classes, boolean flawed) {
        List<Line> lines = lines(file, flawed);
        if (lines.isEmpty()) {
            throw new BadInputException(file + " is empty");
        }
        Line first = lines.get(0);
        Special special = special(file, first.cells(), labelColumn, subjectColumn);
        boolean header = isHeader(first.cells(), special);
        if (header) {
            lines = lines.subList(1, lines.size());
        }
        if (lines.isEmpty()) {
            throw new BadInputException(file + " has a header and no rows");
        }
        List<String> names = classes.isEmpty() ? found(lines, special.label()) : List.copyOf(classes);
        return parse(file, lines, special, names, features(first.cells(), special, header), flawed);
    }

    private static List<List<String>> features(List<String> first, Special special, boolean header) {
        List<List<String>> features = new ArrayList<>();
        for (int column = 0; column < first.size(); column++) {
            if (!special.has(column)) {
                String number = Integer.toString(column);
                features.add(header ? List.of(first.get(column).strip(), number) : List.of(number));
            }
        }
        return features;
    }

    private static Special special(Path file, List<String> first, String label, Optional<String> subject) {
        int labels = column(file, first, "label", label);
        if (subject.isEmpty()) {
            return new Special(labels, OptionalInt.empty());
        }
        int subjects = column(file, first, "owner", subject.get());
        if (subjects == labels) {
            throw new BadInputException(file + ": column '" + subject.get() + "' cannot hold both labels and subjects");
        }
        return new Special(labels, OptionalInt.of(subjects));
    }

    /** The lines of a file that are not empty, all with the same number of cells. */
    static List<Line> lines(Path file) {
        return lines(file, false);
    }

    private static List<Line> lines(Path file, boolean flawed) {
        CsvFactory format = CsvFactory.builder()
                .enable(CsvParser.Feature.WRAP_AS_ARRAY)
                .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
                .build();
        List<Line> lines = new ArrayList<>();
        try (Reader text = text(file);
                CsvParser parser = format.createParser(text)) {
            parser.setSchema(CsvSchema.emptySchema().withColumnSeparator(Separators.of(firstLine(text))));
            parser.nextToken(); // the start of all rows
            while (parser.nextToken() == JsonToken.START_ARRAY) {
                Line line = line(parser);
                lines.add(line);
                if (!flawed) {
                    requireLength(file, line, lines.get(0).cells().size());
                }
            }
        } catch (java.nio.file.NoSuchFileException missing) {
            throw new BadInputException("there is no file " + file, missing);
        } catch (java.nio.charset.CharacterCodingException malformed) {
            throw new BadInputException(file + " is not UTF-8 text", malformed);
        } catch (JsonProcessingException malformed) {
            throw new BadInputException(
                    file + ", after line " + last(lines) + ": " + JsonFault.ofTable(malformed), malformed);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
        return lines;
    }

    private static void requireLength(Path file, Line line, int cells) {
        if (line.cells().size() != cells) {
            throw new BadInputException(file + ", line " + line.number() + ": " + cells
                    + " cells expected as in the first row, got " + line.cells().size());
        }
    }

    private static Line line(CsvParser parser) throws IOException {
        long number = parser.currentLocation().getLineNr();
        List<String> cells = new ArrayList<>();
        while (parser.nextToken() == JsonToken.VALUE_STRING) {
            cells.add(parser.getText());
        }
        return new Line(number, List.copyOf(cells));
    }

    private static long last(List<Line> lines) {
        return lines.isEmpty() ? 0 : lines.get(lines.size() - 1).number();
    }

    /** As much of it as is needed to see what separates its cells; the text stays where it was. */
    private static String firstLine(Reader text) throws IOException {
        text.mark(LOOKED_AT);
        char[] begin = new char[LOOKED_AT];
        int count = 0;
        for (int read = 0; read >= 0 && count < LOOKED_AT; count += Math.max(read, 0)) {
            read = text.read(begin, count, LOOKED_AT - count);
        }
        text.reset();
        return new String(begin, 0, count).lines().findFirst().orElse("");
    }

    /** Without the byte order mark that spreadsheets put first: it is no part of the first cell. */
    private static Reader text(Path file) throws IOException {
        Reader text = new BufferedReader(new InputStreamReader(
                Gunzip.open(file),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
        text.mark(1);
        if (text.read() != BYTE_ORDER_MARK) {
            text.reset();
        }
        return text;
    }

    static int column(Path file, List<String> first, String what, String wanted) {
        for (int i = 0; i < first.size(); i++) {
            if (first.get(i).strip().equals(wanted)) {
                return i;
            }
        }
        try {
            int index = Integer.parseInt(wanted);
            int column = index < 0 ? first.size() + index : index;
            if (column >= 0 && column < first.size()) {
                return column;
            }
        } catch (NumberFormatException name) {
            throw new BadInputException(
                    file + " has no column '" + wanted + "', its first row is " + shortened(first), name);
        }
        throw new BadInputException(file + " has " + first.size() + " columns, so no " + what + " column " + wanted);
    }

    private static String shortened(List<String> cells) {
        List<String> shown = cells.stream().limit(12).map(Shown::of).toList();
        return cells.size() <= 12 ? shown.toString() : shown + " and " + (cells.size() - 12) + " more";
    }

    private static boolean isHeader(List<String> cells, Special special) {
        for (int i = 0; i < cells.size(); i++) {
            if (!special.has(i) && isNumber(cells.get(i))) {
                return false;
            }
        }
        return cells.size() > special.size();
    }

    static boolean isNumber(String cell) {
        try {
            Double.parseDouble(cell);
            return true;
        } catch (NumberFormatException text) {
            return false;
        }
    }

    /** As people write numbers: Java's own letters at the end and hexadecimal digits are words. */
    private static double parsed(String cell) {
        char last = cell.isEmpty() ? ' ' : cell.charAt(cell.length() - 1);
        if ("0123456789.".indexOf(last) < 0 || cell.indexOf('x') >= 0 || cell.indexOf('X') >= 0) {
            throw new NumberFormatException("no decimal number");
        }
        return Double.parseDouble(cell);
    }

    private static List<String> found(List<Line> lines, int column) {
        TreeSet<String> names = new TreeSet<>();
        boolean whole = true;
        for (Line line : lines) {
            String name = line.cells().get(column).strip();
            names.add(name);
            whole &= name.matches("-?\\d{1,9}");
        }
        if (!whole) {
            return List.copyOf(names);
        }
        return names.stream()
                .sorted(java.util.Comparator.comparingInt(Integer::parseInt))
                .toList();
    }

    private static CsvTable parse(
            Path file,
            List<Line> lines,
            Special special,
            List<String> classes,
            List<List<String>> features,
            boolean flawed) {
        int columns = features.size();
        if (columns < 1) {
            throw new BadInputException(file + " needs at least one column beside the label's"
                    + (special.size() > 1 ? " and the subject's" : ""));
        }
        if (classes.size() < 2 || classes.size() > 100_000) {
            throw new BadInputException(
                    file + ": the label column must name 2 to 100000 classes, got " + classes.size());
        }
        double[] values = new double[Math.multiplyExact(lines.size(), columns)];
        int[] labels = new int[lines.size()];
        String[] subjects = new String[special.subject().isPresent() ? lines.size() : 0];
        Map<String, Integer> numbers = new HashMap<>();
        classes.forEach(name -> numbers.putIfAbsent(name, numbers.size()));
        Map<Integer, String> flaws = new HashMap<>();
        for (int row = 0; row < lines.size(); row++) {
            try {
                requireLength(file, lines.get(row), columns + special.size());
                parse(file, lines.get(row), row, special, numbers, values, labels, subjects);
            } catch (BadInputException flaw) {
                if (!flawed) {
                    throw flaw;
                }
                flaws.put(row, String.valueOf(flaw.getMessage()));
                Arrays.fill(subjects, Math.min(row, subjects.length), Math.min(row + 1, subjects.length), "");
            }
        }
        return new CsvTable(values, columns, labels, classes, List.of(subjects), features, flaws);
    }

    private static void parse(
            Path file,
            Line line,
            int row,
            Special special,
            Map<String, Integer> numbers,
            double[] values,
            int[] labels,
            String[] subjects) {
        int at = row * (line.cells().size() - special.size());
        for (int column = 0; column < line.cells().size(); column++) {
            String cell = line.cells().get(column).strip();
            if (column == special.label()) {
                labels[row] = label(file, line, cell, numbers);
            } else if (special.has(column)) {
                subjects[row] = subject(file, line, column, cell);
            } else {
                values[at++] = number(file, line, column, cell);
            }
        }
    }

    private static int label(Path file, Line line, String cell, Map<String, Integer> numbers) {
        Integer label = cell.isEmpty() ? null : numbers.get(cell);
        if (label == null) {
            throw new BadInputException(
                    file + ", line " + line.number() + ": " + Shown.quoted(cell) + " is not one of the "
                            + numbers.size() + " classes "
                            + shortened(numbers.keySet().stream().sorted().toList()));
        }
        return label;
    }

    private static String subject(Path file, Line line, int column, String cell) {
        if (cell.isEmpty()) {
            throw new BadInputException(
                    file + ", line " + line.number() + ", column " + column + ": a subject is expected, got nothing");
        }
        return cell;
    }

    /** A finite number, of float's range. */
    static double number(Path file, Line line, int column, String cell) {
        try {
            double value = parsed(cell);
            if (Float.isFinite((float) value)) {
                return value;
            }
        } catch (NumberFormatException text) {
            throw refused(file, line, column, cell, text);
        }
        throw refused(file, line, column, cell, null);
    }

    private static BadInputException refused(
            Path file, Line line, int column, String cell, @org.jspecify.annotations.Nullable Throwable cause) {
        String sentence = file + ", line " + line.number() + ", column " + column
                + ": a finite number is expected, got " + Shown.quoted(cell);
        return cause == null ? new BadInputException(sentence) : new BadInputException(sentence, cause);
    }

    /** How each column of features can be called: by its name in the header, if there is one, and its number from 0. */
    public List<List<String>> features() {
        return names;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public long[] shape() {
        return new long[] {columns};
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int example) {
        return labels[example];
    }

    @Override
    public void features(int example, float[] into, int offset) {
        for (int column = 0; column < columns; column++) {
            into[offset + column] = (float) values[example * columns + column];
        }
    }

    /** One feature with all its digits. */
    public double value(int example, int column) {
        return values[example * columns + column];
    }

    /** What is wrong with a row that was read {@linkplain #readWithFlaws with flaws}; empty if nothing is. */
    public Optional<String> flaw(int row) {
        return Optional.ofNullable(flaws.get(row));
    }

    /** The subject of each row; empty if no column names it. */
    public List<String> subjects() {
        return subjects;
    }
}
