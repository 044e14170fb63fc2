/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Optional;

/**
 * Module paths of a vision transformer's layer, x = x + scale(output(attention(norm x))), then x = x + scale(narrow(a(wide(norm x)))).
 *
 * @param attention the module of attention, which has no weights of its own
 * @param attentionScale the module that scales what attention adds, if there is one
 * @param attended the first sum, which is no module, as {@code result}, the second
 * @param feedForward the module of the feed-forward part, if it is one
 * @param feedForwardScale the module that scales what the feed-forward part adds, if there is one
 */
public record VisionLayerNames(
        String normBefore,
        String attention,
        String query,
        String key,
        String value,
        String output,
        Optional<String> attentionScale,
        String attended,
        String normAfter,
        Optional<String> feedForward,
        String wide,
        String narrow,
        Optional<String> feedForwardScale,
        String result) {

    /** The tensor of a module that scales. */
    static final String LAMBDA = ".lambda1";

    /** @param layer the module path of the layer, with a point behind */
    static VisionLayerNames of(VisionFamily family, String layer) {
        return family instanceof VisionFamily.Dinov2 dino ? dinov2(layer, dino.isGated()) : vit(layer);
    }

    private static VisionLayerNames vit(String layer) {
        String self = layer + "attention.attention";
        return new VisionLayerNames(
                layer + "layernorm_before",
                self,
                self + ".query",
                self + ".key",
                self + ".value",
                layer + "attention.output.dense",
                Optional.empty(),
                layer + "attended",
                layer + "layernorm_after",
                Optional.empty(),
                layer + "intermediate.dense",
                layer + "output.dense",
                Optional.empty(),
                layer + "result");
    }

    private static VisionLayerNames dinov2(String layer, boolean gated) {
        String self = layer + "attention.attention";
        String feedForward = layer + "mlp";
        return new VisionLayerNames(
                layer + "norm1",
                self,
                self + ".query",
                self + ".key",
                self + ".value",
                layer + "attention.output.dense",
                Optional.of(layer + "layer_scale1"),
                layer + "attended",
                layer + "norm2",
                Optional.of(feedForward),
                feedForward + (gated ? ".weights_in" : ".fc1"),
                feedForward + (gated ? ".weights_out" : ".fc2"),
                Optional.of(layer + "layer_scale2"),
                layer + "result");
    }
}
