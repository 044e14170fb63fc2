/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels that take everything or nothing, and remember what they were asked. Gradients they take are thirteen, so as to be told. */
final class FakeKernels implements LoraKernels {

    final List<AdapterSum> sums = new ArrayList<>();
    final List<INDArray> products = new ArrayList<>();
    final List<INDArray> results = new ArrayList<>();
    final List<Double> bounds = new ArrayList<>();
    int asked;
    private final boolean taking;

    FakeKernels(boolean taking) {
        this.taking = taking;
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public boolean takes(AdapterSum sum) {
        asked++;
        return taking;
    }

    @Override
    public void add(AdapterSum sum) {
        sums.add(sum);
        products.add(sum.y().dup('c'));
        sum.y()
                .addi(sum.low().mmul(sum.up()).muli(sum.scale()))
                .addiRowVector(sum.bias().orElseThrow());
        results.add(sum.y().dup('c'));
    }

    @Override
    public boolean rectifierGradient(INDArray activations, INDArray upstream, double most, INDArray gradient) {
        bounds.add(most);
        if (taking) {
            results.add(gradient.assign(13).dup());
        }
        return taking;
    }
}
