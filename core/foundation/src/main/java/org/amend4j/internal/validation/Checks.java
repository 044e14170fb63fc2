/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.validation;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Argument checks for constructors and methods: messages state the rule and the value in one sentence. */
public final class Checks {

    private static final int LISTED_NAMES = 20;

    private Checks() {}

    /** In (0, ∞). */
    public static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be > 0 and finite, got " + value);
        }
        return value;
    }

    /** Neither NaN nor infinite. */
    public static double finite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(what + " must be finite, got " + value);
        }
        return value;
    }

    /** In [0, ∞). */
    public static double notNegative(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be >= 0 and finite, got " + value);
        }
        return value;
    }

    /** In [0, ∞]. */
    public static double notNegativeOrInfinite(String what, double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException(what + " must be >= 0, got " + value);
        }
        return value;
    }

    /** In (0, 1). */
    public static double insideUnit(String what, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(what + " must be in (0, 1), got " + value);
        }
        return value;
    }

    /** In [0, 1). */
    public static double belowOne(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(what + " must be in [0, 1), got " + value);
        }
        return value;
    }

    /** In [0, 1]. */
    public static double inUnit(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " must be in [0, 1], got " + value);
        }
        return value;
    }

    /** In [least, ∞). */
    public static int atLeast(int least, String what, int value) {
        if (value < least) {
            throw new IllegalArgumentException(what + " must be >= " + least + ", got " + value);
        }
        return value;
    }

    /** In [least, most]. */
    public static int inRange(int least, int most, String what, int value) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be in [" + least + ", " + most + "], got " + value);
        }
        return value;
    }

    /** Requires {@code least <= value <= most}. */
    public static double inRange(double least, double most, String what, double value) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(what + " must be in [" + least + ", " + most + "], got " + value);
        }
        return value;
    }

    /** Not null. */
    public static <T> T present(String what, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(what + " must be given");
        }
        return value;
    }

    /** A text of at least one character, all of them valid Unicode. */
    public static String name(String what, @Nullable String value) {
        String name = present(what, value);
        if (name.isEmpty()) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
        if (name.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new IllegalArgumentException(what + " must be valid Unicode, got an unpaired surrogate");
        }
        return name;
    }

    /** Names that differ, in their order; a copy. */
    public static List<String> names(String what, @Nullable List<String> values) {
        Set<String> seen = new HashSet<>();
        List<String> names = present(what, values);
        for (String value : names) {
            if (!seen.add(name("an entry of " + what, value))) {
                throw new IllegalArgumentException(what + " names '" + value + "' twice");
            }
        }
        return List.copyOf(names);
    }

    /** A map from names to values that are there, in its order; a copy. */
    public static <V> Map<String, V> ordered(String what, @Nullable Map<String, V> values) {
        Map<String, V> map = present(what, values);
        map.forEach((key, value) -> {
            name("a key of " + what, key);
            present("the value of '" + key + "' in " + what, value);
        });
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** Names as a message shows them: the first twenty, quoted, and how many more there are. */
    public static String listed(List<String> names) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(LISTED_NAMES, names.size()); i++) {
            text.append(i == 0 ? "'" : ", '").append(names.get(i)).append('\'');
        }
        if (names.size() > LISTED_NAMES) {
            text.append(" and ").append(names.size() - LISTED_NAMES).append(" more");
        }
        return names.isEmpty() ? "none" : text.toString();
    }
}
