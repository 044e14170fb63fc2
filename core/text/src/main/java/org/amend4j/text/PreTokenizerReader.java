/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.amend4j.internal.text.Shown;

/** Reads the pre-tokenizer of a {@code tokenizer.json}, each by its type; one that is not known is refused by its name. */
final class PreTokenizerReader {

    private PreTokenizerReader() {}

    static PreTokenizer preTokenizer(Optional<JsonNode> node) {
        return node.map(value -> preTokenizer(Fields.of("pre_tokenizer", value)))
                .orElse(new PreTokenizer.Chain(List.of()));
    }

    private static PreTokenizer preTokenizer(Fields fields) {
        String type = fields.text("type");
        PreTokenizer preTokenizer = switch (type) {
            case "BertPreTokenizer" ->
                new PreTokenizer.Chain(List.of(
                        at(Unicode::isSpace, SplitBehavior.REMOVED),
                        at(Unicode::isPunctuation, SplitBehavior.ISOLATED)));
            case "Whitespace" -> new PreTokenizer.At(new Matches.Inverted(new Matches.Words()), SplitBehavior.REMOVED);
            case "WhitespaceSplit" -> at(Unicode::isSpace, SplitBehavior.REMOVED);
            case "Punctuation" -> at(Unicode::isPunctuation, behavior(fields, Optional.of("Isolated")));
            case "Digits" ->
                at(
                        Unicode::isNumeric,
                        fields.flag("individual_digits") ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS);
            case "CharDelimiterSplit" -> {
                int delimiter = fields.character("delimiter");
                yield at(c -> c == delimiter, SplitBehavior.REMOVED);
            }
            case "Split" -> split(fields);
            case "ByteLevel" -> {
                fields.optionalFlag("trim_offsets"); // means something only for post-processors
                yield new PreTokenizer.Bytes(fields.flag("add_prefix_space"), fields.flag("use_regex", true));
            }
            case "Metaspace" -> metaspace(fields);
            case "Sequence" -> new PreTokenizer.Chain(fields.chain("pretokenizers", PreTokenizerReader::preTokenizer));
            default -> throw fields.unknownType(type);
        };
        fields.finish();
        return preTokenizer;
    }

    private static PreTokenizer at(IntPredicate kind, SplitBehavior behavior) {
        return new PreTokenizer.At(new Matches.Characters(kind), behavior);
    }

    private static PreTokenizer split(Fields fields) {
        Matches pattern = PatternReader.pattern(fields);
        return new PreTokenizer.At(
                fields.flag("invert") ? new Matches.Inverted(pattern) : pattern, behavior(fields, Optional.empty()));
    }

    private static SplitBehavior behavior(Fields fields, Optional<String> otherwise) {
        Optional<String> written = fields.optionalText("behavior").or(() -> otherwise);
        for (SplitBehavior behavior : SplitBehavior.values()) {
            if (written.isPresent() && behavior.written().equals(written.get())) {
                return behavior;
            }
        }
        throw fields.refused("must have a known behavior, got " + Shown.quoted(written.orElse("")));
    }

    private static PreTokenizer metaspace(Fields fields) {
        fields.optionalText("str_rep"); // the replacement once more
        return new PreTokenizer.Metaspace(fields.character("replacement"), scheme(fields), fields.flag("split", true));
    }

    static PreTokenizer.Metaspace.Scheme scheme(Fields fields) {
        boolean prefixed = fields.flag("add_prefix_space", true);
        Optional<String> written = fields.optionalText("prepend_scheme");
        if (!prefixed && written.isPresent() && !written.get().equals("never")) {
            throw fields.refused("must have an add_prefix_space that fits its prepend_scheme, got false and "
                    + Shown.quoted(written.get()));
        }
        return switch (written.orElse(prefixed ? "always" : "never")) {
            case "first" -> PreTokenizer.Metaspace.Scheme.FIRST;
            case "never" -> PreTokenizer.Metaspace.Scheme.NEVER;
            case "always" -> PreTokenizer.Metaspace.Scheme.ALWAYS;
            default ->
                throw fields.refused("must have a known prepend_scheme, got " + Shown.quoted(written.orElse("")));
        };
    }
}
