/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

/**
 * Module paths of an encoder's layer, x = attentionNorm(x + output(attention x)), then x = norm(x + narrow(a(wide x))).
 *
 * @param attention the module of attention, which has no weights of its own
 * @param attended the first sum, which is no module, as {@code result}, the second
 */
public record EncoderLayerNames(
        String attention,
        String query,
        String key,
        String value,
        String output,
        String attended,
        String attentionNorm,
        String wide,
        String narrow,
        String result,
        String norm) {

    /** @param layer the module path of the layer, with a point behind */
    static EncoderLayerNames bert(String layer) {
        String self = layer + "attention.self";
        return new EncoderLayerNames(
                self,
                self + ".query",
                self + ".key",
                self + ".value",
                layer + "attention.output.dense",
                layer + "attention.output",
                layer + "attention.output.LayerNorm",
                layer + "intermediate.dense",
                layer + "output.dense",
                layer + "output",
                layer + "output.LayerNorm");
    }

    /** @param layer the module path of the layer, with a point behind */
    static EncoderLayerNames distilBert(String layer) {
        String attention = layer + "attention";
        return new EncoderLayerNames(
                attention,
                attention + ".q_lin",
                attention + ".k_lin",
                attention + ".v_lin",
                attention + ".out_lin",
                layer + "attended",
                layer + "sa_layer_norm",
                layer + "ffn.lin1",
                layer + "ffn.lin2",
                layer + "result",
                layer + "output_layer_norm");
    }
}
