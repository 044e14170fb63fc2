/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Names and shapes of the tensors that a configuration asks for; matrices are [outputs, inputs]. */
sealed interface ModelTensors permits DecoderTensors, Gpt2Tensors, EncoderTensors, VisionTensors {

    static ModelTensors of(TransformerConfig config) {
        if (config instanceof DecoderConfig decoder) {
            return new DecoderTensors(decoder);
        }
        if (config instanceof Gpt2Config gpt2) {
            return new Gpt2Tensors(gpt2);
        }
        return config instanceof VisionConfig vision
                ? new VisionTensors(vision)
                : new EncoderTensors((EncoderConfig) config);
    }

    /** The tensors outside of layers. */
    Map<String, List<Long>> outside();

    /** The tensors of a layer. */
    Map<String, List<Long>> ofLayer(int index);

    /** Tensors that are all there or all missing. */
    default Map<String, List<Long>> optional() {
        return Map.of();
    }

    /** Whether a tensor says nothing that is not known without it. */
    boolean isIgnored(String name);

    /** What files may have twice: a name, and that of the tensor that it must equal, or be there in place of. */
    default Map<String, String> copies() {
        return Map.of();
    }

    /** The name that is asked for, of one that a file has. */
    default String canonical(String stored) {
        return stored;
    }

    /** Whether files have a matrix as [inputs, outputs]. */
    default boolean isTurned(String name) {
        return false;
    }

    /** The shape that a tensor has in files. */
    default List<Long> storedShape(String name, List<Long> shape) {
        return isTurned(name) ? List.of(shape.get(1), shape.get(0)) : shape;
    }

    /** The transpose in C-order of a matrix [rows, columns]. */
    static float[] turned(float[] values, int rows, int columns) {
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return turned;
    }

    /** Shapes of modules. */
    final class Shapes {

        private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

        Shapes vector(String name, long size) {
            return tensor(name, size);
        }

        Shapes matrix(String name, long rows, long columns) {
            return tensor(name, rows, columns);
        }

        Shapes tensor(String name, long... shape) {
            shapes.put(name, LongStream.of(shape).boxed().toList());
            return this;
        }

        Shapes linear(String module, long outputs, long inputs, boolean biased) {
            matrix(module + ".weight", outputs, inputs);
            return biased ? vector(module + ".bias", outputs) : this;
        }

        Shapes norm(String module, long size) {
            return vector(module + ".weight", size).vector(module + ".bias", size);
        }

        Map<String, List<Long>> all() {
            return shapes;
        }
    }
}
