/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.recording;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.text.Shown;
import org.amend4j.objective.RecordIds;
import org.amend4j.recording.RecordedRecipe.Start;
import org.amend4j.unlearn.RecordedBatches;
import org.amend4j.unlearn.StepSizes;

/**
 * A {@link RecordedRecipe} as JSON:
 *
 * <pre>
 *   { "format": "amend4j recipe", "version": 1,
 *     "steps": 400,
 *     "stepSizes": 0.5,                                 or one number a step
 *     "batches": "full",                                or { "records": 1000, "rows": [[0, 7, ...], ...] }, a step each
 *     "divisor": 1000,                                  without it: the number of records of a step
 *     "weightDecay": 0.01,                              without it: 0
 *     "start": { "file": "step-0.zip" },                or { "seed": 123 }; without it, not known
 *     "checkpoints": { "100": "step-100.zip", ... } }   may be left out; files are relative to this one
 * </pre>
 *
 * Read strictly: an unknown field is refused, since it might be one that changes the training.
 */
public final class RecipeFile {

    /** Its usual name. */
    public static final String NAME = "recipe.json";

    private static final String FORMAT = "amend4j recipe";
    private static final int VERSION = 1;
    private static final long MOST_BYTES = 1L << 30;
    private static final Set<String> FIELDS = new TreeSet<>(Set.of(
            "format", "version", "steps", "stepSizes", "batches", "divisor", "weightDecay", "start", "checkpoints"));
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(4).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private RecipeFile() {}

