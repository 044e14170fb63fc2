/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.data.Batches;
import org.amend4j.data.Labelled;
import org.amend4j.internal.prefix.CachedData;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** The activations of a frozen prefix for each example, computed once: the input of everything that is trained above it. */
public final class PrefixActivations implements Labelled {

    private static final int BATCH = 100;

    private final Labelled examples;
    private final long[] shape;
    private final float[] values;

    private PrefixActivations(Labelled examples, long[] shape) {
        this.examples = examples;
        this.shape = shape.clone();
        long each = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        this.values = new float[Math.multiplyExact(examples.size(), Math.toIntExact(each))];
    }

    /**
     * Reads all activations of a cache.
     *
     * @param cached what a prefix made of the examples, in their order
     * @return one set for each of the prefix's outputs, with the examples' labels
     */
    public static List<PrefixActivations> of(CachedData cached, Labelled examples) {
        List<PrefixActivations> result = new ArrayList<>();
        MultiDataSetIterator batches = cached.inOrder(BATCH);
        for (int from = 0; batches.hasNext(); from += BATCH) {
            INDArray[] outputs = batches.next().getFeatures();
            for (int i = 0; i < outputs.length; i++) {
                if (from == 0) {
                    long[] whole = outputs[i].shape();
                    result.add(new PrefixActivations(examples, Arrays.copyOfRange(whole, 1, whole.length)));
                }
                float[] computed = outputs[i].dup('c').data().asFloat();
                System.arraycopy(
                        computed, 0, result.get(i).values, from * result.get(i).length(), computed.length);
            }
        }
        return result;
    }

    /** The examples as the prefix and its cache take them. */
    public static MultiDataSetIterator inOrder(Labelled examples) {
        return new MultiDataSetIteratorAdapter(Batches.inOrder(examples, BATCH));
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public List<String> classes() {
        return examples.classes();
    }

    @Override
    public int label(int example) {
        return examples.label(example);
    }

    @Override
    public void features(int example, float[] into, int offset) {
        int length = length();
        System.arraycopy(values, example * length, into, offset, length);
    }
}
