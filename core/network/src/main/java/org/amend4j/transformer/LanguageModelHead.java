/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The end of a language model: logits {@code x·W} over the vocabulary, and the cross-entropy of their softmax with labels that are token
 * numbers, [examples, time]; negative ones (Hugging Face: -100) count for nothing. An example's loss is the mean over its labelled tokens,
 * and a batch's the mean over examples: where all have as many labels, that is the mean over tokens that Hugging Face computes. What it
 * reads has a row for every position ({@link AtPositions}); what it puts out are logits, [examples · time, vocabulary].
 *
 * <p>In training, logits exist for 256 rows at a time. Class and field names are part of Deeplearning4j's file format.
 */
public final class LanguageModelHead extends NamedLayer {

    /** Key of the weight, [d, vocabulary] in Fortran order. */
    public static final String WEIGHT = "W";

    private static final long serialVersionUID = 1L;

    private static final double DEVIATION = 0.02;

    @SuppressWarnings("unused") // for Jackson
    private LanguageModelHead() {}

    private LanguageModelHead(Builder builder) {
        super(builder);
    }

    /** Settings of a head; nOut is the vocabulary. */
    public static final class Builder extends FeedForwardLayer.Builder<Builder> {

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Deeplearning4j's builders
        public <E extends Layer> E build() {
            return (E) new LanguageModelHead(this);
        }
    }

    @Override
    Map<String, long[]> shapes() {
        return Map.of(WEIGHT, new long[] {getNIn(), getNOut()});
    }

    @Override
    boolean isWeight(String key) {
        return true;
    }

    @Override
    void start(String key, INDArray parameter) {
        parameter.assign(Nd4j.getDistributions().createNormal(0, DEVIATION).sample(parameter.shape()));
    }

    @Override
    char order(String key) {
        return 'f';
    }

    @Override
    BaseLayer<?> running(NeuralNetConfiguration conf, DataType type) {
        return new RunningHead(conf, type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LanguageModelHead && super.equals(other);
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof LanguageModelHead;
    }

    @Override
    public int hashCode() {
        return Objects.hash(LanguageModelHead.class, super.hashCode());
    }

    @Override
    public String toString() {
        return "LanguageModelHead(" + getNIn() + " x " + getNOut() + ")";
    }
}
