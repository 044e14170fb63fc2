/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.identity;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Identifies a configuration by its kind, a version, and named fields in their order. Files keep the {@link #text} and fingerprints
 * digest it: configurations with equal texts are the same one. Kinds and names are written out where the facts are stated, and are part
 * of the format: renaming a class or a component changes no file.
 *
 * <p>The text of version 1 is {@code Kind[first=1, second=0.5]}, that of version 2 {@code Kind/2[first=1, second=0.5, third=x]}. A kind
 * that needs more fields adds them {@linkplain #since since} its next version; earlier files have the text of the {@link #first}
 * version.
 *
 * <p>Numbers are written so that reading them gives the same bits; enum constants by their names, which are part of the format, too.
 */
public final class Facts {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:/-]{1,100}");

    private final String kind;
    private final boolean bare;
    private final int version;
    private final List<Field> fields;

    /**
     * A field.
     *
     * @param name empty for an item of a list
     * @param text in the newest version
     * @param first in version 1
     * @param since the version that it came with
     */
    private record Field(String name, String text, String first, int since) {

        String named(String value) {
            return name.isEmpty() ? value : name + "=" + value;
        }
    }

    private Facts(String kind, boolean bare, int version, List<Field> fields) {
        this.kind = kind;
        this.bare = bare;
        this.version = version;
        this.fields = fields;
    }

    /** A kind without fields so far, in version 1: {@code Kind[]}. */
    public static Facts of(String kind) {
        return new Facts(kind, false, 1, List.of());
    }

    /** A kind with a version 1 that is a sentence without fields. The sentence is never reworded. */
    public static Facts sentence(String words) {
        return new Facts(words, true, 1, List.of());
    }

    /**
     * Fields from here on came with a later version.
     *
     * @throws IllegalArgumentException if the version is not later
     */
    public Facts since(int later) {
        if (later <= version) {
            throw new IllegalArgumentException("a later version must be above " + version + ", got " + later);
        }
        return new Facts(kind, bare, later, fields);
    }

    /** And a number. */
    public Facts with(String name, double value) {
        return add(name, text(value));
    }

    /** And an integer. */
    public Facts with(String name, long value) {
        return add(name, Long.toString(value));
    }

    /** And yes or no. */
    public Facts with(String name, boolean value) {
        return add(name, Boolean.toString(value));
    }

    /** And a text, taken as it is: nothing in it may look like fields. */
    public Facts with(String name, String value) {
        return add(name, value);
    }

    /** And one of a few constants, by its name. */
    public Facts with(String name, Enum<?> value) {
        return add(name, value.name());
    }

    /** And a number, or none. */
    public Facts with(String name, OptionalDouble value) {
        return add(name, text(value));
    }

    /** And several numbers. */
    public Facts with(String name, double[] values) {
        return add(name, list(Arrays.stream(values).mapToObj(Facts::text)));
    }

    /** And several integers. */
    public Facts with(String name, LongStream values) {
        return add(name, list(values.mapToObj(Long::toString)));
    }

    /** And a configuration of its own. */
    public Facts with(String name, Identified value) {
        return add(name, value.facts().text(), value.facts().first());
    }

    /** And a configuration of its own, or none. */
    public Facts with(String name, Optional<? extends Identified> value) {
        Optional<Facts> facts = value.map(Identified::facts);
        return add(name, optional(facts.map(Facts::text)), optional(facts.map(Facts::first)));
    }

    /** And configurations of their own. */
    public Facts with(String name, List<? extends Identified> values) {
        return add(
                name, list(facts(values).map(Facts::text)), list(facts(values).map(Facts::first)));
    }

    /** And a word if something is so; nothing if it is not. */
    public Facts withIf(boolean so, String word) {
        return so ? add("", word) : this;
    }

    /** And integers that have no names. */
    public Facts withEach(IntStream items) {
        Facts all = this;
        for (int item : items.toArray()) {
            all = all.add("", Integer.toString(item));
        }
        return all;
    }

    /** And configurations that have no names. */
    public Facts withEach(List<? extends Identified> items) {
        Facts all = this;
        for (Identified item : items) {
            all = all.add("", item.facts().text(), item.facts().first());
        }
        return all;
    }

    private Facts add(String name, String text) {
        return add(name, text, text);
    }

    private Facts add(String name, String text, String first) {
        Stream<Field> longer = Stream.concat(fields.stream(), Stream.of(new Field(name, text, first, version)));
        return new Facts(kind, bare, version, longer.toList());
    }

    /** All of it. */
    public String text() {
        String head = version == 1 ? kind : kind + "/" + version;
        return head + brackets(fields.stream().map(field -> field.named(field.text)));
    }

    /** As version 1 had it, in this configuration and those in it. */
    public String first() {
        return kind
                + brackets(fields.stream().filter(field -> field.since == 1).map(field -> field.named(field.first)));
    }

    private String brackets(Stream<String> texts) {
        List<String> all = texts.toList();
        return bare && all.isEmpty() ? "" : list(all.stream());
    }

    private static Stream<Facts> facts(List<? extends Identified> values) {
        return values.stream().map(Identified::facts);
    }

    private static String list(Stream<String> texts) {
        return texts.collect(Collectors.joining(", ", "[", "]"));
    }

    private static String optional(Optional<String> text) {
        return text.map(present -> "Optional[" + present + "]").orElse("Optional.empty");
    }

    /** A number as {@link #with(String, double)} writes it. */
    public static String text(double value) {
        return Double.toString(value);
    }

    /** A number, or none, as {@link #with(String, OptionalDouble)} writes it. */
    public static String text(OptionalDouble value) {
        return value.isPresent() ? "OptionalDouble[" + text(value.getAsDouble()) + "]" : "OptionalDouble.empty";
    }

    /** An integer, or none. */
    public static String text(OptionalInt value) {
        return value.isPresent() ? "OptionalInt[" + value.getAsInt() + "]" : "OptionalInt.empty";
    }

    /** Several integers. */
    public static String text(int[] values) {
        return list(Arrays.stream(values).mapToObj(Integer::toString));
    }

    /** Several configurations. */
    public static String text(List<? extends Identified> values) {
        return list(facts(values).map(Facts::text));
    }

    /** A configuration, or none. */
    public static String text(Optional<? extends Identified> value) {
        return optional(value.map(Identified::facts).map(Facts::text));
    }

    /**
     * Checks a name that users give.
     *
     * @throws IllegalArgumentException if it could be mistaken for something else
     */
    public static String requireName(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    what + " must be 1 to 100 letters, digits and ._:/-, got '" + name + "'");
        }
        return name;
    }

    /** The {@link #text}. */
    @Override
    public String toString() {
        return text();
    }
}
