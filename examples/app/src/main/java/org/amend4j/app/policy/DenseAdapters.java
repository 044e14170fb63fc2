/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.PolicyGraphs;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/** Adapters on all dense layers of a policy's network, also on those that are outputs. */
final class DenseAdapters {

    private DenseAdapters() {}

    /**
     * The configuration. Where a layer is narrower than the rank, its adapter is as wide as the layer, with the same scaling.
     *
     * @param value whether a value is learned; else layers of the value alone get no adapter
     * @throws BadInputException if there is no dense layer, or a number is out of its range
     */
    static LoraConfig config(BaseModel base, int rank, double alpha, boolean value) {
        Map<String, Integer> widths = widths(base, value);
        if (widths.isEmpty()) {
            throw new BadInputException(
                    "--adapter-of: an adapter needs a dense layer in the policy's network, got none");
        }
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        widths.forEach((layer, width) -> {
            if (width < rank) {
                ranks.put(layer, width);
                alphas.put(layer, alpha * width / rank);
            }
        });
        try {
            return LoraConfig.of(rank, alpha)
                    .withTargets(widths.keySet().toArray(String[]::new))
                    .withRankPattern(ranks)
                    .withAlphaPattern(alphas);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("--rank: " + bad.getMessage(), bad);
        }
    }

    /** The smaller side of each dense layer's weights. */
    private static Map<String, Integer> widths(BaseModel base, boolean value) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        base.configuration().getVertices().forEach((name, vertex) -> {
            if (vertex instanceof LayerVertex layer && (value || !PolicyGraphs.isOfValue(name))) {
                LayerKinds.weight(layer.getLayerConf().getLayer())
                        .filter(weight -> weight.kernel().isEmpty())
                        .ifPresent(weight -> widths.put(name, (int) Math.min(weight.rows(), weight.columns())));
            }
        });
        return widths;
    }
}
