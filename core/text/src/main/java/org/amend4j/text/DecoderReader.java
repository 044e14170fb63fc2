/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** Reads the decoder of a {@code tokenizer.json}, each by its type; one that is not known is refused by its name. */
final class DecoderReader {

    private DecoderReader() {}

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
                        fields.character("replacement"),
                        PreTokenizerReader.scheme(fields) != PreTokenizer.Metaspace.Scheme.NEVER);
            }
            case "ByteFallback" -> new Decoder.ByteFallback();
            case "Fuse" -> new Decoder.Fuse();
            case "Replace" -> new Decoder.Replace(PatternReader.pattern(fields), fields.text("content"));
            case "Strip" -> new Decoder.Strip(fields.character("content"), fields.count("start"), fields.count("stop"));
            case "BPEDecoder" -> new Decoder.WordEnds(fields.text("suffix"));
            case "Sequence" -> new Decoder.Chain(fields.chain("decoders", DecoderReader::decoder));
            default -> throw fields.unknownType(type);
        };
        fields.finish();
        return decoder;
    }
}
