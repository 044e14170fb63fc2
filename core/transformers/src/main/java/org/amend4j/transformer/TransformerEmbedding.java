/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.network.RowsPerToken;
import org.amend4j.internal.transformer.RunningEmbedding;
import org.amend4j.internal.validation.Checks;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Rows of tables for the tokens of a batch: {@code factor·W[id] + P[offset + position] + T[type]}, [tokens, d], without rows for padding. Its
 * input is [examples, features, time] with ids, masks and types as features, of which the last may be missing.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class TransformerEmbedding extends NamedLayer implements RowsPerToken {

    /** Key of the words' table, [vocabulary, d]. */
    public static final String WORDS = "W";

    /** Key of the positions' table, [positions, d]. */
    public static final String POSITIONS = "P";

    /** Key of the types' table, [types, d]. */
    public static final String TYPES = "T";

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final int positions;

    @JsonProperty
    private final int positionOffset;

    @JsonProperty
    private final int types;

    @JsonProperty
    private final double deviation;

    @JsonProperty
    private final double factor;

    @SuppressWarnings("unused") // for Jackson
    private TransformerEmbedding() {
        this.positions = 0;
        this.positionOffset = 0;
        this.types = 0;
        this.deviation = 0;
        this.factor = 1;
    }

    private TransformerEmbedding(Builder builder) {
        super(builder);
        this.positions = builder.positions;
        this.positionOffset = builder.positionOffset;
        this.types = builder.types;
        this.deviation = builder.deviation;
        this.factor = builder.factor;
    }

    /** Settings of an embedding; nIn is the vocabulary, nOut the width. */
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {

        private int positions;
        private int positionOffset;
        private int types;
        private double deviation = 0.02;
        private double factor = 1;

        /** With a table of positions, the first of which is used for the first token, or a later one. */
        public Builder positions(int rows, int offset) {
            this.positions = Checks.atLeast(1, "positions", rows);
            this.positionOffset = Checks.inRange(0, rows - 1, "the offset of positions", offset);
            return this;
        }

        /** With a table of token types. */
        public Builder types(int rows) {
            this.types = Checks.atLeast(1, "types", rows);
            return this;
        }

        /** Standard deviation of what tables start with; 0.02 otherwise. */
        public Builder deviation(double start) {
            this.deviation = Checks.notNegative("the deviation of the start", start);
            return this;
        }

        /** What rows of words are multiplied with, as Gemma's with √d; 1 otherwise. */
        public Builder factor(double ofWords) {
            this.factor = Checks.positive("the factor of words", ofWords);
            return this;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Deeplearning4j's builders
        public <E extends Layer> E build() {
            return (E) new TransformerEmbedding(this);
        }
    }

    /** Rows of the positions' table; 0 if there is none. */
    public int positions() {
        return positions;
    }

    /** Rows of the positions' table that no token has, before that of the first token. */
    public int positionOffset() {
        return positionOffset;
    }

    /** Rows of the types' table; 0 if there is none. */
    public int types() {
        return types;
    }

    /** What rows of words are multiplied with. */
    public double factor() {
        return factor;
    }

    @Override
    Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(WORDS, new long[] {getNIn(), getNOut()});
        if (positions > 0) {
            shapes.put(POSITIONS, new long[] {positions, getNOut()});
        }
        if (types > 0) {
            shapes.put(TYPES, new long[] {types, getNOut()});
        }
        return shapes;
    }

    @Override
    boolean isWeight(String key) {
        return true;
    }

    @Override
    void start(String key, INDArray parameter) {
        parameter.assign(Nd4j.getDistributions().createNormal(0, deviation).sample(parameter.shape()));
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        // The vocabulary does not follow from the input's shape.
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return InputType.feedForward(getNOut());
    }

    @Override
    public @Nullable InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return null;
    }

    @Override
    BaseLayer<?> running(NeuralNetConfiguration conf, DataType type) {
        return new RunningEmbedding(conf, type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TransformerEmbedding that
                && super.equals(other)
                && positions == that.positions
                && positionOffset == that.positionOffset
                && types == that.types
                && deviation == that.deviation
                && factor == that.factor;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof TransformerEmbedding;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), positions, positionOffset, types, deviation, factor);
    }

    @Override
    public String toString() {
        return "TransformerEmbedding(" + getNIn() + " words, " + positions + " positions, " + types + " types, width="
                + getNOut() + ")";
    }
}
