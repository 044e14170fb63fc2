/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Separators;
import org.amend4j.internal.json.JsonFault;

/** The lines of a table as cells: of text between tabs where nothing is quoted, of CSV, or of an object of JSON in each line. */
final class TableLines {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private TableLines() {}

    /**
     * A line.
     *
     * @param number in the file, from 1; of CSV, that of its last line
     */
    record Line(int number, List<String> cells) {}

    /** Names of files that are tables, in lower case. */
    static boolean isTable(Path file) {
        return lower(file).matches(".*\\.(tsv|csv|jsonl)(\\.gz)?");
    }

    /** Whether the first line names the columns, whatever it says. */
    static boolean hasNames(Path file) {
        return lower(file).contains(".jsonl");
    }

    private static String lower(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }

    /** @throws BadInputException naming file and line */
    static List<Line> read(Path file) {
        String text = Texts.read(file);
        try {
            if (hasNames(file)) {
                return ofObjects(file, text);
            }
            return lower(file).contains(".csv") ? ofCsv(text) : ofTabs(text);
        } catch (JsonProcessingException malformed) {
            throw new BadInputException(
                    file + ", line " + malformed.getLocation().getLineNr() + ": " + JsonFault.ofTable(malformed),
                    malformed);
        } catch (IOException malformed) {
            throw new BadInputException("cannot read " + file + ": " + malformed.getMessage(), malformed);
        }
    }

    private static List<Line> ofTabs(String text) {
        List<Line> lines = new ArrayList<>();
        String[] all = text.split("\n", -1);
        for (int k = 0; k < all.length; k++) {
            if (!all[k].isBlank()) {
                lines.add(new Line(k + 1, List.of(all[k].split("\t", -1))));
            }
        }
        return lines;
    }

    private static List<Line> ofCsv(String text) throws IOException {
        List<Line> lines = new ArrayList<>();
        CsvMapper mapper = CsvMapper.csvBuilder()
                .enable(CsvParser.Feature.WRAP_AS_ARRAY, CsvParser.Feature.SKIP_EMPTY_LINES)
                .build();
        CsvSchema separated = CsvSchema.emptySchema()
                .withColumnSeparator(Separators.of(text.lines().findFirst().orElse("")));
        try (MappingIterator<String[]> rows =
                mapper.readerFor(String[].class).with(separated).readValues(text)) {
            while (rows.hasNext()) {
                List<String> cells = Arrays.asList(rows.next());
                lines.add(new Line(rows.getCurrentLocation().getLineNr(), cells));
            }
        }
        return lines;
    }

    private static List<Line> ofObjects(Path file, String text) throws IOException {
        List<Line> lines = new ArrayList<>();
        List<String> names = new ArrayList<>();
        String[] all = text.split("\n", -1);
        for (int k = 0; k < all.length; k++) {
            if (all[k].isBlank()) {
                continue;
            }
            JsonNode row = object(file, k + 1, all[k]);
            if (names.isEmpty()) {
                row.fieldNames().forEachRemaining(names::add);
                lines.add(new Line(k + 1, List.copyOf(names)));
            }
            lines.add(new Line(
                    k + 1, names.stream().map(name -> row.path(name).asText()).toList()));
        }
        return lines;
    }

    private static JsonNode object(Path file, int number, String line) {
        try {
            JsonNode row = JSON.readTree(line);
            if (row.isObject() && !row.isEmpty()) {
                return row;
            }
        } catch (JsonProcessingException malformed) {
            throw new BadInputException(
                    file + ", line " + number + " is no JSON: " + JsonFault.sentence(malformed), malformed);
        }
        throw new BadInputException(file + ", line " + number + " must be an object of JSON with fields");
    }
}
