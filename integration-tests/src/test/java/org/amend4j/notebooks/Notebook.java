/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A notebook in Jupyter's format 4.5, without what differs from run to run: when cells were executed, which Java ran, random ids,
 * in how many pieces a stream arrived, and the text beside a picture, which has a hash code.
 */
final class Notebook {

    private static final Separators SEPARATORS = Separators.createDefaultInstance()
            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");

    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    /** An identity hash code, or a random UUID. */
    private static final Pattern ACCIDENT =
            Pattern.compile("[\\w.$\\[;/]+@[0-9a-f]{1,8}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final ObjectNode json;

    private Notebook(ObjectNode json) {
        this.json = json;
    }

    /** The files of those in the repository. */
    static List<Path> committed() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../examples/notebooks").toRealPath())) {
            return files.filter(file -> file.toString().endsWith(".ipynb"))
                    .sorted()
                    .toList();
        }
    }

    static Notebook read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    static Notebook parse(String text) throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(text);
        ((ObjectNode) json.path("metadata")).withObject("/language_info").remove("version");
        int number = 1;
        for (JsonNode cell : json.path("cells")) {
            ObjectNode one = (ObjectNode) cell;
            one.put("id", "cell-" + number++);
            ((ObjectNode) one.path("metadata")).remove("execution");
            if (one.path("outputs") instanceof ArrayNode outputs) {
                one.set("outputs", normalised(outputs));
            }
        }
        return new Notebook(json);
    }

    private static ArrayNode normalised(ArrayNode outputs) {
        ArrayNode all = MAPPER.createArrayNode();
        Optional<ObjectNode> stream = Optional.empty();
        for (JsonNode output : outputs) {
            ObjectNode one = output.deepCopy();
            if (one.has("text")) {
                lines(one, Output.joined(one.path("text")));
            }
            if (stream.isPresent() && stream.get().path("name").equals(one.path("name"))) {
                lines(stream.get(), Output.joined(stream.get().path("text")) + Output.joined(one.path("text")));
                continue;
            }
            if (one.path("data") instanceof ObjectNode data && data.has("image/png")) {
                data.remove("text/plain");
            }
            all.add(one);
            stream = one.path("output_type").asText().equals("stream") ? Optional.of(one) : Optional.empty();
        }
        return all;
    }

    /** The text as nbformat writes it, a string a line. */
    private static void lines(ObjectNode stream, String text) {
        ArrayNode lines = stream.putArray("text");
        text.lines().forEach(line -> lines.add(line + "\n"));
        if (!text.endsWith("\n") && !lines.isEmpty()) {
            String last = lines.get(lines.size() - 1).asText();
            lines.set(lines.size() - 1, last.substring(0, last.length() - 1));
        }
    }

    /**
     * Where this notebook's outputs are not those of a run. They are compared literally; pictures by type and size; and in cells
     * with the tag {@code varies}, only which outputs there are and their MIME types.
     *
     * @return a sentence for each cell that differs
     */
    List<String> differences(Notebook run) {
        List<String> found = new ArrayList<>();
        for (int cell = 0; cell < json.path("cells").size(); cell++) {
            boolean varies =
                    json.path("cells").get(cell).at("/metadata/tags").toString().contains("\"varies\"");
            List<String> mine = shown(cell, varies);
            List<String> theirs = run.shown(cell, varies);
            if (!mine.equals(theirs)) {
                found.add("cell " + (cell + 1) + ": committed " + mine + ", but it now shows " + theirs);
            }
        }
        return found;
    }

    /**
     * Cells that end with a call whose value nobody wants to see, and that is another one in every run: the stream that
     * {@code printf} returns, the id that {@code display} returns, an object without {@code toString}.
     *
     * @return a sentence for each
     */
    List<String> accidents() {
        List<String> found = new ArrayList<>();
        for (int cell = 0; cell < json.path("cells").size(); cell++) {
            for (JsonNode output : json.path("cells").get(cell).path("outputs")) {
                String text = Output.joined(output.at("/data/text~1plain"));
                if (ACCIDENT.matcher(text).matches()) {
                    found.add("cell " + (cell + 1) + " shows " + text
                            + ": assign the value of its last call to a variable");
                }
            }
        }
        return found;
    }

    private List<String> shown(int cell, boolean varies) {
        List<String> all = new ArrayList<>();
        for (JsonNode json : json.path("cells").path(cell).path("outputs")) {
            Output output = Output.of(json);
            all.add(varies ? output.kinds() : output.kind() + " " + output.data());
        }
        return all;
    }

    /** As Jupyter writes it: keys sorted, one space of indentation, a newline at the end. */
    String text() throws IOException {
        DefaultIndenter indenter = new DefaultIndenter(" ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(SEPARATORS);
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        return MAPPER.writer(printer).writeValueAsString(json) + "\n";
    }
}
