/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A name with options, {@code name?key=value&key=value}. Whoever reads an option makes its key a known one. */
final class NamedOptions {

    private static final String LIMIT = "limit";

    /** What Gymnasium calls options of ours. */
    private static final Map<String, String> SYNONYMS = Map.of(
            "is_slippery", "slippery",
            "map_name", "map",
            "desc", "map",
            "reward_schedule", "rewards",
            "is_rainy", "rainy");

    private final String name;
    private final Map<String, String> values = new TreeMap<>();
    private final Set<String> known = new TreeSet<>();

    private NamedOptions(String name) {
        this.name = name;
    }

    /** The alias is replaced by what it stands for, to which further options may be added. */
    static NamedOptions parse(String id, Map<String, String> aliases) {
        String[] parts = id.split("\\?", 2);
        String[] meant = aliases.getOrDefault(parts[0], parts[0]).split("\\?", 2);
        NamedOptions options = new NamedOptions(meant[0]);
        if (meant.length > 1) {
            options.add(meant[1]);
        }
        if (parts.length > 1) {
            options.add(parts[1]);
        }
        return options;
    }

    private void add(String query) {
        for (String option : query.split("&", -1)) {
            String[] parts = option.split("=", -1);
            if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
                throw new IllegalArgumentException(
                        "options must be key=value, joined by '&', got '" + option + "' (" + name + ")");
            }
            if (values.putIfAbsent(SYNONYMS.getOrDefault(parts[0], parts[0]), parts[1]) != null) {
                throw new IllegalArgumentException(
                        "options must be given once, got '" + parts[0] + "' twice (" + name + ")");
            }
        }
    }

    /** The id with the option {@code limit}, in the place of one that it may have. */
    static String withLimit(String id, OptionalInt limit) {
        NamedOptions options = parse(id, Map.of());
        options.values.put(LIMIT, limit.isPresent() ? Integer.toString(limit.getAsInt()) : "none");
        return options.id();
    }

    String name() {
        return name;
    }

    /** Name and options, these in alphabetical order. */
    String id() {
        return values.isEmpty()
                ? name
                : values.entrySet().stream()
                        .map(option -> option.getKey() + "=" + option.getValue())
                        .collect(Collectors.joining("&", name + "?", ""));
    }

    double number(String key, double standard) {
        known.add(key);
        String value = values.get(key);
        if (value == null) {
            return standard;
        }
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw refused(key, "a number", value);
        }
    }

    /** As many numbers as there are standard ones, joined by commas. */
    double[] numbers(String key, double... standard) {
        known.add(key);
        String value = values.get(key);
        if (value == null) {
            return standard;
        }
        double[] numbers = Arrays.stream(value.split(",", -1))
                .mapToDouble(NamedOptions::parsed)
                .toArray();
        if (numbers.length != standard.length || Arrays.stream(numbers).anyMatch(Double::isNaN)) {
            throw refused(key, standard.length + " numbers joined by commas", value);
        }
        return numbers;
    }

    /** NaN if it is not a number. */
    private static double parsed(String number) {
        try {
            return Double.parseDouble(number);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    boolean flag(String key, boolean standard) {
        known.add(key);
        String value = values.getOrDefault(key, Boolean.toString(standard));
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw refused(key, "true or false", value);
        };
    }

    String text(String key, String standard) {
        known.add(key);
        return values.getOrDefault(key, standard);
    }

    /** A map given row by row. */
    List<String> rows(String key, String map) {
        if (!map.matches("[SFHG/]+")) {
            throw refused(key, "4x4, 8x8, or rows of S, F, H and G joined by slashes", map);
        }
        return List.of(map.split("/", -1));
    }

    OptionalInt limit(int standard) {
        known.add(LIMIT);
        return values.containsKey(LIMIT) ? limit() : OptionalInt.of(standard);
    }

    /** None unless one is given. */
    OptionalInt limit() {
        known.add(LIMIT);
        String value = values.getOrDefault(LIMIT, "none");
        if (value.equals("none")) {
            return OptionalInt.empty();
        }
        if (!value.matches("0*[1-9][0-9]{0,8}")) {
            throw refused(LIMIT, "a number of steps in [1, 999999999] or none", value);
        }
        return OptionalInt.of(Integer.parseInt(value));
    }

    void requireAllKnown() {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException(Nearest.unknown("an option of " + name, key, known));
            }
        }
    }

    private IllegalArgumentException refused(String key, String rule, String value) {
        return new IllegalArgumentException(key + " must be " + rule + ", got '" + value + "' (" + name + ")");
    }
}
