/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.util.List;
import java.util.Optional;

/** Examples of two classes for a network with one sigmoid: a label is 0 or 1. */
public record OneColumn(Labelled examples) implements Labelled {

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public long[] shape() {
        return examples.shape();
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
        examples.features(example, into, offset);
    }

    @Override
    public Optional<PictureShape> pictures() {
        return examples.pictures();
    }

    @Override
    public int columns() {
        return 1;
    }

    @Override
    public void target(int example, float[] into, int offset) {
        into[offset] = label(example);
    }
}
