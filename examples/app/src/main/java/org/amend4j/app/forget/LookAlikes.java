/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.text.Normalizer;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names of subjects that look the same to people: they differ in case, in spaces, in invisible characters, or in how an
 * accent is written. To a service they are different subjects, and deleting one keeps the other's rows.
 */
final class LookAlikes {

    private static final int SHOWN = 3;
    private static final Pattern SHAPELESS = Pattern.compile("[\\p{Cf}\\p{Z}\\s]+");

    private LookAlikes() {}

    /** Groups of two or more, each and all in order. */
    static List<List<String>> among(Collection<String> names) {
        Map<String, TreeSet<String>> groups = new TreeMap<>();
        names.forEach(name ->
                groups.computeIfAbsent(shape(name), shape -> new TreeSet<>()).add(name));
        return groups.values().stream()
                .filter(group -> group.size() > 1)
                .map(List::copyOf)
                .toList();
    }

    private static String shape(String name) {
        String plain = Normalizer.normalize(name, Normalizer.Form.NFKC);
        return SHAPELESS.matcher(plain).replaceAll("").toLowerCase(Locale.ROOT);
    }

    /** A warning, if there are any. */
    static Optional<String> warning(Collection<String> names) {
        List<List<String>> groups = among(names);
        if (groups.isEmpty()) {
            return Optional.empty();
        }
        String shown = groups.stream()
                .limit(SHOWN)
                .map(group -> group.stream().map(LookAlikes::quoted).collect(Collectors.joining(" and ")))
                .collect(Collectors.joining(", "));
        return Optional.of(String.format(
                Locale.ROOT,
                "%s as one person would be, and are different subjects: %s%s; who is forgotten under one name stays in under the other",
                groups.size() == 1 ? "some are named" : groups.size() + " groups are named",
                shown,
                groups.size() > SHOWN ? ", ..." : ""));
    }

    /** So that the difference is seen. */
    private static String quoted(String name) {
        StringBuilder text = new StringBuilder("'");
        name.chars()
                .forEach(c -> text.append(
                        c >= ' ' && c < 127 ? String.valueOf((char) c) : String.format(Locale.ROOT, "\\u%04x", c)));
        return text.append('\'').toString();
    }
}
