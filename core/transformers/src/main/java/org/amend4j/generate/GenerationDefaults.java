/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.internal.json.StrictReading;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/**
 * How a model's makers continue texts: what {@code generation_config.json} says in a folder of Hugging Face's layout. Where it says
 * nothing, this is what Hugging Face's library takes: the ends of {@code config.json}, the most probable token, or of drawn tokens
 * the 50 most probable.
 *
 * @param ends ids any of which ends a text
 * @param choice how the next token follows from logits
 * @param repetitionPenalty > 0; 1 changes nothing
 */
public record GenerationDefaults(List<Integer> ends, Choice choice, double repetitionPenalty) {

    private static final String FILE = "generation_config.json";
    private static final int LARGEST = 1 << 20;
    private static final int DEEPEST = 20;
    private static final int USUAL_TOP_K = 50;

    /** Checks the numbers. */
    public GenerationDefaults {
        ends = List.copyOf(ends);
        Checks.present("choice", choice);
        Checks.positive("repetition penalty", repetitionPenalty);
    }

    /**
     * Reads a folder's file, if there is one. Ids that the model has no row for are left out: it never chooses them.
     *
     * @throws IOException if the file cannot be read, or a field breaks its rule
     */
    public static GenerationDefaults read(Path folder, CausalConfig config) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return new GenerationDefaults(config.usableIds().ends(), new Choice.Greedy(), 1);
        }
        try {
            return of(StrictReading.object(file, DEEPEST, LARGEST), config);
        } catch (IllegalArgumentException bad) {
            throw new IOException("file " + Printable.quoted(file.toString()) + ": " + bad.getMessage(), bad);
        }
    }

    private static GenerationDefaults of(JsonNode fields, CausalConfig config) {
        JsonNode ends = fields.path("eos_token_id");
        boolean draws = fields.path("do_sample").asBoolean(false);
        return new GenerationDefaults(
                ends.isNull() || ends.isMissingNode()
                        ? config.usableIds().ends()
                        : ids(ends).stream()
                                .filter(id -> id < config.vocabulary())
                                .toList(),
                draws
                        ? new Choice.Sampling(
                                number(fields, "temperature", 1),
                                (int) number(fields, "top_k", USUAL_TOP_K),
                                number(fields, "top_p", 1))
                        : new Choice.Greedy(),
                number(fields, "repetition_penalty", 1));
    }

    private static List<Integer> ids(JsonNode ends) {
        List<JsonNode> all = ends.isArray()
                ? IntStream.range(0, ends.size()).mapToObj(ends::get).toList()
                : List.of(ends);
        all.forEach(id -> {
            if (!id.canConvertToInt() || !id.isIntegralNumber() || id.asInt() < 0) {
                throw new IllegalArgumentException("'eos_token_id' must be a token's id or a list of such, got "
                        + Printable.line(ends.toString()));
            }
        });
        return all.stream().map(JsonNode::asInt).toList();
    }

    private static double number(JsonNode fields, String name, double otherwise) {
        JsonNode value = fields.path(name);
        if (value.isNull() || value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isNumber()) {
            throw new IllegalArgumentException(
                    "'" + name + "' must be a number, got " + Printable.line(value.toString()));
        }
        return value.asDouble();
    }
}
