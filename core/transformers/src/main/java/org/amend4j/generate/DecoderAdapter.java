/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.FactorLayout;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.lora.file.TrainedBias;
import org.amend4j.lora.file.TrainedTokens;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A LoRA adapter for decoders: factors of linears and embeddings, plain, with DoRA's magnitudes or with a bias on B, biases in place of
 * the base's, and rows of trained tokens. Sequences with different adapters are computed side by side on one base.
 */
public final class DecoderAdapter {

    private final Map<String, Factors> linears;
    private final Map<String, Factors> lookups;
    private final Map<String, Map<Integer, float[]>> tokens;
    private final Map<String, float[]> biases;

    /**
     * What an adapter has of a weight.
     *
     * @param added s·A·B
     * @param magnitudes DoRA's; empty without
     * @param biasOnB times s; empty without
     */
    record Factors(LowRank added, Optional<float[]> magnitudes, Optional<float[]> biasOnB) {

        /** By what DoRA scales the results of a weight, given by its rows. */
        Optional<float[]> scales(Table weight, int rows) {
            return magnitudes.map(some -> ColumnScales.of(some, weight, rows, added));
        }
    }

    private DecoderAdapter(
            Map<String, Factors> linears,
            Map<String, Factors> lookups,
            Map<String, Map<Integer, float[]>> tokens,
            Map<String, float[]> biases) {
        this.linears = Map.copyOf(linears);
        this.lookups = Map.copyOf(lookups);
        this.tokens = Map.copyOf(tokens);
        this.biases = Map.copyOf(biases);
    }

    /**
     * Reads a folder, ours or PEFT's, whose layers are named like the checkpoint's modules.
     *
     * @throws IllegalArgumentException if it has layers trained in full, or factors of other layers
     * @throws IOException if it cannot be read
     */
    public static DecoderAdapter read(Path directory) throws IOException {
        return of(AdapterFile.readAsNamed(directory));
    }

    /**
     * An adapter's content.
     *
     * @throws IllegalArgumentException if it has layers trained in full, or factors of other layers
     */
    public static DecoderAdapter of(AdapterContent content) {
        if (!content.fullLayers().isEmpty()) {
            List<String> others =
                    content.fullLayers().stream().map(FullLayer::vertex).toList();
            throw new IllegalArgumentException("an adapter for generation must have factors, biases and trained tokens"
                    + " only, this one also has layers trained in full (" + Checks.listed(others)
                    + "): merge it into its base instead");
        }
        Map<String, Factors> linears = new HashMap<>();
        Map<String, Factors> lookups = new HashMap<>();
        for (LayerFactors layer : content.factors()) {
            if (layer.layout() instanceof FactorLayout.Dense) {
                linears.put(layer.name(), factors(layer));
            } else if (layer.layout() instanceof FactorLayout.Embedding) {
                lookups.put(layer.name(), factors(layer));
            } else {
                throw new IllegalArgumentException(
                        "an adapter for generation must be on linears and embeddings, '" + layer.name() + "' is none");
            }
        }
        Map<String, float[]> biases =
                content.biases().stream().collect(Collectors.toMap(TrainedBias::vertex, bias -> values(bias.values())));
        Map<String, Map<Integer, float[]>> tokens =
                content.tokens().stream().collect(Collectors.toMap(TrainedTokens::vertex, DecoderAdapter::rows));
        return new DecoderAdapter(linears, lookups, tokens, biases);
    }

    private static Map<Integer, float[]> rows(TrainedTokens tokens) {
        Map<Integer, float[]> rows = new TreeMap<>();
        for (int i = 0; i < tokens.indices().size(); i++) {
            rows.put(tokens.indices().get(i), values(tokens.rows().getRow(i)));
        }
        return rows;
    }

    private static Factors factors(LayerFactors layer) {
        int rank = layer.spec().rank();
        float[] up = values(layer.b().transpose());
        Loops.scale(up, (float) layer.spec().scaling(), up.length);
        LowRank added = new LowRank(
                TurnedMatrix.of(values(layer.a().transpose()), rank, Math.toIntExact(layer.inputs())),
                TurnedMatrix.of(up, Math.toIntExact(layer.outputs()), rank));
        Optional<float[]> biasOnB = layer.vectors().bias().map(DecoderAdapter::values);
        biasOnB.ifPresent(bias -> Loops.scale(bias, (float) layer.spec().scaling(), bias.length));
        return new Factors(added, layer.vectors().magnitude().map(DecoderAdapter::values), biasOnB);
    }

    /** A copy in C-order. */
    private static float[] values(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    /** Factors of linears, by their paths in the model. */
    Map<String, Factors> linears() {
        return linears;
    }

    /** Factors of embeddings, by their paths in the model. */
    Map<String, Factors> lookups() {
        return lookups;
    }

    /** Rows of trained tokens, by token, by their embeddings' paths in the model. */
    Map<String, Map<Integer, float[]>> tokens() {
        return tokens;
    }

    /** Biases in place of the base's, by their layers' paths in the model. */
    Map<String, float[]> biases() {
        return biases;
    }

    /** Whether it has a bias, in place of the base's or on B. */
    boolean hasBiases() {
        return !biases.isEmpty()
                || linears.values().stream().anyMatch(some -> some.biasOnB().isPresent());
    }
}
