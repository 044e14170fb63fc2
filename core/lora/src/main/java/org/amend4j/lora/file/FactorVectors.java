/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The vectors of an adapter beside its factors, one value per output. The arrays are not copied.
 *
 * @param magnitude DoRA's m: [outputs], or of any shape with as many values in their order
 * @param bias the bias of B, in the same way
 */
public record FactorVectors(Optional<INDArray> magnitude, Optional<INDArray> bias) {
    /** Factors alone. */
    public static final FactorVectors NONE = new FactorVectors(Optional.empty(), Optional.empty());

    public FactorVectors {
        magnitude.ifPresent(m -> ArrayChecks.floating("a magnitude", m));
        bias.ifPresent(b -> ArrayChecks.floating("a bias of B", b));
    }

    /** Only DoRA's magnitude. */
    public static FactorVectors ofMagnitude(INDArray magnitude) {
        return new FactorVectors(Optional.of(magnitude), Optional.empty());
    }

    /** Only a bias of B. */
    public static FactorVectors ofBias(INDArray bias) {
        return new FactorVectors(Optional.empty(), Optional.of(bias));
    }
}
