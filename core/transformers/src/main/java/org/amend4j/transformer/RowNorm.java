/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.transformer.RunningRowNorm;
import org.amend4j.internal.validation.Checks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Normalises each row [d] and scales its columns: with a root mean square, {@code g∘x/√(mean(x²) + ε)} (Zhang and Sennrich, arXiv
 * 1910.07467), or with mean and variance, {@code g∘(x − mean)/√(var + ε) + b} (Ba et al., arXiv 1607.06450). Where gains are offsets, as in
 * Gemma, 1 + g stands for g. Where rows have parts, as heads of queries, each part is normalised by itself, all with the same gains.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class RowNorm extends NamedLayer {

    /** Key of g, [1, d], of parts [1, d / parts]. */
    public static final String GAIN = "g";

    /** Key of b, as long as g. */
    public static final String BIAS = "b";

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final Kind kind;

    @JsonProperty
    private final double epsilon;

    @JsonProperty
    private final int parts;

    /** What a row is divided by. */
    public enum Kind {
        /** Its root mean square; there is no bias. */
        ROOT_MEAN_SQUARE,
        /** The same, with gains that are offsets from 1. */
        ROOT_MEAN_SQUARE_AROUND_ONE,
        /** Its deviation, after its mean is taken off; there is a bias. */
        LAYER
    }

    @SuppressWarnings("unused") // for Jackson
    private RowNorm() {
        this.kind = Kind.LAYER;
        this.epsilon = 0;
        this.parts = 1;
    }

    private RowNorm(Builder builder) {
        super(builder);
        if (getNOut() != getNIn() && getNOut() != 0) {
            throw new IllegalArgumentException(
                    "a norm puts out rows as wide as it reads, got " + getNIn() + " and " + getNOut());
        }
        setNOut(getNIn());
        this.kind = builder.kind;
        this.epsilon = builder.epsilon;
        this.parts = builder.parts;
        partWidth();
    }

    private long partWidth() {
        if (getNIn() % parts != 0) {
            throw new IllegalArgumentException(
                    "a norm of " + parts + " parts reads rows of a multiple of them, got " + getNIn());
        }
        return getNIn() / parts;
    }

    /** Settings of a norm; the width is that of its input unless it is set. */
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {

        private final Kind kind;
        private final double epsilon;
        private int parts = 1;

        /** @param epsilon ε, > 0 */
        public Builder(Kind kind, double epsilon) {
            this.kind = Objects.requireNonNull(kind, "kind");
            this.epsilon = Checks.positive("epsilon", epsilon);
        }

        /** Normalises so many equal parts of a row each by itself; 1 otherwise. */
        public Builder parts(int ofRows) {
            this.parts = Checks.atLeast(1, "parts", ofRows);
            return this;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Deeplearning4j's builders
        public <E extends Layer> E build() {
            return (E) new RowNorm(this);
        }
    }

    public Kind kind() {
        return kind;
    }

    public double epsilon() {
        return epsilon;
    }

    /** How many parts of a row are normalised, each by itself. */
    public int parts() {
        return parts;
    }

    @Override
    Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(GAIN, new long[] {1, partWidth()});
        if (kind == Kind.LAYER) {
            shapes.put(BIAS, new long[] {1, partWidth()});
        }
        return shapes;
    }

    @Override
    boolean isWeight(String key) {
        return false;
    }

    @Override
    void start(String key, INDArray parameter) {
        parameter.assign(key.equals(GAIN) && kind != Kind.ROOT_MEAN_SQUARE_AROUND_ONE ? 1 : 0);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        setNOut(getNIn());
    }

    @Override
    BaseLayer<?> running(NeuralNetConfiguration conf, DataType type) {
        return new RunningRowNorm(conf, type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RowNorm that
                && super.equals(other)
                && kind == that.kind
                && epsilon == that.epsilon
                && parts == that.parts;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof RowNorm;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), kind, epsilon, parts);
    }

    @Override
    public String toString() {
        return "RowNorm(" + kind + ", epsilon=" + epsilon + ", width=" + getNIn() + ", parts=" + parts + ")";
    }
}
