/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the normalizer of a {@code tokenizer.json}, each by its type; one that is not known is refused by its name. */
final class NormalizerReader {

    private NormalizerReader() {}

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
            case "Replace" -> new Normalizer.Replace(PatternReader.pattern(fields), fields.text("content"));
            case "Prepend" -> new Normalizer.Prepend(fields.text("prepend"));
            case "ByteLevel" -> new Normalizer.Bytes();
            case "Sequence" -> new Normalizer.Chain(fields.chain("normalizers", NormalizerReader::normalizer));
            default -> throw fields.unknownType(type);
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
}
