/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.Optional;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A layer that the library does not know, with a function it does not know either: sines of sums. */
public class SineDense extends DenseLayer {

    private static final long serialVersionUID = 1L;

    /** For Jackson. */
    protected SineDense() {}

    static SineDense of(int inputs, int outputs) {
        LayerKinds.add(new SineKind());
        SineDense layer = new SineDense();
        layer.setNIn(inputs);
        layer.setNOut(outputs);
        layer.setHasBias(true);
        layer.setActivationFn(new Sine());
        return layer;
    }

    /** Calls itself tanh, which must help nobody. */
    public static final class Sine extends BaseActivationFunction {

        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return Transforms.sin(in, false);
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(Transforms.cos(in, true).muli(epsilon), null);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Sine;
        }

        @Override
        public int hashCode() {
            return 1;
        }

        @Override
        public String toString() {
            return "tanh";
        }
    }

    /** All that the library has to be told. */
    private static final class SineKind implements LayerKind<SineDense> {

        @Override
        public Class<SineDense> configuration() {
            return SineDense.class;
        }

        /** No derivative of a sine exceeds 1, nor does a sine. */
        @Override
        public Optional<DenseForm> denseForm(SineDense layer) {
            return Optional.of(new DenseForm(
                    WeightMatrix.dense(layer.getNIn(), layer.getNOut()),
                    "W",
                    Optional.of("b"),
                    false,
                    new DenseForm.Smooth("sine", 1, 1, 0, 1)));
        }
    }
}
