/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.testkit.TinyOnnx;
import org.amend4j.text.BytePairTraining;

/** Folders with a small random model of 270 tokens and 64 positions, and a tokenizer that has learned from two sentences. */
final class TinyLanguageModel {

    static final String END = "<|end|>";
    static final int TOKENS = 270;

    private TinyLanguageModel() {}

    /** Its checkpoint; the end of texts has the id of the tokenizer's only special token. */
    static TinyCheckpoint checkpoint() {
        return TinyCheckpoint.llama(5)
                .with("vocab_size", TOKENS)
                .with("bos_token_id", null)
                .with("eos_token_id", null);
    }

    static void write(Path folder) throws IOException {
        checkpoint().filled().write(Files.createDirectories(folder));
        writeTokenizer(folder, TOKENS);
    }

    /** A small random GPT-2 instead, with the same tokenizer. */
    static void writeGpt2(Path folder) throws IOException {
        TinyCheckpoint.gpt2(5)
                .with("vocab_size", TOKENS)
                .with("bos_token_id", null)
                .with("eos_token_id", null)
                .filled()
                .write(Files.createDirectories(folder));
        writeTokenizer(folder, TOKENS);
    }

    /** A small random encoder without a head instead, with the same tokenizer. */
    static void writeEncoder(Path folder) throws IOException {
        encoder().write(Files.createDirectories(folder));
        writeTokenizer(folder, TOKENS);
    }

    static TinyCheckpoint encoder() {
        return TinyCheckpoint.bert(5).with("vocab_size", TOKENS).filled();
    }

    /** That encoder as an ONNX file, without its pooler. */
    static byte[] exportedEncoder() {
        TinyCheckpoint tiny = TinyCheckpoint.bert(5)
                .with("vocab_size", TOKENS)
                .filled()
                .drop("pooler.dense.weight")
                .drop("pooler.dense.bias");
        return TinyOnnx.model(TinyOnnx.of(tiny, 4, 1e-12f)).toByteArray();
    }

    static void writeTokenizer(Path folder, int size) throws IOException {
        new BytePairTraining(size, List.of(END))
                .train(List.of("the cat sat on the mat and the hat", "a bat and a rat ate the oat"))
                .save(folder.resolve("tokenizer.json"));
    }
}
