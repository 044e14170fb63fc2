/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.lora.file.FactorLayout;
import org.amend4j.lora.file.LayerFactors;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A LoRA adapter for decoders: what is added to the products of some linears, s·(x·A)·B. Sequences with different adapters are computed
 * side by side on one base.
 */
public final class DecoderAdapter {

    private final Map<String, LowRank> factors;

    private DecoderAdapter(Map<String, LowRank> factors) {
        this.factors = Map.copyOf(factors);
    }

    /**
     * Reads a folder, ours or PEFT's, whose layers are named like the checkpoint's modules.
     *
     * @throws IllegalArgumentException if it has more than factors of linears
     * @throws IOException if it cannot be read
     */
    public static DecoderAdapter read(Path directory) throws IOException {
        AdapterSummary summary = AdapterSummary.read(directory);
        if (summary.ours()) {
            return of(AdapterFile.read(directory));
        }
        Map<String, String> same = new TreeMap<>();
        summary.modules().forEach(module -> same.put(module.name(), module.name()));
        return of(AdapterFile.read(directory, same));
    }

    /**
     * An adapter's content.
     *
     * @throws IllegalArgumentException if it has more than factors of linears
     */
    public static DecoderAdapter of(AdapterContent content) {
        if (!content.fullLayers().isEmpty()
                || !content.biases().isEmpty()
                || !content.tokens().isEmpty()) {
            throw new IllegalArgumentException("an adapter for generation must have factors of linears only, this one"
                    + " also has layers trained in full, biases or tokens");
        }
        return new DecoderAdapter(
                content.factors().stream().collect(Collectors.toMap(LayerFactors::vertex, DecoderAdapter::lowRank)));
    }

    private static LowRank lowRank(LayerFactors layer) {
        if (layer.spec().scheme().hasMagnitude() || layer.spec().scheme().biasOnB()) {
            throw new IllegalArgumentException("an adapter for generation must have plain factors, '" + layer.vertex()
                    + "' has " + layer.spec().scheme());
        }
        if (!(layer.layout() instanceof FactorLayout.Dense)) {
            throw new IllegalArgumentException(
                    "an adapter for generation must be on linears, '" + layer.vertex() + "' is none");
        }
        int rank = layer.spec().rank();
        float[] up = turned(layer.b());
        Loops.scale(up, (float) layer.spec().scaling(), up.length);
        return new LowRank(
                Matrix.of(turned(layer.a()), rank, Math.toIntExact(layer.inputs())),
                Matrix.of(up, Math.toIntExact(layer.outputs()), rank));
    }

    /** The transpose in C-order. */
    private static float[] turned(INDArray factor) {
        return factor.transpose().dup('c').data().asFloat();
    }

    Optional<LowRank> factors(String module) {
        return Optional.ofNullable(factors.get(module));
    }

    void requireFit(List<Linear> linears) {
        Map<String, Linear> byName = linears.stream().collect(Collectors.toMap(Linear::module, linear -> linear));
        factors.forEach((module, some) -> {
            Linear linear = byName.get(module);
            if (linear == null) {
                throw new IllegalArgumentException("the adapter has factors of '" + module
                        + "', which the model does not have; it has "
                        + Checks.listed(linears.stream().map(Linear::module).toList()));
            }
            int inputs = linear.matrix().inputs();
            int outputs = linear.matrix().outputs();
            if (some.down().inputs() != inputs || some.up().outputs() != outputs) {
                throw new IllegalArgumentException("the adapter's factors of '" + module + "' are for " + "["
                        + some.up().outputs() + ", " + some.down().inputs() + "], the model's weight is [" + outputs
                        + ", " + inputs + "]");
            }
        });
    }
}
