/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.internal.text.Shown;

/** Reads added tokens, truncation and padding of a {@code tokenizer.json}. */
final class SettingsReader {

    private SettingsReader() {}

    static List<AddedToken> addedTokens(Optional<JsonNode> node) {
        List<AddedToken> tokens = new ArrayList<>();
        JsonNode list = node.orElse(MissingNode.getInstance());
        if (node.isPresent() && !list.isArray()) {
            throw new IllegalArgumentException("added_tokens must be a list, got " + Fields.shown(list));
        }
        for (JsonNode each : list) {
            Fields fields = Fields.of("added_tokens[" + tokens.size() + "]", each);
            tokens.add(new AddedToken(
                    fields.count("id"),
                    fields.text("content"),
                    fields.flag("single_word"),
                    fields.flag("lstrip"),
                    fields.flag("rstrip"),
                    fields.flag("normalized"),
                    fields.flag("special")));
            fields.finish();
        }
        return tokens;
    }

    static Truncation truncation(JsonNode node) {
        Fields fields = Fields.of("truncation", node);
        fields.count("stride"); // of what is cut off, which is dropped here
        int length = fields.count("max_length");
        Truncation.Strategy strategy = switch (fields.text("strategy")) {
            case "LongestFirst" -> Truncation.Strategy.LONGEST_FIRST;
            case "OnlyFirst" -> Truncation.Strategy.ONLY_FIRST;
            case "OnlySecond" -> Truncation.Strategy.ONLY_SECOND;
            default -> throw fields.refused("must have a known strategy");
        };
        Side side = side(fields, fields.optionalText("direction").orElse("Right"));
        fields.finish();
        return new Truncation(length, strategy, side);
    }

    static Padding padding(JsonNode node) {
        Fields fields = Fields.of("padding", node);
        JsonNode strategy = fields.required("strategy");
        OptionalInt length = OptionalInt.empty();
        if (!strategy.isTextual() || !strategy.textValue().equals("BatchLongest")) {
            Fields fixed = Fields.of("padding.strategy", strategy);
            length = OptionalInt.of(fixed.count("Fixed"));
            fixed.finish();
        }
        int multiple = fields.optional("pad_to_multiple_of")
                .map(value -> Fields.countOf("padding.pad_to_multiple_of", value))
                .orElse(1);
        Padding padding = new Padding(
                length,
                Math.max(multiple, 1),
                side(fields, fields.text("direction")),
                fields.count("pad_id"),
                fields.count("pad_type_id"),
                fields.text("pad_token"));
        fields.finish();
        return padding;
    }

    private static Side side(Fields fields, String written) {
        return switch (written) {
            case "Left" -> Side.LEFT;
            case "Right" -> Side.RIGHT;
            default -> throw fields.refused("must have Left or Right as direction, got " + Shown.quoted(written));
        };
    }
}
