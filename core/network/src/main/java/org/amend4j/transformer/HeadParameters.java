/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a {@link LanguageModelHead} computes with, or the derivatives there.
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

    long vocabulary() {
        return weight.size(1);
    }

    void zero() {
        weight.assign(0);
        bias.ifPresent(of -> of.assign(0));
    }
}
