/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.network.Activation;
import org.amend4j.transformer.LanguageModelHead;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The parameters of a {@link LanguageModelHead}, or the derivatives there.
 *
 * @param weight [d, vocabulary]
 * @param bias [vocabulary]; empty if nothing is added to logits
 */
record HeadParameters(INDArray weight, Optional<INDArray> bias) {

    /** By the layer's keys. */
    static HeadParameters of(Map<String, INDArray> arrays) {
        return new HeadParameters(
                Objects.requireNonNull(arrays.get(LanguageModelHead.WEIGHT), LanguageModelHead.WEIGHT),
                Optional.ofNullable(arrays.get(LanguageModelHead.BIAS)));
    }

    /** {@code x·W + b}. */
    void logits(INDArray x, INDArray z) {
        Nd4j.gemm(x, weight, z, false, false, 1, 0);
        bias.ifPresent(of -> add(of, z));
    }

    /** Kernels take rows that have no gaps; logits that people get are columns. */
    private static void add(INDArray bias, INDArray z) {
        if (z.stride(1) != 1) {
            z.addiRowVector(bias);
            return;
        }
        try (ArrayKernels kernels = new ArrayKernels(z)) {
            MatrixView logits = kernels.into(z);
            Optional<MachineArray> added = Optional.of(kernels.numbers(bias));
            kernels.divide(logits, (first, some) -> {
                MatrixView part = logits.rows(first, some);
                kernels.get().activation().biasActivation(part, added, Optional.empty(), part, Activation.IDENTITY);
            });
        }
    }

    /** {@code dz·Wᵀ}. */
    void back(INDArray dz, INDArray dx) {
        Nd4j.gemm(dz, weight, dx, false, true, 1, 0);
    }

    /** As derivatives: {@code xᵀ·dz} and the sums of dz over rows; added to what is there, or in its place. */
    void sum(INDArray x, INDArray dz, boolean adds) {
        double before = adds ? 1 : 0;
        Nd4j.gemm(x, dz, weight, true, false, 1, before);
        bias.ifPresent(of -> {
            try (ArrayKernels kernels = new ArrayKernels(dz)) {
                kernels.columnSums(kernels.into(dz), of, before);
            }
        });
    }

    void zero() {
        weight.assign(0);
        bias.ifPresent(of -> of.assign(0));
    }
}
