/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A head all of whose parameters train.
 *
 * @param gradient where derivatives go; empty if none are asked for
 */
record WholeHead(HeadParameters head, Optional<HeadParameters> gradient) implements HeadWork {

    @Override
    public long vocabulary() {
        return head.weight().size(1);
    }

    @Override
    public void logits(INDArray x, INDArray z, boolean training) {
        head.logits(x, z);
    }

    @Override
    public void differentiate(INDArray dz, INDArray x, Optional<INDArray> dx, boolean adds) {
        dx.ifPresent(to -> head.back(dz, to));
        gradient.ifPresent(of -> of.sum(x, dz, adds));
    }

    @Override
    public void differentiateNothing() {
        gradient.ifPresent(HeadParameters::zero);
    }
}
