/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.transformer.RunningHead;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The end of a language model: logits {@code x·W}, or {@code x·W + b}, over the vocabulary, and the cross-entropy of their softmax with labels that are token
 * numbers, [examples, time]; negative ones (Hugging Face: -100) count for nothing. An example's loss is the mean over its labelled tokens,
 * and a batch's the mean over examples: where all have as many labels, that is the mean over tokens that Hugging Face computes. What it
 * reads has a row for every position ({@link AtPositions}); what it puts out are logits, [examples · time, vocabulary].
 *
 * <p>In training, logits exist for 256 rows at a time. Class and field names are part of Deeplearning4j's file format.
 */
public final class LanguageModelHead extends NamedLayer {

    /** Key of the weight, [d, vocabulary] in Fortran order. */
    public static final String WEIGHT = "W";

    /** Key of the bias, [vocabulary], of heads that have one. */
    public static final String BIAS = "b";

    private static final long serialVersionUID = 1L;

    private static final double DEVIATION = 0.02;

    @JsonProperty
    private final boolean biased;

    @SuppressWarnings("unused") // for Jackson
    private LanguageModelHead() {
        this.biased = false;
    }

    private LanguageModelHead(Builder builder) {
        super(builder);
        this.biased = builder.biased;
    }

    /** Settings of a head; nOut is the vocabulary. */
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {

        private boolean biased;

        /** With a number for each token that is added to its logits; it starts with 0. */
        public Builder biased() {
            this.biased = true;
            return this;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Deeplearning4j's builders
        public <E extends Layer> E build() {
            return (E) new LanguageModelHead(this);
        }
    }

    /** Whether something is added to logits. */
    public boolean isBiased() {
        return biased;
    }

    @Override
    Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(WEIGHT, new long[] {getNIn(), getNOut()});
        if (biased) {
            shapes.put(BIAS, new long[] {getNOut()});
        }
        return shapes;
    }

    @Override
    boolean isWeight(String key) {
        return key.equals(WEIGHT);
    }

    @Override
    void start(String key, INDArray parameter) {
        if (!isWeight(key)) {
            parameter.assign(0);
            return;
        }
        parameter.assign(Nd4j.getDistributions().createNormal(0, DEVIATION).sample(parameter.shape()));
    }

    @Override
    char order(String key) {
        return isWeight(key) ? 'f' : 'c';
    }

    @Override
    BaseLayer<?> running(NeuralNetConfiguration conf, DataType type) {
        return new RunningHead(conf, type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LanguageModelHead that && super.equals(other) && biased == that.biased;
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof LanguageModelHead;
    }

    @Override
    public int hashCode() {
        return Objects.hash(LanguageModelHead.class, super.hashCode(), biased);
    }

    @Override
    public String toString() {
        return "LanguageModelHead(" + getNIn() + " x " + getNOut() + (biased ? ", biased)" : ")");
    }
}
