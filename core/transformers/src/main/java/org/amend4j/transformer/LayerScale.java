/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.transformer.RunningLayerScale;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scales each column of rows by a number of its own, {@code x∘λ}: in a DINOv2 what a layer adds to its rows (Touvron et al., arXiv
 * 2103.17239). [rows, d] stays [rows, d]. λ starts with 1 and is never penalised.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class LayerScale extends NamedLayer {

    /** Key of λ, [1, d]. */
    public static final String LAMBDA = "l";

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("unused") // for Jackson
    private LayerScale() {}

    private LayerScale(Builder builder) {
        super(builder);
        if (getNOut() != getNIn() && getNOut() != 0) {
            throw new IllegalArgumentException(
                    "a scale puts out rows as wide as it reads, got " + getNIn() + " and " + getNOut());
        }
        setNOut(getNIn());
    }

    /** Settings of a scale; the width is that of its input unless it is set. */
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Deeplearning4j's builders
        public <E extends Layer> E build() {
            return (E) new LayerScale(this);
        }
    }

    @Override
    Map<String, long[]> shapes() {
        return Map.of(LAMBDA, new long[] {1, getNIn()});
    }

    @Override
    boolean isWeight(String key) {
        return false;
    }

    @Override
    void start(String key, INDArray parameter) {
        parameter.assign(1);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        setNOut(getNIn());
    }

    @Override
    BaseLayer<?> running(NeuralNetConfiguration conf, DataType type) {
        return new RunningLayerScale(conf, type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LayerScale && super.equals(other);
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof LayerScale;
    }

    @Override
    public int hashCode() {
        return Objects.hash(LayerScale.class, super.hashCode());
    }

    @Override
    public String toString() {
        return "LayerScale(width=" + getNIn() + ")";
    }
}
