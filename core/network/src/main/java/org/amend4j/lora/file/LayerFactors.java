/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdapterSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The factors of one adapter. The arrays are not copied; their owner must not change them while they are here.
 *
 * @param vertex name of the adapted vertex
 * @param layout how the rows of {@code a} are ordered over the inputs
 * @param spec rank, scaling and so on; its target is the vertex
 * @param peftExact whether PEFT computes the same layer; false for a convolution with dilation, causal padding, or "same"
 *     padding with a stride
 * @param a A: [inputs * kernel, rank], FLOAT or DOUBLE; loaded arrays are in F-order
 * @param b B: [rank, outputs], of the same type
 */
public record LayerFactors(
        String vertex, FactorLayout layout, AdapterSpec spec, boolean peftExact, INDArray a, INDArray b) {

    /** @throws IllegalArgumentException if the shapes or types do not fit together */
    public LayerFactors {
        Checks.name("the vertex of an adapter", vertex);
        Checks.present("the layout of '" + vertex + "'", layout);
        Checks.present("the spec of '" + vertex + "'", spec);
        if (!spec.target().equals(vertex)) {
            throw new IllegalArgumentException(
                    "the target of vertex '" + vertex + "' must be its name, got '" + spec.target() + "'");
        }
        ArrayChecks.floating("factor A of '" + vertex + "'", a);
        ArrayChecks.floating("factor B of '" + vertex + "'", b);
        if (a.rank() != 2 || b.rank() != 2 || a.size(1) != spec.rank() || b.size(0) != spec.rank()) {
            throw new IllegalArgumentException(
                    "the factors of '" + vertex + "' must be [rows, " + spec.rank() + "] and [" + spec.rank()
                            + ", outputs], got " + ArrayChecks.shape(a) + " and " + ArrayChecks.shape(b));
        }
        if (a.dataType() != b.dataType()) {
            throw new IllegalArgumentException(
                    "the factors of '" + vertex + "' must have one type, got " + a.dataType() + " and " + b.dataType());
        }
        if (a.size(0) % layout.kernelSize() != 0) {
            throw new IllegalArgumentException("the rows of factor A of '" + vertex
                    + "' must be a multiple of the kernel's size " + layout.kernelSize() + ", got " + a.size(0));
        }
    }

    /** Factors that PEFT computes exactly as we do. */
    public static LayerFactors of(FactorLayout layout, AdapterSpec spec, INDArray a, INDArray b) {
        return new LayerFactors(spec.target(), layout, spec, true, a, b);
    }

    /** Number of the layer's inputs: units of a dense layer, channels of a convolution. */
    public long inputs() {
        return a.size(0) / layout.kernelSize();
    }

    /** Number of the layer's outputs. */
    public long outputs() {
        return b.size(1);
    }

    /** Type of both factors. */
    public DataType dataType() {
        return a.dataType();
    }
}
