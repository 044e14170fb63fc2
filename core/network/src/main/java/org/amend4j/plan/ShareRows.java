/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;

/**
 * Where the values of some consecutive shares are during a run, which have equally many examples.
 *
 * @param firstExample of the first share, in the run
 * @param firstShare in the run
 * @param shares how many
 * @param examples of each
 */
record ShareRows(Bindings b, int firstExample, int firstShare, int shares, int examples) {

    /** All of a run's, one group after the other. */
    static List<ShareRows> of(Bindings b, List<Shares.Group> groups) {
        List<ShareRows> result = new ArrayList<>();
        int example = 0;
        int share = 0;
        for (Shares.Group group : groups) {
            result.add(new ShareRows(b, example, share, group.shares(), group.examples()));
            example += group.allExamples();
            share += group.shares();
        }
        return result;
    }

    /** One of these. */
    ShareRows only(int share) {
        return new ShareRows(b, firstExample + share * examples, firstShare + share, 1, examples);
    }

    /** Rows that a share has of a value. */
    int rowsOf(Value value) {
        return examples * value.rows();
    }

    MachineArray array(Value value) {
        long length = value.each();
        return b.array(value).slice(firstExample * length, (long) shares * examples * length);
    }

    MatrixView matrix(Value value) {
        return MatrixView.of(array(value), shares * rowsOf(value), value.columns());
    }

    /** As many numbers for each share as a value has for an example, at the value's beginning. */
    MachineArray perShare(Value value) {
        long length = value.each();
        return b.array(value).slice(firstShare * length, shares * length);
    }
}
