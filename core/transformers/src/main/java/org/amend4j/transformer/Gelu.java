/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.cpu.HostArrays;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.KnownFunction;
import org.amend4j.internal.transformer.ArrayKernels;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The Gaussian error linear unit (Hendrycks and Gimpel, arXiv 1606.08415): {@code x·Φ(x)}, as BERT has it, or its form with a tanh, as
 * GPT-2 and Gemma. Deeplearning4j's own are another function, x·σ(1.702x), and one that is wrong for negative numbers.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class Gelu extends BaseActivationFunction implements KnownFunction {

    private static final long serialVersionUID = 1L;

    private static final double CUBE = 0.044715;
    private static final double ROOT = Math.sqrt(2 / Math.PI);

    @JsonProperty
    private final Form form;

    /** How Φ is computed. */
    public enum Form {
        /** {@code (1 + erf(x/√2))/2}. */
        EXACT,
        /** {@code (1 + tanh(√(2/π)·(x + 0.044715x³)))/2}. */
        TANH
    }

    /** In one of its forms. */
    public Gelu(@JsonProperty("form") Form form) {
        this.form = Objects.requireNonNull(form, "form");
    }

    /** How Φ is computed. */
    public Form form() {
        return form;
    }

    /**
     * What plans compute.
     *
     * @hidden since it is of the engine
     */
    @Override
    @SuppressWarnings("InvalidBlockTag") // Javadoc knows @hidden
    public Activation activation() {
        return Activation.of(form == Form.EXACT ? Activation.Kind.GELU_EXACT : Activation.Kind.GELU_TANH);
    }

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        if (isPlain(in) && HostArrays.takes(in)) {
            try (ArrayKernels kernels = new ArrayKernels(in)) {
                MatrixView z = kernels.flat(in);
                kernels.divide(z, (from, count) -> {
                    MatrixView part = z.rows(from, count);
                    kernels.get()
                            .activation()
                            .biasActivation(part, Optional.empty(), Optional.empty(), part, activation());
                });
            }
            return in;
        }
        return in.muli(normal(in));
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        assertShape(in, epsilon);
        boolean alike = in.ordering() == epsilon.ordering() && isPlain(in) && isPlain(epsilon);
        if (alike && HostArrays.takes(in, epsilon)) {
            INDArray result = Nd4j.createUninitialized(in.dataType(), in.shape(), in.ordering());
            try (ArrayKernels kernels = new ArrayKernels(in)) {
                MatrixView z = kernels.flat(in);
                MatrixView upstream = kernels.flat(epsilon);
                MatrixView to = kernels.flat(result);
                kernels.divide(
                        to,
                        (from, count) -> kernels.get()
                                .activation()
                                .gradient(
                                        upstream.rows(from, count),
                                        z.rows(from, count),
                                        to.rows(from, count),
                                        Optional.empty(),
                                        activation()));
            }
            return new Pair<>(result, null);
        }
        return new Pair<>(normal(in).addi(slope(in).muli(in)).muli(epsilon), null);
    }

    /** Whether an array's elements lie one behind the other. */
    private static boolean isPlain(INDArray array) {
        long length = array.length();
        return length > 0 && length <= Integer.MAX_VALUE && Shape.hasDefaultStridesForShape(array);
    }

    /** Φ. */
    private INDArray normal(INDArray x) {
        INDArray inner = form == Form.EXACT
                ? Nd4j.exec(new Erf(x.mul(Math.sqrt(0.5)), x.ulike()))
                : Transforms.tanh(inner(x), false);
        return inner.addi(1).muli(0.5);
    }

    private static INDArray inner(INDArray x) {
        return x.mul(x).muli(CUBE).addi(1).muli(x).muli(ROOT);
    }

    /** Φ'. */
    private INDArray slope(INDArray x) {
        if (form == Form.EXACT) {
            return Transforms.exp(x.mul(x).muli(-0.5), false).muli(1 / Math.sqrt(2 * Math.PI));
        }
        INDArray tanh = Transforms.tanh(inner(x), false);
        INDArray rise = x.mul(x).muli(3 * CUBE).addi(1).muli(ROOT / 2);
        return tanh.muli(tanh).rsubi(1).muli(rise);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Gelu that && form == that.form;
    }

    @Override
    public int hashCode() {
        return form.hashCode();
    }

    @Override
    public String toString() {
        return form == Form.EXACT ? "gelu_exact" : "gelu_tanh";
    }
}
