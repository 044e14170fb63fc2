package org.amend4j.lora;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules of this package's records, each with the sentence it fails with. */
final class Checks {
    private static final int LISTED_NAMES = 20;

    private Checks() {}

    static int atLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be >= 1, got " + value);
        }
        return value;
    }

    static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be > 0 and finite, got " + value);
        }
        return value;
    }

    static double dropProbability(double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1), got " + value);
        }
        return value;
    }

    static <T> T present(String what, T value) {
        if (value == null) {
            throw new IllegalArgumentException(what + " must be given");
        }
        return value;
    }

    static String name(String what, String value) {
        if (present(what, value).isEmpty()) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
        if (hasUnpairedSurrogate(value)) {
            throw new IllegalArgumentException(what + " must be valid Unicode, got an unpaired surrogate");
        }
        return value;
    }

    static List<String> names(String what, List<String> values) {
        Set<String> seen = new HashSet<>();
        for (String value : present(what, values)) {
            if (!seen.add(name("an entry of " + what, value))) {
                throw new IllegalArgumentException(what + " names '" + value + "' twice");
            }
        }
        return List.copyOf(values);
    }

    static <V> Map<String, V> ordered(String what, Map<String, V> values) {
        present(what, values).forEach((key, value) -> {
            name("a key of " + what, key);
            present("the value of '" + key + "' in " + what, value);
        });
        return Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The first names, quoted, and how many more there are. */
    static String listed(List<String> names) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(LISTED_NAMES, names.size()); i++) {
            text.append(i == 0 ? "'" : ", '").append(names.get(i)).append('\'');
        }
        if (names.size() > LISTED_NAMES) {
            text.append(" and ").append(names.size() - LISTED_NAMES).append(" more");
        }
        return names.isEmpty() ? "none" : text.toString();
    }

    private static boolean hasUnpairedSurrogate(String value) {
        return value.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
