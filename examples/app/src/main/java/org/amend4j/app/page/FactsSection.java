/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.amend4j.html.Html;

/**
 * JSON for people: names in words, plain values as a table, objects as sections, objects of one kind as a table with a row each, long
 * lists of numbers in short.
 */
final class FactsSection {

    /** Longer lists of numbers are told by their ends. */
    private static final int MOST_NUMBERS = 12;

    /** Texts of a list that are longer are sentences, a line each. */
    private static final int LONGEST_WORDS = 40;

    private final Html html;

    FactsSection(Html html) {
        this.html = html;
    }

    /** Adds all of it. */
    void add(JsonNode facts) {
        if (areSentences(facts)) {
            sentences(facts);
            return;
        }
        if (facts.isArray() && areObjects(facts)) {
            rows(facts);
            return;
        }
        if (!facts.isObject()) {
            html.element("pre", ForPeople.json(facts));
            return;
        }
        Map<String, String> plain = new LinkedHashMap<>();
        facts.properties().forEach(field -> {
            if (isShort(field.getValue())) {
                String name = words(field.getKey());
                plain.put(plain.containsKey(name) ? field.getKey() : name, text(field.getValue()));
            }
        });
        if (!plain.isEmpty()) {
            html.facts(plain);
        }
        facts.properties().forEach(field -> {
            if (!isShort(field.getValue())) {
                html.open("section").element("h3", words(field.getKey()));
                add(field.getValue());
                html.close();
            }
        });
    }

    private void sentences(JsonNode texts) {
        html.open("ul");
        texts.forEach(text -> html.element("li", text(text)));
        html.close();
    }

    /** A table, with a column for every plain value; what is deeper follows the table, under the row's first value. */
    private void rows(JsonNode all) {
        Set<String> columns = new LinkedHashSet<>();
        all.forEach(row -> row.properties().forEach(field -> {
            if (isShort(field.getValue())) {
                columns.add(field.getKey());
            }
        }));
        if (columns.isEmpty()) {
            all.forEach(this::add);
            return;
        }
        List<List<String>> cells = new ArrayList<>();
        all.forEach(row -> cells.add(columns.stream()
                .map(column -> row.has(column) ? text(row.get(column)) : "")
                .toList()));
        html.open("div", "class", "wide")
                .table(columns.stream().map(FactsSection::words).toList(), cells)
                .close();
        String first = columns.iterator().next();
        for (JsonNode row : all) {
            row.properties().forEach(field -> {
                if (!isShort(field.getValue())) {
                    html.open("details").element("summary", text(row.path(first)) + ": " + words(field.getKey()));
                    add(field.getValue());
                    html.close();
                }
            });
        }
    }

    private static boolean isShort(JsonNode node) {
        if (node.isArray()) {
            for (JsonNode one : node) {
                if (!one.isValueNode()) {
                    return false;
                }
            }
            return !areSentences(node);
        }
        return node.isValueNode();
    }

    private static boolean areObjects(JsonNode array) {
        for (JsonNode one : array) {
            if (!one.isObject()) {
                return false;
            }
        }
        return true;
    }

    private static boolean areSentences(JsonNode node) {
        boolean found = false;
        if (node.isArray()) {
            for (JsonNode one : node) {
                found |= one.isTextual() && one.asText().length() > LONGEST_WORDS;
            }
        }
        return found;
    }

    private static String text(JsonNode node) {
        if (node.isArray()) {
            return list(node);
        }
        return node.isFloatingPointNumber() ? ForPeople.number(node.doubleValue()) : ForPeople.text(node.asText());
    }

    private static String list(JsonNode values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(text(value)));
        if (texts.size() <= MOST_NUMBERS) {
            return String.join(", ", texts);
        }
        return texts.get(0) + ", " + texts.get(1) + ", \u2026, " + texts.get(texts.size() - 1) + " (" + texts.size()
                + " values)";
    }

    /** {@code secondsPerStep} is "seconds per step". */
    static String words(String name) {
        return name.matches("[a-z][A-Za-z0-9]*")
                ? name.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT)
                : name;
    }
}
