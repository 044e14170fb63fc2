/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.List;
import org.amend4j.internal.validation.Checks;

/** How the rows of a factor A are ordered over a weight's inputs, and so what PEFT calls the factors. */
public sealed interface FactorLayout
        permits FactorLayout.Dense,
                FactorLayout.Conv1D,
                FactorLayout.Conv2D,
                FactorLayout.Conv3D,
                FactorLayout.Embedding,
                FactorLayout.Matrix {

    /** Sizes of the kernel; empty if it is no convolution's. */
    default List<Integer> kernel() {
        return List.of();
    }

    /** Number of rows of A per input. */
    default long kernelSize() {
        return kernel().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** Whether PEFT has adapters for such weights. */
    default boolean isPeft() {
        return true;
    }

    /** The layout with this kernel: none for dense, one size for 1D, two for 2D, three for 3D. */
    static FactorLayout ofKernel(List<Integer> kernel) {
        return switch (kernel.size()) {
            case 0 -> new Dense();
            case 1 -> new Conv1D(kernel.get(0));
            case 2 -> new Conv2D(kernel.get(0), kernel.get(1));
            case 3 -> new Conv3D(kernel.get(0), kernel.get(1), kernel.get(2));
            default -> throw new IllegalArgumentException("a kernel must have at most 3 sizes, got " + kernel);
        };
    }

    /** One row per input. */
    record Dense() implements FactorLayout {}

    /** Rows in (input, position) order of the effective kernel. */
    record Conv1D(int size) implements FactorLayout {
        public Conv1D {
            Checks.atLeast(1, "the size of a kernel", size);
        }

        @Override
        public List<Integer> kernel() {
            return List.of(size);
        }
    }

    /** Rows in (input, height, width) order. */
    record Conv2D(int height, int width) implements FactorLayout {
        public Conv2D {
            Checks.atLeast(1, "the height of a kernel", height);
            Checks.atLeast(1, "the width of a kernel", width);
        }

        @Override
        public List<Integer> kernel() {
            return List.of(height, width);
        }
    }

    /** Rows in (input, depth, height, width) order. */
    record Conv3D(int depth, int height, int width) implements FactorLayout {
        public Conv3D {
            Checks.atLeast(1, "the depth of a kernel", depth);
            Checks.atLeast(1, "the height of a kernel", height);
            Checks.atLeast(1, "the width of a kernel", width);
        }

        @Override
        public List<Integer> kernel() {
            return List.of(depth, height, width);
        }
    }

    /** One row per token of an embedding, whose vectors are rows of the weight. */
    record Embedding() implements FactorLayout {}

    /** One row per row of a matricised weight that PEFT does not know. */
    record Matrix() implements FactorLayout {
        @Override
        public boolean isPeft() {
            return false;
        }
    }
}
