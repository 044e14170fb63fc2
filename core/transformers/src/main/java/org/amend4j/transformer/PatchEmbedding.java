/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.network.RowsPerToken;
import org.amend4j.internal.transformer.RunningPatchEmbedding;
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
 * Rows of a picture for a vision transformer: that of a class token in front of those of its patches, each with its position's added,
 * {@code [C; x] + P}. [examples · patches, d] becomes [examples · (1 + patches), d]. Where it has a row for masked patches, nothing is
 * computed with that: its gradient is 0, and it stays in the model.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class PatchEmbedding extends NamedLayer implements RowsPerToken {

    /** Key of the class token's row, [1, d]. */
    public static final String CLASS_TOKEN = "C";

    /** Key of the positions' table, [1 + patches, d], the class token's first. */
    public static final String POSITIONS = "P";

    /** Key of the row for masked patches, [1, d]. */
    public static final String MASK_TOKEN = "M";

    private static final long serialVersionUID = 1L;

    private static final double DEVIATION = 0.02;

    @JsonProperty
    private final int patches;

    @JsonProperty
    private final boolean maskToken;

    @SuppressWarnings("unused") // for Jackson
    private PatchEmbedding() {
        this.patches = 1;
        this.maskToken = false;
    }

    private PatchEmbedding(Builder builder) {
        super(builder);
        this.patches = builder.patches;
        this.maskToken = builder.maskToken;
    }

    /** Settings of an embedding; nIn and nOut are the width. */
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {

        private final int patches;
        private boolean maskToken;

        /** @param patches of a picture, >= 1 */
        public Builder(int patches) {
            this.patches = Checks.atLeast(1, "patches of a picture", patches);
        }

        /** Keeps a row for masked patches, too; without this there is none. */
        public Builder maskToken() {
            this.maskToken = true;
            return this;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Deeplearning4j's builders
        public <E extends Layer> E build() {
            return (E) new PatchEmbedding(this);
        }
    }

    /** How many patches a picture has. */
    public int patches() {
        return patches;
    }

    /** Whether it keeps a row for masked patches. */
    public boolean hasMaskToken() {
        return maskToken;
    }

    @Override
    Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(CLASS_TOKEN, new long[] {1, getNOut()});
        shapes.put(POSITIONS, new long[] {1L + patches, getNOut()});
        if (maskToken) {
            shapes.put(MASK_TOKEN, new long[] {1, getNOut()});
        }
        return shapes;
    }

    @Override
    boolean isWeight(String key) {
        return !key.equals(MASK_TOKEN);
    }

    @Override
    void start(String key, INDArray parameter) {
        if (isWeight(key)) {
            parameter.assign(Nd4j.getDistributions().createNormal(0, DEVIATION).sample(parameter.shape()));
        } else {
            parameter.assign(0);
        }
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
        return new RunningPatchEmbedding(conf, type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PatchEmbedding that
                && super.equals(other)
                && patches == that.patches
                && maskToken == that.maskToken;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof PatchEmbedding;
    }

    @Override
    public int hashCode() {
        return Objects.hash(PatchEmbedding.class, super.hashCode(), patches, maskToken);
    }

    @Override
    public String toString() {
        return "PatchEmbedding(" + patches + " patches, width=" + getNOut() + ")";
    }
}
