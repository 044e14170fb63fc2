/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.util.List;
import org.amend4j.app.text.TextTable;
import org.amend4j.data.Labelled;

/**
 * Texts by the vectors that a frozen encoder makes of them, once.
 *
 * @param vectors of the table's rows
 */
record SentenceVectors(TextTable table, List<float[]> vectors, List<String> classes) implements Labelled {

    @Override
    public int size() {
        return vectors.size();
    }

    @Override
    public long[] shape() {
        return new long[] {vectors.get(0).length};
    }

    @Override
    public int label(int example) {
        return classes.indexOf(table.rows().get(example).label());
    }

    @Override
    public void features(int example, float[] into, int offset) {
        float[] vector = vectors.get(example);
        System.arraycopy(vector, 0, into, offset, vector.length);
    }
}
