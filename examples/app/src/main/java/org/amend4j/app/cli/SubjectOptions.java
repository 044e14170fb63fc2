/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.amend4j.data.BadInputException;
import org.amend4j.data.CsvTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who is to be forgotten. */
final class SubjectOptions {

    private static final int MOST_BYTES = 1 << 28;

    @Option(
            names = "--subject",
            paramLabel = "ID",
            description =
                    "A person to be forgotten: a value of the subject's column, or a row's number from 1 if there is none."
                            + " May be given several times.")
    private List<String> subjects = List.of();

    @Option(names = "--subjects-file", paramLabel = "FILE", description = "More of them, one a line (UTF-8).")
    private @Nullable Path file;

    /**
     * All named subjects, in the order given.
     *
     * @throws BadInputException if a subject is named twice, or the file cannot be read
     */
    List<String> names() {
        // as in a table, and in a file of names
        List<String> names =
                new ArrayList<>(subjects.stream().map(String::strip).toList());
        if (names.contains("")) {
            throw new BadInputException("--subject must name somebody, got nothing but blanks");
        }
        if (file != null) {
            names.addAll(lines(file));
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new BadInputException("--subject: '" + name + "' is named twice");
            }
        }
        return names;
    }

    private static List<String> lines(Path file) {
        try {
            // a pipe may never end, and never begin
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new BadInputException("--subjects-file must be a plain file, " + file + " is something else");
            }
            if (Files.size(file) > MOST_BYTES) {
                throw new BadInputException("--subjects-file: " + file + " is larger than " + MOST_BYTES + " bytes");
            }
            return Files.readString(file)
                    .replaceFirst("^" + CsvTable.BYTE_ORDER_MARK, "")
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (CharacterCodingException malformed) {
            throw new BadInputException("--subjects-file: " + file + " is not UTF-8 text", malformed);
        } catch (IOException unreadable) {
            throw new BadInputException("--subjects-file: cannot read " + file, unreadable);
        }
    }
}