    /**
     * Reads a recipe.
     *
     * @throws IOException if it is not there or no recipe; the sentence names the file and what is wrong
     */
    public static RecordedRecipe read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("there is no file " + file);
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + " is larger than " + MOST_BYTES + " bytes");
        }
        try {
            if (JSON.readTree(file.toFile()) instanceof ObjectNode object) {
                return of(object, file);
            }
            throw new IOException(file + " is not a recipe: it must be a JSON object");
        } catch (JsonProcessingException noJson) {
            throw new IOException(file + " is not a recipe: " + JsonFault.sentence(noJson), noJson);
        } catch (IllegalArgumentException broken) {
            throw new IOException(
                    file + " is not a recipe: " + Shown.sentence(String.valueOf(broken.getMessage())), broken);
        }
    }

    private static RecordedRecipe of(ObjectNode object, Path file) {
        object.fieldNames().forEachRemaining(name -> require(FIELDS.contains(name), "the fields are " + FIELDS, name));
        require(
                FORMAT.equals(object.path("format").asText()),
                "format must be \"" + FORMAT + '"',
                object.path("format"));
        require(
                object.path("version").equals(JSON.getNodeFactory().numberNode(VERSION)),
                "version must be " + VERSION,
                object.path("version"));
        int steps = whole("steps", object.path("steps"));
        return new RecordedRecipe(
                steps,
                stepSizes(object.path("stepSizes")),
                batches(object.path("batches")),
                object.has("divisor")
                        ? OptionalDouble.of(number("divisor", object.path("divisor")))
                        : OptionalDouble.empty(),
                object.has("weightDecay") ? number("weightDecay", object.path("weightDecay")) : 0,
                start(object.path("start"), file),
                checkpoints(object.path("checkpoints"), file));
    }

    private static StepSizes stepSizes(JsonNode node) {
        if (node instanceof ArrayNode array) {
            return new StepSizes.Listed(StreamSupport.stream(array.spliterator(), false)
                    .map(size -> number("a step size", size))
                    .toList());
        }
        return new StepSizes.Constant(number("stepSizes", node));
    }

    private static Optional<RecordedBatches> batches(JsonNode node) {
        if (node.isMissingNode() || node.asText().equals("full")) {
            return Optional.empty();
        }
        require(
                node.size() == 2 && node.has("records") && node.path("rows") instanceof ArrayNode,
                "batches must be \"full\" or { \"records\": N, \"rows\": [[...], ...] }",
                shortened(node));
        int records = whole("the number of records", node.path("records"));
        List<RecordIds> batches = new ArrayList<>();
        for (JsonNode batch : node.path("rows")) {
            require(batch.isArray(), "a batch must be a list of row numbers", shortened(batch));
            long[] rows = StreamSupport.stream(batch.spliterator(), false)
                    .mapToLong(row -> whole("a row number", row))
                    .toArray();
            for (long row : rows) {
                require(row >= 0 && row < records, "row numbers must be in [0, " + records + ")", row);
            }
            batches.add(RecordIds.of(rows));
        }
        return Optional.of(new RecordedBatches(batches, records));
    }

    private static Start start(JsonNode node, Path file) {
        if (node.isMissingNode()) {
            return new Start.Unknown();
        }
        require(
                node.size() == 1
                        && (node.path("file").isTextual()
                                || (node.path("seed").canConvertToLong()
                                        && node.path("seed").isIntegralNumber())),
                "start must be { \"file\": NAME } or { \"seed\": NUMBER }",
                shortened(node));
        return node.has("file")
                ? new Start.File(file.resolveSibling(node.path("file").asText()))
                : new Start.Seed(node.path("seed").asLong());
    }

    private static NavigableMap<Integer, Path> checkpoints(JsonNode node, Path file) {
        NavigableMap<Integer, Path> checkpoints = new TreeMap<>();
        require(node.isMissingNode() || node.isObject(), "checkpoints must be { STEP: NAME, ... }", shortened(node));
        node.properties().forEach(entry -> {
            require(
                    entry.getKey().matches("\\d{1,9}") && entry.getValue().isTextual(),
                    "checkpoints must be { STEP: NAME, ... }",
                    entry.getKey());
            checkpoints.put(
                    Integer.valueOf(entry.getKey()),
                    file.resolveSibling(entry.getValue().asText()));
        });
        return checkpoints;
    }

    private static int whole(String what, JsonNode node) {
        require(node.isIntegralNumber() && node.canConvertToInt(), what + " must be a whole number", shortened(node));
        return node.asInt();
    }

    private static double number(String what, JsonNode node) {
        require(node.isNumber(), what + " must be a number", shortened(node));
        return node.asDouble();
    }

    private static void require(boolean met, String rule, Object got) {
        if (!met) {
            throw new IllegalArgumentException(rule + ", got " + got);
        }
    }

    private static String shortened(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }

    /**
     * Writes a recipe, complete or not at all.
     *
     * @throws IOException if it cannot be written
     */
    public static void write(RecordedRecipe recipe, Path file) throws IOException {
        try (AtomicFile target = AtomicFile.create(file)) {
            target.stream().write(bytes(recipe));
            target.commit();
        }
    }

    /** A recipe as JSON; files that it names are names in its own folder. */
    public static byte[] bytes(RecordedRecipe recipe) {
        ObjectNode object = JSON.createObjectNode();
        object.put("format", FORMAT).put("version", VERSION).put("steps", recipe.steps());
        boolean constant = steps(recipe).distinct().count() == 1;
        if (constant) {
            object.put("stepSizes", recipe.stepSizes().at(0));
        } else {
            ArrayNode sizes = object.putArray("stepSizes");
            steps(recipe).forEach(sizes::add);
        }
        if (recipe.batches().isPresent()) {
            ObjectNode batches = object.putObject("batches");
            batches.put("records", recipe.batches().get().records());
            ArrayNode rows = batches.putArray("rows");
            recipe.batches().get().batches().forEach(batch -> {
                ArrayNode row = rows.addArray();
                batch.stream().forEach(row::add);
            });
        } else {
            object.put("batches", "full");
        }
        recipe.divisor().ifPresent(divisor -> object.put("divisor", divisor));
        object.put("weightDecay", recipe.weightDecay());
        if (recipe.start() instanceof Start.File start) {
            object.putObject("start").put("file", String.valueOf(start.file().getFileName()));
        } else if (recipe.start() instanceof Start.Seed start) {
            object.putObject("start").put("seed", start.seed());
        }
        ObjectNode checkpoints = object.putObject("checkpoints");
        recipe.checkpoints()
                .forEach((step, path) -> checkpoints.put(step.toString(), String.valueOf(path.getFileName())));
        try {
            return JSON.writeValueAsBytes(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers, lists and texts can be written", e);
        }
    }

    private static DoubleStream steps(RecordedRecipe recipe) {
        return IntStream.range(0, recipe.steps()).mapToDouble(recipe.stepSizes()::at);
    }
}
