/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorFolder;
import org.amend4j.safetensors.TensorInfo;

/** Which tensor of a folder is which that a configuration asks for: each is there once, with its shape, and no other. */
final class TensorPlaces {

    private final TransformerConfig config;
    private final ModelTensors wanted;
    private final TensorFolder tensors;
    private final Map<String, String> stored = new HashMap<>();
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    private TensorPlaces(TransformerConfig config, TensorFolder tensors) {
        this.config = config;
        this.wanted = ModelTensors.of(config);
        this.tensors = tensors;
    }

    /** @throws CheckpointException if a tensor is missing, has another shape or type, or has no place */
    static TensorPlaces of(TransformerConfig config, TensorFolder tensors) throws CheckpointException {
        TensorPlaces places = new TensorPlaces(config, tensors);
        places.find();
        return places;
    }

    /** Layer by layer, so that a configuration that claims a milliard of them is refused at the first that is missing. */
    private void find() throws CheckpointException {
        for (String name : tensors.tensors().keySet()) {
            String other = stored.put(wanted.canonical(name), name);
            if (other != null) {
                throw new CheckpointException(
                        tensors.path(),
                        "the tensors " + Printable.quoted(other) + " and " + Printable.quoted(name) + " are the same");
            }
        }
        wanted.copies().forEach((copy, original) -> {
            if (stored.containsKey(copy) && !stored.containsKey(original)) {
                stored.put(original, Objects.requireNonNull(stored.remove(copy)));
            }
        });
        require(wanted.outside());
        if (wanted.optional().keySet().stream().anyMatch(stored::containsKey)) {
            require(wanted.optional());
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            require(wanted.ofLayer(layer));
        }
        for (Map.Entry<String, String> found : stored.entrySet()) {
            if (!shapes.containsKey(found.getKey()) && !wanted.isIgnored(found.getKey())) {
                throw new CheckpointException(
                        tensors.path(),
                        "the tensor " + Printable.quoted(found.getValue()) + " has no place in a " + config.modelType()
                                + " model with this config.json");
            }
        }
    }

    private void require(Map<String, List<Long>> some) throws CheckpointException {
        for (Map.Entry<String, List<Long>> entry : some.entrySet()) {
            String name = "the tensor " + Printable.quoted(entry.getKey());
            if (!stored.containsKey(entry.getKey())) {
                throw new CheckpointException(tensors.path(), name + " is missing");
            }
            TensorInfo tensor = Objects.requireNonNull(tensors.tensors().get(stored(entry.getKey())));
            List<Long> shape = wanted.storedShape(entry.getKey(), entry.getValue());
            if (!tensor.shape().equals(shape)) {
                throw new CheckpointException(
                        tensors.path(),
                        name + " must have the shape " + shape + " by config.json, got " + tensor.shape());
            }
            if (!tensor.dtype().fitsFloat()) {
                throw new CheckpointException(
                        tensors.path(), name + " must be of F32, F16 or BF16, got " + tensor.dtype());
            }
            shapes.put(entry.getKey(), entry.getValue());
        }
    }

    /** Whether the folder has a matrix as [inputs, outputs]. */
    boolean isTurned(String name) {
        return wanted.isTurned(name);
    }

    /** The name in the folder of a tensor that was asked for. */
    String stored(String name) {
        return Objects.requireNonNull(stored.get(name), name);
    }

    /** Those that were asked for. */
    Map<String, List<Long>> shapes() {
        return Collections.unmodifiableMap(shapes);
    }
}
