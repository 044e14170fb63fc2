/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.internal.validation.Checks;
import org.amend4j.model.TorchLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer that was trained in full. The arrays are not copied; their owner must not change them while they are here.
 *
 * @param vertex name of the vertex
 * @param kind what its parameters mean
 * @param parameters its arrays under Deeplearning4j's names and in its shapes, FLOAT or DOUBLE; sorted by name
 */
public record FullLayer(String vertex, TorchLayer kind, Map<String, INDArray> parameters) {

    /** @throws IllegalArgumentException if an array does not belong to this kind of layer */
    public FullLayer {
        Checks.name("the vertex of a layer trained in full", vertex);
        Checks.present("the kind of '" + vertex + "'", kind);
        parameters = Collections.unmodifiableMap(
                new TreeMap<>(Checks.ordered("the parameters of '" + vertex + "'", parameters)));
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException("the layer '" + vertex + "' trained in full must have parameters");
        }
        parameters.forEach((name, array) -> ArrayChecks.floating(name + " of '" + vertex + "'", array));
        StoredTensor.ofFull(vertex, kind, StoredTensor.shapes(parameters));
    }
}
