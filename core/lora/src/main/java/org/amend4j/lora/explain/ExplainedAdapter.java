/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.Optional;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.config.WeightAdapter;

/**
 * An adapter as it would be.
 *
 * @param weight with the rank, alpha and scaling of its adapter
 * @param way how it would be computed
 * @param peft why PEFT does not compute exactly the same, the end of a sentence after its name; empty if it does
 * @param firstStep {@code s²·(‖A‖² + ‖B‖²)} at the start: how many times as far as a step on the weight itself, a step of gradient
 *     descent on the factors at the same rate moves the weight at most; empty if it depends on the weight or on data
 */
public record ExplainedAdapter(WeightAdapter weight, Way way, String peft, Optional<Double> firstStep) {

    /** How an adapter takes part in what its layer computes. */
    public enum Way {
        /** Two thin products beside the layer's own, on the same rows. */
        THROUGH_INPUT("through the input", "the layer is a product on rows, so x\u00b7A\u00b7B stands beside x\u00b7W"),
        /** The layer computes with another weight. */
        ADDS_TO_WEIGHT(
                "adds to the weight",
                "the layer uses its weight otherwise than in one product, so it computes with W + s\u00b7A\u00b7B");

        private final String words;
        private final String reason;

        Way(String words, String reason) {
            this.words = words;
            this.reason = reason;
        }

        /**
         * The way of a layer's adapters or biases: through the input where the layer's kind has such a layer, which of a table's rows
         * adds nothing but products.
         *
         * @param onInput the weight of a layer whose adapter works on its input, as {@link LayerKinds#weight}
         * @param factorsAlone whether nothing trains beside A and B
         */
        static Way of(Optional<WeightMatrix> onInput, boolean factorsAlone) {
            return onInput.filter(weight -> factorsAlone || !weight.isTable()).isPresent()
                    ? THROUGH_INPUT
                    : ADDS_TO_WEIGHT;
        }

        /** In three words. */
        public String words() {
            return words;
        }

        /** Why it is this one, in a sentence without a full stop. */
        public String reason() {
            return reason;
        }
    }

    static ExplainedAdapter of(WeightAdapter weight, WeightMatrix matrix, Way way) {
        return new ExplainedAdapter(weight, way, peft(matrix), StartingStep.factor(weight, matrix.isTable()));
    }

    private static String peft(WeightMatrix matrix) {
        if (matrix.isPeftExact()) {
            return "";
        }
        return matrix.kernel().isEmpty()
                ? "PEFT has no adapters for such weights"
                : "PEFT's adapter forgets the dilation, or pads otherwise";
    }

    /** The name of the weight. */
    public String name() {
        return weight.weight().name();
    }

    /** Deeplearning4j's key of the weight. */
    String key() {
        return weight.weight().parameter();
    }

    /** Whether PEFT computes exactly the same. */
    public boolean peftExact() {
        return peft.isEmpty();
    }
}
