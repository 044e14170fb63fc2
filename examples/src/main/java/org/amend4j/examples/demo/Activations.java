package org.amend4j.examples.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.amend4j.examples.data.Labelled;
import org.amend4j.prefix.PrefixProgram;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a frozen prefix makes of each example, computed once: the input of everything that is trained above it. */
final class Activations implements Labelled {

    private static final int BATCH = 100;

    private final Labelled examples;
    private final long[] shape;
    private final float[] values;

    private Activations(Labelled examples, long[] shape) {
        this.examples = examples;
        this.shape = shape.clone();
        this.values = new float
                [Math.multiplyExact(
                        examples.size(), Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact)))];
    }

    /**
     * Runs the examples through a prefix.
     *
     * @param done told how many more examples are done
     * @return one set for each of the prefix's outputs, with the examples' labels
     */
    static List<Activations> of(PrefixProgram prefix, Labelled examples, IntConsumer done) {
        List<Activations> result = new ArrayList<>();
        for (int from = 0; from < examples.size(); from += BATCH) {
            int[] batch = IntStream.range(from, Math.min(examples.size(), from + BATCH))
                    .toArray();
            INDArray[] outputs = prefix.run(examples.batch(batch).getFeatures());
            for (int i = 0; i < outputs.length; i++) {
                if (from == 0) {
                    long[] whole = outputs[i].shape();
                    result.add(new Activations(examples, Arrays.copyOfRange(whole, 1, whole.length)));
                }
                float[] computed = outputs[i].dup('c').data().asFloat();
                System.arraycopy(
                        computed, 0, result.get(i).values, from * result.get(i).length(), computed.length);
            }
            done.accept(batch.length);
        }
        return result;
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
