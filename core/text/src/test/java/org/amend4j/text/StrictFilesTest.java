/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;

/** What does not belong into a file is refused at every place of every kind of part. */
class StrictFilesTest {

    private static final List<PeerSetup> PARTS = parts();

    /** Of the golden files' tokenizers those with a type or field that none before has. */
    private static List<PeerSetup> parts() {
        Set<String> seen = new HashSet<>();
        return Stream.of(
                        "templates",
                        "added_tokens",
                        "truncation",
                        "padding",
                        "models",
                        "normalizers",
                        "pre_tokenizers",
                        "decoders")
                .flatMap(subject -> PeerSetup.of(subject).stream())
                .filter(setup -> seen.addAll(words(small(setup))))
                .toList();
    }

    @Test
    void a_field_that_is_not_known_is_refused_wherever_it_stands() throws IOException {
        for (PeerSetup setup : PARTS) {
            ObjectNode file = small(setup);
            PeerSetup.read(file);
            for (ObjectNode object : objects(file)) {
                object.put("new", 1);
                isRefused(file, "new|one field", () -> setup + ": new in " + object);
                object.remove("new");
            }
        }
    }

    @Test
    void a_value_of_another_kind_is_refused_wherever_it_stands() {
        for (PeerSetup setup : PARTS) {
            ObjectNode file = small(setup);
            for (ObjectNode object : objects(file)) {
                for (String name : names(object)) {
                    JsonNode right = object.get(name);
                    if (!right.isArray() || !right.isEmpty()) {
                        object.set(name, right.isArray() ? TextNode.valueOf("[]") : PeerSetup.MAPPER.createArrayNode());
                        isRefused(file, name, () -> setup + ": " + name + " in " + object);
                        object.set(name, right);
                    }
                }
            }
        }
    }

    /** With a sentence that names it. */
    private static void isRefused(ObjectNode file, String names, Supplier<String> place) {
        String sentence = Refusals.sentence(assertThrows(TokenizerException.class, () -> PeerSetup.read(file), place));
        assertTrue(sentence.matches(".*(" + names + ").*"), () -> place.get() + ": " + sentence);
    }

    /** A copy of the setup's parts around a model of few words, if it has none of its own. */
    private static ObjectNode small(PeerSetup setup) {
        ObjectNode file = PeerSetup.MAPPER.createObjectNode().put("version", "1.0");
        file.set("model", PeerSetup.of("added_tokens").get(0).get("change").get("model"));
        for (String part : List.of("pre_tokenizer", "decoder")) {
            if (setup.says().has(part)) {
                file.set(part, setup.get(part));
            }
        }
        return (setup.says().has("change") ? file.<ObjectNode>setAll((ObjectNode) setup.get("change")) : file)
                .deepCopy();
    }

    /** All objects in a file but the vocabulary. */
    private static List<ObjectNode> objects(JsonNode node) {
        List<ObjectNode> objects = new ArrayList<>();
        if (node instanceof ObjectNode object) {
            objects.add(object);
            names(object).stream()
                    .filter(name -> !name.equals("vocab"))
                    .forEach(name -> objects.addAll(objects(object.get(name))));
        } else {
            node.forEach(each -> objects.addAll(objects(each)));
        }
        return objects;
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> words(JsonNode file) {
        Set<String> words = new HashSet<>();
        for (ObjectNode object : objects(file)) {
            words.addAll(names(object));
            words.add("a " + object.path("type").asText());
        }
        return words;
    }
}
