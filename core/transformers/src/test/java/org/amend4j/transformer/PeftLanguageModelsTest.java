/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.DecoderAdapter;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.transformer.TokenArrays;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.TensorInfo;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Adapters of PEFT on language models compute as there: trained tokens, of a tied table too, and biases on B of layers that have none. */
class PeftLanguageModelsTest {

    /** Of the largest logit: norms and rotary tables of the peer are in single precision, its numbers have ten digits. */
    private static final double PEER = 1e-6;

    /** The same of logits that are computed in single precision. */
    private static final double SINGLE = 1e-5;

    @TempDir
    private Path temp;

    private Path golden = Path.of("");

    @BeforeEach
    void find() throws URISyntaxException {
        golden = Path.of(Objects.requireNonNull(PeftLanguageModelsTest.class.getResource("peft"))
                .toURI());
    }

    private TransformerModel model(String adapter, DataType type) throws IOException {
        return TransformerModel.open(
                golden.resolve(reference(adapter).path("base").asText()), type);
    }

    private JsonNode reference(String adapter) throws IOException {
        return new JsonMapper()
                .readTree(golden.resolve(adapter + "/reference.json").toFile());
    }

    private AdaptedModel adapted(String adapter, BaseModel base) throws IOException {
        FineTuneConfiguration training =
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build();
        return AdaptedModel.load(base, golden.resolve(adapter), ModuleMap.bySameNames(), training);
    }

    private INDArray tokens(String adapter, DataType type) throws IOException {
        return TokenArrays.of(type, texts(adapter));
    }

    private List<int[]> texts(String adapter) throws IOException {
        List<int[]> texts = new ArrayList<>();
        reference(adapter)
                .path("input_ids")
                .forEach(ids -> texts.add(IntStream.range(0, ids.size())
                        .map(i -> ids.path(i).asInt())
                        .toArray()));
        return texts;
    }

    private void requireLogits(String adapter, double[] found, double tolerance) throws IOException {
        JsonNode expected = reference(adapter).path("logits");
        assertEquals(expected.size(), found.length);
        double largest = 0;
        double apart = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(expected.path(i).asDouble()));
            apart = Math.max(apart, Math.abs(expected.path(i).asDouble() - found[i]));
        }
        assertTrue(apart <= tolerance * largest, adapter + ": " + apart + " of " + largest);
    }

    private static double[] rows(INDArray logits) {
        return logits.dup('c').data().asDouble();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens", "tokens-tied"})
    void anAdapterOfPeftComputesAsThereMergedAndSwitchedOffToo(String adapter) throws IOException {
        TransformerModel model = model(adapter, DataType.DOUBLE);
        BaseModel base = BaseModel.of(model.graph());
        AdaptedModel adapted = adapted(adapter, base);
        INDArray tokens = tokens(adapter, DataType.DOUBLE);
        requireLogits(adapter, rows(adapted.graph().outputSingle(tokens)), PEER);
        requireLogits(adapter, rows(adapted.merge().network().outputSingle(tokens)), PEER);
        try (AdapterScope off = adapted.disable()) {
            assertTrue(ArrayBytes.same(
                    model.graph().outputSingle(tokens), adapted.graph().outputSingle(tokens)));
        }
    }

    @Test
    void rowsThatWentApartFromThoseOfATiedHeadAreNeitherSavedNorMerged() throws IOException {
        AdaptedModel adapted = adapted(
                "tokens-tied", BaseModel.of(model("tokens-tied", DataType.FLOAT).graph()));
        adapted.graph().setListeners();
        INDArray tokens = tokens("tokens-tied", DataType.FLOAT);
        adapted.graph().fit(new DataSet(tokens, Nd4j.ones(tokens.size(0), tokens.size(2))));
        String rule = "the trained tokens of 'model.embed_tokens' and of its head 'lm_head' must be the same";
        refused(IllegalStateException.class, rule, () -> adapted.save(temp.resolve("saved")));
        refused(IllegalStateException.class, rule, adapted::merge);
        assertFalse(Files.exists(temp.resolve("saved")));
    }

    /** PEFT merges no such adapter, either. */
    @Test
    void aBiasOnBOfALayerWithoutOneComputesAsThereAndIsNotMerged() throws IOException {
        String adapter = "bias-on-b-without-bias";
        AdaptedModel adapted =
                adapted(adapter, BaseModel.of(model(adapter, DataType.DOUBLE).graph()));
        requireLogits(adapter, rows(adapted.graph().outputSingle(tokens(adapter, DataType.DOUBLE))), PEER);
        refused("has no bias that the bias on B could be merged into", adapted::merge);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens", "tokens-tied", "bias-on-b-without-bias"})
    void aDecoderForGenerationComputesAsThere(String adapter) throws IOException {
        Decoder decoder =
                Decoder.open(golden.resolve(reference(adapter).path("base").asText()));
        DecoderAdapter read = DecoderAdapter.read(golden.resolve(adapter));
        List<Double> logits = new ArrayList<>();
        for (int[] text : texts(adapter)) {
            for (float[] row : decoder.appendAll(decoder.begin(Optional.of(read)), text)) {
                for (float logit : row) {
                    logits.add((double) logit);
                }
            }
        }
        requireLogits(adapter, logits.stream().mapToDouble(logit -> logit).toArray(), SINGLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokens", "tokens-tied"})
    void mergedIntoAFolderTheTableIsTiedAsBefore(String adapter) throws IOException {
        TransformerModel model = model(adapter, DataType.DOUBLE);
        AdaptedModel adapted = adapted(adapter, BaseModel.of(model.graph()));
        TransformerModel merged = model.with(adapted.merge().network());
        merged.save(temp.resolve("merged"));
        assertEquals(
                ((CausalConfig) model.config()).tiedEmbeddings(), ((CausalConfig) merged.config()).tiedEmbeddings());
        INDArray tokens = tokens(adapter, DataType.FLOAT);
        INDArray again = TransformerModel.open(temp.resolve("merged"), DataType.FLOAT)
                .graph()
                .outputSingle(tokens);
        assertEquals(
                0,
                merged.graph()
                        .outputSingle(tokens(adapter, DataType.DOUBLE))
                        .castTo(DataType.FLOAT)
                        .sub(again)
                        .amaxNumber()
                        .doubleValue(),
                2e-5);
    }

    /** What is trained is what PEFT counts, and what it writes. */
    @ParameterizedTest
    @ValueSource(strings = {"tokens", "tokens-tied"})
    void itIsWrittenAgainWithTheSameTensorsAndRowsCountOnce(String adapter) throws IOException {
        AdaptedModel adapted =
                adapted(adapter, BaseModel.of(model(adapter, DataType.FLOAT).graph()));
        adapted.saveForPeft(temp.resolve("again"));
        Map<String, INDArray> written = tensors(temp.resolve("again"));
        assertEquals(tensors(golden.resolve(adapter)), written);
        long factors = 2 * (4 * 48 + 48 * 4 + 4 * 48 + 24 * 4);
        assertEquals(factors + 3 * 48, adapted.report().trainable());
    }

    private static Map<String, INDArray> tensors(Path folder) throws IOException {
        Map<String, INDArray> tensors = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
            for (TensorInfo tensor : file.tensors().values()) {
                long[] shape = tensor.shape().stream().mapToLong(size -> size).toArray();
                tensors.put(
                        tensor.name(),
                        Nd4j.createFromArray(file.readFloats(tensor.name())).reshape(shape));
            }
        }
        return tensors;
    }
}
