/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Locale;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;
import org.amend4j.model.Fingerprint;

/**
 * Which parameters are trained and which are not.
 *
 * @param base fingerprint of the base model
 * @param trainable trainable parameters, counted from the graph's own vector
 * @param total parameters of the base plus those of the adapters; a layer or bias of the base that trains counts once, and so does a table
 *     that is a head's weight too
 * @param layers one entry per layer or other vertex with parameters, in topological order; where several weights of a layer can
 *     have adapters, each that has one has an entry of its own, before that of the layer's other parameters
 */
public record AdapterReport(Fingerprint base, long trainable, long total, List<LayerReport> layers)
        implements HtmlView {

    /** How a layer takes part in training. */
    public enum Status {
        /** Below everything that trains: no backward pass, activations can be cached. */
        PREFIX,
        /** Frozen, but gradients pass through. */
        FROZEN,
        /** Has an adapter. */
        ADAPTED,
        /** Has none, but its biases train with the adapters. */
        BIASES,
        /** An embedding without one, some of whose tokens train with the adapters. */
        TOKENS,
        /** All its own parameters train. */
        TRAINED_IN_FULL
    }

    /**
     * One layer, or another vertex with parameters.
     *
     * @param name vertex name
     * @param type Deeplearning4j's layer or vertex type
     * @param status how it takes part
     * @param baseParameters its parameters in the base
     * @param trainable its trainable parameters
     * @param rank rank of its adapter, 0 without one
     * @param scaling the factor s on A·B, 0 without an adapter
     */
    public record LayerReport(
            String name, String type, Status status, long baseParameters, long trainable, int rank, double scaling) {}

    public AdapterReport {
        layers = List.copyOf(layers);
    }

    /** Trainable share in percent. */
    public double trainablePercent() {
        return 100.0 * trainable / total;
    }

    /** One line, as PEFT prints it. */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "trainable params: %,d || all params: %,d || trainable%%: %.4f",
                trainable,
                total,
                trainablePercent());
    }

    /** The summary, and a row for each layer that trains. */
    @Override
    public String toHtml() {
        HtmlTable table = HtmlTable.of("layer", "type", "status", "rank", "scaling", "parameters", "trainable");
        for (LayerReport layer : layers) {
            if (layer.trainable() > 0) {
                table = table.row(
                        layer.name(),
                        layer.type(),
                        layer.status().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        layer.rank(),
                        layer.scaling(),
                        layer.baseParameters(),
                        layer.trainable());
            }
        }
        return Html.fragment().element("p", summary()).view(table).markup();
    }
}
