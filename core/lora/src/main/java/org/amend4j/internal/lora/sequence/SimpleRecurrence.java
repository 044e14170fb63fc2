/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@code h_t = f(x_t·W + h_{t-1}·R + b)}, times the mask. */
final class SimpleRecurrence implements Recurrence {

    private final SequenceProduct product;
    private final INDArray recurrent;
    private final Slope activation;

    private @Nullable SequencePass pass;
    private @Nullable INDArray kept;
    private @Nullable INDArray outputs;
    private @Nullable INDArray first;

    /**
     * @param product input weights [nIn, n] and bias
     * @param recurrent recurrent weights [n, n]
     */
    SimpleRecurrence(SequenceProduct product, INDArray recurrent, Slope activation) {
        this.product = product;
        this.recurrent = recurrent;
        this.activation = activation;
    }

    @Override
    public long inputs() {
        return product.weights().size(0);
    }

    @Override
    public INDArray forward(
            INDArray x, Optional<INDArray> mask, Map<String, INDArray> state, LayerWorkspaceMgr workspaces) {
        SequencePass over = SequencePass.over(x, mask, true);
        INDArray z = over.kept(x, recurrent.size(0), workspaces);
        INDArray result = over.kept(x, recurrent.size(0), workspaces);
        product.forward(x, z);
        TimeSteps arguments = new TimeSteps(z);
        TimeSteps made = new TimeSteps(result);
        INDArray previous = state.get(OUTPUT);
        for (int t = 0; t < over.length(); t++) {
            INDArray argument = arguments.at(t);
            INDArray output = made.at(t);
            if (previous != null) {
                Nd4j.gemm(previous, recurrent, argument, false, false, 1, 1);
            }
            if (activation.fromValues()) {
                activation.apply(argument);
                output.assign(argument);
            } else {
                activation.apply(output.assign(argument));
            }
            over.mask(output, t);
            previous = output;
        }
        pass = over;
        kept = z;
        outputs = result;
        first = state.get(OUTPUT);
        return result;
    }

    @Override
    public Map<String, INDArray> lastState() {
        INDArray all = Objects.requireNonNull(outputs);
        return Map.of(OUTPUT, SequencePass.detached(new TimeSteps(all).at((int) all.size(2) - 1)));
    }

    @Override
    public INDArray backward(INDArray epsilon, int length) {
        SequencePass over = Objects.requireNonNull(pass);
        INDArray values = Objects.requireNonNull(kept);
        INDArray dz =
                Nd4j.createUninitialized(values.dataType(), values.shape(), 'f').assign(values);
        activation.replace(dz);
        TimeSteps deltas = new TimeSteps(dz);
        TimeSteps epsilons = SequencePass.steps(epsilon);
        INDArray dh = over.row(values, recurrent.size(0));
        int from = over.length() - length;
        for (int t = over.length() - 1; t >= from; t--) {
            dh.assign(epsilons.at(t));
            if (t < over.length() - 1) {
                Nd4j.gemm(deltas.at(t + 1), recurrent, dh, false, true, 1, 1);
            }
            over.mask(dh, t);
            INDArray delta = deltas.at(t);
            SequencePass.multiply(delta, dh, delta);
        }
        for (int t = 0; t < from; t++) {
            deltas.at(t).assign(0);
        }
        return dz;
    }

    @Override
    public SequenceProduct product() {
        return product;
    }

    @Override
    public INDArray previousOutputs() {
        return Objects.requireNonNull(pass).previous(Objects.requireNonNull(outputs), Optional.ofNullable(first));
    }

    @Override
    public void clear() {
        pass = null;
        kept = null;
        outputs = null;
        first = null;
    }
}
