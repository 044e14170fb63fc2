/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Files of a folder that are named by a number from 0, in ten digits, so that their names are in its order. */
public final class NumberedFiles {

    private static final int DIGITS = 10;

    private final String prefix;
    private final String suffix;
    private final Pattern pattern;

    /**
     * Names.
     *
     * @param prefix before the number
     * @param suffix after it
     */
    public NumberedFiles(String prefix, String suffix) {
        this.prefix = prefix;
        this.suffix = suffix;
        this.pattern = Pattern.compile(Pattern.quote(prefix) + "(\\d{" + DIGITS + "})" + Pattern.quote(suffix));
    }

    /** The name of a number's file. */
    public String name(int number) {
        String digits = "0".repeat(DIGITS - 1) + number;
        return prefix + digits.substring(digits.length() - DIGITS) + suffix;
    }

    /** Numbers that have a file in a folder, whatever is in it. */
    public NavigableSet<Integer> list(Path directory) throws IOException {
        NavigableSet<Integer> numbers = new TreeSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Matcher name = pattern.matcher(String.valueOf(file.getFileName()));
                if (name.matches() && Long.parseLong(name.group(1)) <= Integer.MAX_VALUE) {
                    numbers.add(Integer.valueOf(name.group(1)));
                }
            }
        }
        return numbers;
    }
}
