/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntPredicate;

/** Reads the parts of a {@code tokenizer.json} around its model, each by its type. What is not known is refused by its name. */
final class ComponentReader {

    private ComponentReader() {}

    static Normalizer normalizer(Optional<JsonNode> node) {
        return node.map(value -> normalizer(Fields.of("normalizer", value))).orElse(new Normalizer.Chain(List.of()));
    }

    private static Normalizer normalizer(Fields fields) {
        String type = fields.text("type");
        Normalizer normalizer = switch (type) {
            case "BertNormalizer" -> bert(fields);
            case "NFC" -> new Normalizer.Form(false, true);
            case "NFD" -> new Normalizer.Form(false, false);
            case "NFKC" -> new Normalizer.Form(true, true);
            case "NFKD" -> new Normalizer.Form(true, false);
            case "Lowercase" -> new Normalizer.Lowercase();
            case "StripAccents" -> new Normalizer.Filter(Unicode::isCombiningMark);
            case "Strip" -> new Normalizer.Strip(fields.flag("strip_left"), fields.flag("strip_right"));
            case "Replace" -> new Normalizer.Replace(pattern(fields), fields.text("content"));
            case "Prepend" -> new Normalizer.Prepend(fields.text("prepend"));
            case "ByteLevel" -> new Normalizer.Bytes();
            case "Sequence" -> new Normalizer.Chain(chain(fields, "normalizers", ComponentReader::normalizer));
            default -> throw unknown(fields, type);
        };
        fields.finish();
        return normalizer;
    }

