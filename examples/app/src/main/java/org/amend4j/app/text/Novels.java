/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** Novels in the public domain; {@code README.md} next to them says where they are from. */
public final class Novels {

    private static final String FOLDER = "/org/amend4j/app/novels/";

    private static final List<String> NAMES =
            List.of("sensesensibility", "prideprejudice", "mansfieldpark", "emma", "northangerabbey", "persuasion");

    private Novels() {}

    /** Herman Melville's, a paragraph a line. */
    public static String mobyDick() {
        return unwrapped(read("moby_dick"));
    }

    /** Jane Austen's six, in the order in which they appeared, a paragraph a line. */
    public static List<String> austen() {
        return NAMES.stream().map(Novels::read).map(Novels::unwrapped).toList();
    }

    private static String read(String name) {
        String file = FOLDER + name + ".txt.gz";
        try (InputStream packed = Objects.requireNonNull(Novels.class.getResourceAsStream(file), file);
                InputStream in = new GZIPInputStream(packed)) {
            return Texts.read(in, file);
        } catch (IOException damaged) {
            throw new UncheckedIOException(file, damaged);
        }
    }

    /** The lines are those of a printed page: within a paragraph their ends are blanks, and between two there is one empty line. */
    private static String unwrapped(String text) {
        return text.strip().replaceAll("(?<=\\S)\\n(?=\\S)", " ").replaceAll("\\n\\s*\\n", "\n\n");
    }
}
