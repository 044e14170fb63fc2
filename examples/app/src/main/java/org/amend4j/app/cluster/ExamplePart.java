/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.data.Labelled;

/**
 * Some examples on their way.
 *
 * @param features of one after the other
 * @param names of classes
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
record ExamplePart(long[] shape, ArrayList<String> names, float[] features, int[] labels)
        implements Labelled, Serializable {

    /** Those from one index up to another. */
    static ExamplePart of(Labelled all, int from, int to) {
        int length = all.length();
        float[] features = new float[Math.multiplyExact(to - from, length)];
        int[] labels = new int[to - from];
        for (int k = from; k < to; k++) {
            all.features(k, features, (k - from) * length);
            labels[k - from] = all.label(k);
        }
        return new ExamplePart(all.shape(), new ArrayList<>(all.classes()), features, labels);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public List<String> classes() {
        return List.copyOf(names);
    }

    @Override
    public int label(int example) {
        return labels[example];
    }

    @Override
    public void features(int example, float[] into, int offset) {
        System.arraycopy(features, example * length(), into, offset, length());
    }
}
