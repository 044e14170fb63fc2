/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.app.files.WholeFile;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.SpecialIds;
import org.amend4j.data.BadInputException;
import org.amend4j.gguf.GgufKeys;
import org.amend4j.gguf.GgufType;
import org.amend4j.text.GgufVocabulary;
import org.amend4j.text.chat.ChatTemplate;
import org.amend4j.transformer.TransformerModel;

/** A language model as a GGUF file, with the tokenizer and the chat template of its base. */
public final class ExportedGguf {

    private ExportedGguf() {}

    /**
     * Writes the file, whole or not at all.
     *
     * @param base the folder or GGUF file that has the tokenizer
     * @throws BadInputException if GGUF cannot say what the model computes, or how its tokenizer divides texts
     */
    public static void write(Path base, TransformerModel model, GgufType type, Path file) throws IOException {
        if (!(model.config() instanceof CausalConfig decoder)) {
            throw new BadInputException("--gguf is for language models, and a model of the type '"
                    + model.config().modelType() + "' is none");
        }
        try {
            GgufKeys keys = keys(base, decoder);
            WholeFile.write(file, temporary -> {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
                    model.writeGguf(out, type, keys);
                }
            });
        } catch (IllegalArgumentException unsaid) {
            throw new BadInputException("the model cannot be written to " + file + ": " + unsaid.getMessage(), unsaid);
        }
    }

    private static GgufKeys keys(Path base, CausalConfig decoder) throws IOException {
        SpecialIds ids = decoder.usableIds();
        GgufVocabulary vocabulary = new GgufVocabulary(
                ids.start(),
                ids.ends(),
                ids.padding(),
                Vocabulary.template(base).map(ChatTemplate::source));
        return vocabulary.keys(Vocabulary.json(base, decoder.vocabulary()), decoder.vocabulary());
    }
}
