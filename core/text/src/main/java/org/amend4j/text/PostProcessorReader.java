/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.internal.text.Shown;

/** Reads the post-processor of a {@code tokenizer.json}, each by its type; one that is not known is refused by its name. */
final class PostProcessorReader {

    private PostProcessorReader() {}

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
            case "Sequence" -> new PostProcessor.Chain(fields.chain("processors", PostProcessorReader::postProcessor));
            default -> throw fields.unknownType(type);
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
        Map<String, List<PostProcessor.Template.Piece.Special>> specials = new HashMap<>();
        fields.object("special_tokens").objects().forEach((id, special) -> specials.put(id, specials(special)));
        return new PostProcessor.Template(
                pieces(fields.list("single"), specials), pieces(fields.list("pair"), specials));
    }

    private static List<PostProcessor.Template.Piece> pieces(
            List<Fields> written, Map<String, List<PostProcessor.Template.Piece.Special>> specials) {
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
                for (PostProcessor.Template.Piece.Special each : specials.get(id)) {
                    pieces.add(new PostProcessor.Template.Piece.Special(each.id(), each.token(), type));
                }
            } else {
                throw piece.refused("must be Sequence A or B or one of special_tokens, got " + Shown.quoted(kind) + " "
                        + Shown.quoted(id));
            }
        }
        return pieces;
    }

    private static List<PostProcessor.Template.Piece.Special> specials(Fields special) {
        special.text("id");
        JsonNode ids = special.required("ids");
        JsonNode tokens = special.required("tokens");
        special.finish();
        if (!ids.isArray() || !tokens.isArray() || ids.size() != tokens.size()) {
            throw special.refused("must have as many ids as tokens");
        }
        List<PostProcessor.Template.Piece.Special> specials = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            specials.add(new PostProcessor.Template.Piece.Special(
                    Fields.countOf(special.place() + ".ids", ids.get(i)),
                    Fields.textOf(special.place() + ".tokens", tokens.get(i)),
                    0));
        }
        return specials;
    }
}
