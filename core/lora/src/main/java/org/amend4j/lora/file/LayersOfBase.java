/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.model.BaseModel;
import org.amend4j.model.TorchLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layers trained in full by others as the base has them: the tensor of a table looks like that of a linear layer, whose rows are outputs, and
 * norms' vectors have one dimension.
 */
final class LayersOfBase {

    private static final String WEIGHT = "W";

    private LayersOfBase() {}

    static FullLayer as(FullLayer layer, BaseModel base) {
        TorchLayer kind = GraphLayers.layer(base.configuration(), layer.vertex())
                .map(Unfrozen::of)
                .map(LayerKinds::torch)
                .orElse(TorchLayer.OTHER);
        if (kind == TorchLayer.EMBEDDING
                && layer.kind() == TorchLayer.DENSE
                && layer.parameters().keySet().equals(Set.of(WEIGHT))) {
            INDArray turned =
                    Objects.requireNonNull(layer.parameters().get(WEIGHT)).transpose();
            return new FullLayer(layer.vertex(), kind, Map.of(WEIGHT, turned));
        }
        return kind == TorchLayer.ROW_NORM && layer.kind() == kind ? inShape(layer, base) : layer;
    }

    private static FullLayer inShape(FullLayer norm, BaseModel base) {
        Map<String, INDArray> ofBase = base.parameters(norm.vertex());
        Map<String, INDArray> shaped = new TreeMap<>();
        norm.parameters().forEach((key, vector) -> {
            INDArray like = ofBase.get(key);
            shaped.put(key, like != null && like.length() == vector.length() ? vector.reshape(like.shape()) : vector);
        });
        return new FullLayer(norm.vertex(), norm.kind(), shaped);
    }
}
