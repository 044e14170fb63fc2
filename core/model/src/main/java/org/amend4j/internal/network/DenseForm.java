/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * The basis of bounds on a layer's derivatives: it computes {@code φ(x·W + b)} on rows x of features, or a loss of
 * {@code x·W + b} at the end of a network; for each record separately, in training as in inference. W and b are all its parameters.
 *
 * @param weight W as the matrix [inputs, outputs], without a kernel
 * @param weightKey Deeplearning4j's name of W
 * @param biasKey and of b, [outputs]; empty if there is none
 * @param stock whether W and b are computed with, and lie in the parameter vector, as those of Deeplearning4j's dense layers, so
 *     that what is known of their rounding holds; false if in doubt
 * @param applied what is applied to {@code x·W + b}
 */
public record DenseForm(
        WeightMatrix weight, String weightKey, Optional<String> biasKey, boolean stock, Applied applied) {

    /** What becomes of {@code x·W + b}. */
    public sealed interface Applied {}

    /** A function of each element, of which {@link #known} says whether constants can be known. */
    public record Function(IActivation function) implements Applied {

        /** The function, if it is one of those that {@link Activation} has. */
        public Optional<Activation> known() {
            return ActivationReader.known(function);
        }

        /** As Deeplearning4j writes it; the form of GELU that {@link Activation} does not have is "gelu_precise". */
        public String name() {
            return ActivationReader.isPreciseGelu(function) ? "gelu_precise" : function.toString();
        }
    }

    /**
     * A function of each element with a Lipschitz derivative, whose numbers the layer's kind brings; none may be too small.
     *
     * @param slope a bound of |φ'|, > 0
     * @param bend a Lipschitz constant of φ', >= 0
     * @param atZero |φ(0)|
     * @param largest a bound of |φ|; +∞ if there is none
     */
    public record Smooth(String name, double slope, double bend, double atZero, double largest) implements Applied {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Smooth {
            Objects.requireNonNull(name, "name");
            Checks.positive("the slope of an activation", slope);
            Checks.notNegative("the bend of an activation", bend);
            Checks.notNegative("the value of an activation at 0", atZero);
            Checks.notNegativeOrInfinite("the largest value of an activation", largest);
        }
    }

    /** A loss of the function's values at the end of a network. */
    public record Loss(ILossFunction loss, IActivation function) implements Applied {

        /** The loss in terms of {@code x·W + b}, if it is one of those that are known. */
        public Optional<OutputLoss> known() {
            return LossReader.known(loss, function);
        }
    }

    /**
     * Something whose constants are not known.
     *
     * @param what it is, such as "layer normalisation"
     */
    public record Other(String what) implements Applied {}

    /** @throws IllegalArgumentException if the weight has a kernel */
    public DenseForm {
        Objects.requireNonNull(weightKey, "weightKey");
        Objects.requireNonNull(biasKey, "biasKey");
        Objects.requireNonNull(applied, "applied");
        if (!weight.kernel().isEmpty()) {
            throw new IllegalArgumentException(
                    "the weight of a dense form must have no kernel, got the kernel " + weight.kernel());
        }
    }

    /** A layer with the parameters, and the arithmetic, of Deeplearning4j's dense layers. */
    public static DenseForm stock(FeedForwardLayer layer, boolean hasBias, Applied applied) {
        return new DenseForm(
                WeightMatrix.dense(layer.getNIn(), layer.getNOut()),
                DefaultParamInitializer.WEIGHT_KEY,
                hasBias ? Optional.of(DefaultParamInitializer.BIAS_KEY) : Optional.empty(),
                true,
                applied);
    }

    /** Width of x. */
    public int inputs() {
        return Math.toIntExact(weight.rows());
    }

    /** Width of {@code x·W + b}. */
    public int outputs() {
        return Math.toIntExact(weight.columns());
    }

    /** The loss, if the layer ends a network. */
    public Optional<Loss> loss() {
        return applied instanceof Loss loss ? Optional.of(loss) : Optional.empty();
    }
}
