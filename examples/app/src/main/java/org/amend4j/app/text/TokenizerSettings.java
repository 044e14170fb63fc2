/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.app.job.Json;
import org.amend4j.text.Tokenizer;

/**
 * Tells Hugging Face's library to take a {@code tokenizer.json} as it is. Otherwise the library takes the class of the model's type, and
 * BERT's class puts texts into lower case, whatever the file says.
 */
final class TokenizerSettings {

    /** What tokens of encoders are called by their roles, in BERT's files and in RoBERTa's. */
    private static final Map<String, List<String>> ROLES = Map.of(
            "pad_token", List.of("[PAD]", "<pad>"),
            "unk_token", List.of("[UNK]", "<unk>"),
            "cls_token", List.of("[CLS]", "<s>"),
            "sep_token", List.of("[SEP]", "</s>"),
            "mask_token", List.of("[MASK]", "<mask>"));

    private TokenizerSettings() {}

    /**
     * Writes both files.
     *
     * @param json the bytes of a {@code tokenizer.json}
     * @param known what the model says of it
     */
    static void write(byte[] json, Map<String, String> known, Path folder) throws IOException {
        Map<String, String> settings = new TreeMap<>();
        settings.put("tokenizer_class", "PreTrainedTokenizerFast");
        opened(json)
                .ifPresent(tokenizer -> ROLES.forEach((role, names) -> names.stream()
                        .filter(name -> tokenizer.id(name).isPresent())
                        .findFirst()
                        .ifPresent(name -> settings.put(role, name))));
        settings.putAll(known);
        Files.write(folder.resolve("tokenizer.json"), json);
        Files.write(folder.resolve("tokenizer_config.json"), Json.text(settings).getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if it is one that only Hugging Face's library reads. */
    private static Optional<Tokenizer> opened(byte[] json) {
        try {
            return Optional.of(Tokenizer.read(new ByteArrayInputStream(json)));
        } catch (IOException | IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }
}
