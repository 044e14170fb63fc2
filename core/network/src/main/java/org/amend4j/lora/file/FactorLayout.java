/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.List;
import org.amend4j.internal.validation.Checks;

/** How the rows of a factor A are ordered over a layer's inputs. */
public sealed interface FactorLayout permits FactorLayout.Dense, FactorLayout.Conv1D, FactorLayout.Conv2D {

    /** Sizes of the kernel; empty for a dense layer. */
    List<Integer> kernel();

    /** Number of rows of A per input. */
    default long kernelSize() {
        return kernel().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** The layout with this kernel: none for dense, one size for 1D, two for 2D. */
    static FactorLayout ofKernel(List<Integer> kernel) {
        return switch (kernel.size()) {
            case 0 -> new Dense();
            case 1 -> new Conv1D(kernel.get(0));
            case 2 -> new Conv2D(kernel.get(0), kernel.get(1));
            default -> throw new IllegalArgumentException("a kernel must have at most 2 sizes, got " + kernel);
        };
    }

    /** One row per input. */
    record Dense() implements FactorLayout {
        @Override
        public List<Integer> kernel() {
            return List.of();
        }
    }

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
}