    private static Normalizer bert(Fields fields) {
        List<Normalizer> steps = new ArrayList<>();
        if (fields.flag("clean_text")) {
            steps.add(new Normalizer.Filter(c -> c == 0 || c == 0xfffd || Unicode.isControl(c)));
            steps.add(new Normalizer.Mapping(c -> Unicode.isSpace(c) ? ' ' : c));
        }
        if (fields.flag("handle_chinese_chars")) {
            steps.add(new Normalizer.SpacedIdeographs());
        }
        boolean lowercase = fields.flag("lowercase");
        if (fields.flag("strip_accents", lowercase)) {
            steps.add(new Normalizer.Form(false, false));
            steps.add(new Normalizer.Filter(Unicode::isNonspacingMark));
        }
        if (lowercase) {
            steps.add(new Normalizer.Lowercase());
        }
        return new Normalizer.Chain(steps);
    }

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
            case "Sequence" -> new PreTokenizer.Chain(chain(fields, "pretokenizers", ComponentReader::preTokenizer));
            default -> throw unknown(fields, type);
        };
        fields.finish();
        return preTokenizer;
    }

    private static PreTokenizer at(IntPredicate kind, SplitBehavior behavior) {
        return new PreTokenizer.At(new Matches.Characters(kind), behavior);
    }

    private static PreTokenizer split(Fields fields) {
        Matches pattern = pattern(fields);
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

    private static PreTokenizer.Metaspace.Scheme scheme(Fields fields) {
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

    private static Matches pattern(Fields fields) {
        Fields pattern = fields.object("pattern");
        String kind = pattern.onlyName();
        String text = pattern.text(kind);
        if (text.isEmpty()) {
            throw pattern.refused("must not be empty");
        }
        return switch (kind) {
            case "String" -> new Matches.Literal(text);
            case "Regex" -> expression(pattern, text);
            default -> throw pattern.refused("must be a String or a Regex, got " + Shown.quoted(kind));
        };
    }

    private static Matches expression(Fields place, String text) {
        try {
            return new Matches.Expression(Oniguruma.pattern(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place.place() + ": " + e.getMessage(), e);
        }
    }

    static PostProcessor postProcessor(Optional<JsonNode> node) {
        PostProcessor processor = node.map(value -> postProcessor(Fields.of("post_processor", value)))
                .orElse(new PostProcessor.Chain(List.of()));
        if (processor instanceof PostProcessor.Chain chain && chain.templates() > 1) {
            throw new IllegalArgumentException(
                    "post_processor must have at most one template, got " + chain.templates());
        }
        return processor;
    }

    private static PostProcessor postProcessor(Fields fields) {
        String type = fields.text("type");
        PostProcessor processor = switch (type) {
            case "BertProcessing" -> bertTemplate(fields);
            case "RobertaProcessing" -> robertaTemplate(fields);
            case "TemplateProcessing" -> template(fields);
            case "ByteLevel" -> {
                fields.optionalFlag("use_regex"); // means something only for pre-tokenizers
                boolean prefixed = fields.flag("add_prefix_space");
                yield fields.flag("trim_offsets", true)
                        ? new PostProcessor.TrimOffsets(prefixed)
                        : new PostProcessor.Chain(List.of());
            }
            case "Sequence" -> new PostProcessor.Chain(chain(fields, "processors", ComponentReader::postProcessor));
            default -> throw unknown(fields, type);
        };
        fields.finish();
        return processor;
    }

    private static PostProcessor bertTemplate(Fields fields) {
        Function<Integer, PostProcessor.Template.Piece> separator = special(fields, "sep");
        PostProcessor.Template.Piece start = special(fields, "cls").apply(0);
        PostProcessor.Template.Piece first = new PostProcessor.Template.Piece.Text(0, 0);
        PostProcessor.Template.Piece second = new PostProcessor.Template.Piece.Text(1, 1);
        return new PostProcessor.Template(
                List.of(start, first, separator.apply(0)),
                List.of(start, first, separator.apply(0), second, separator.apply(1)));
    }

    /** All types are 0. */
    private static PostProcessor robertaTemplate(Fields fields) {
        PostProcessor.Template.Piece separator = special(fields, "sep").apply(0);
        PostProcessor.Template.Piece start = special(fields, "cls").apply(0);
        PostProcessor.Template.Piece first = new PostProcessor.Template.Piece.Text(0, 0);
        PostProcessor.Template.Piece second = new PostProcessor.Template.Piece.Text(1, 0);
        PostProcessor template = new PostProcessor.Template(
                List.of(start, first, separator), List.of(start, first, separator, separator, second, separator));
        boolean prefixed = fields.flag("add_prefix_space", true);
        return fields.flag("trim_offsets", true)
                ? new PostProcessor.Chain(List.of(new PostProcessor.TrimOffsets(prefixed), template))
                : template;
    }

    private static Function<Integer, PostProcessor.Template.Piece> special(Fields fields, String name) {
        JsonNode pair = fields.required(name);
        if (!pair.isArray() || pair.size() != 2) {
            throw fields.refused("must have a token and its id as '" + name + "', got " + Fields.shown(pair));
        }
        String token = Fields.textOf(fields.place() + "." + name, pair.get(0));
        int id = Fields.countOf(fields.place() + "." + name, pair.get(1));
        return type -> new PostProcessor.Template.Piece.Special(id, token, type);
    }

    private static PostProcessor template(Fields fields) {
        Map<String, Fields> specials = fields.object("special_tokens").objects();
        return new PostProcessor.Template(
                pieces(fields.list("single"), specials), pieces(fields.list("pair"), specials));
    }

    private static List<PostProcessor.Template.Piece> pieces(List<Fields> written, Map<String, Fields> specials) {
        List<PostProcessor.Template.Piece> pieces = new ArrayList<>();
        for (Fields piece : written) {
            String kind = piece.onlyName();
            Fields fields = piece.object(kind);
            String id = fields.text("id");
            int type = fields.count("type_id");
            fields.finish();
            if (kind.equals("Sequence") && (id.equals("A") || id.equals("B"))) {
                pieces.add(new PostProcessor.Template.Piece.Text(id.equals("A") ? 0 : 1, type));
            } else if (kind.equals("SpecialToken") && specials.containsKey(id)) {
                addSpecials(specials.get(id), type, pieces);
            } else {
                throw piece.refused("must be Sequence A or B or one of special_tokens, got " + Shown.quoted(kind) + " "
                        + Shown.quoted(id));
            }
        }
        return pieces;
    }

    private static void addSpecials(Fields special, int type, List<PostProcessor.Template.Piece> pieces) {
        special.text("id");
        JsonNode ids = special.required("ids");
        JsonNode tokens = special.required("tokens");
        special.finish();
        if (!ids.isArray() || !tokens.isArray() || ids.size() != tokens.size()) {
            throw special.refused("must have as many ids as tokens");
        }
        for (int i = 0; i < ids.size(); i++) {
            pieces.add(new PostProcessor.Template.Piece.Special(
                    Fields.countOf(special.place() + ".ids", ids.get(i)),
                    Fields.textOf(special.place() + ".tokens", tokens.get(i)),
                    type));
        }
    }

    static Decoder decoder(Optional<JsonNode> node) {
        return node.map(value -> decoder(Fields.of("decoder", value))).orElse(new Decoder.Blanks());
    }

    private static Decoder decoder(Fields fields) {
        String type = fields.text("type");
        Decoder decoder = switch (type) {
            case "WordPiece" -> new Decoder.WordPieces(fields.text("prefix"), fields.flag("cleanup"));
            case "ByteLevel" -> {
                // these mean something only for pre- and post-processors
                List.of("add_prefix_space", "trim_offsets", "use_regex").forEach(fields::optionalFlag);
                yield new Decoder.Bytes();
            }
            case "Metaspace" -> {
                fields.optionalText("str_rep");
                fields.optionalFlag("split");
                yield new Decoder.Metaspace(
                        fields.character("replacement"), scheme(fields) != PreTokenizer.Metaspace.Scheme.NEVER);
            }
            case "ByteFallback" -> new Decoder.ByteFallback();
            case "Fuse" -> new Decoder.Fuse();
            case "Replace" -> new Decoder.Replace(pattern(fields), fields.text("content"));
            case "Strip" -> new Decoder.Strip(fields.character("content"), fields.count("start"), fields.count("stop"));
            case "BPEDecoder" -> new Decoder.WordEnds(fields.text("suffix"));
            case "Sequence" -> new Decoder.Chain(chain(fields, "decoders", ComponentReader::decoder));
            default -> throw unknown(fields, type);
        };
        fields.finish();
        return decoder;
    }

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

    private static <T> List<T> chain(Fields fields, String name, Function<Fields, T> read) {
        return fields.list(name).stream().map(read).toList();
    }

    private static IllegalArgumentException unknown(Fields fields, String type) {
        return fields.refused("has the type " + Shown.quoted(type) + ", which is not done here");
    }
}
