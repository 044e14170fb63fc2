/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;

/**
 * Where the values of some consecutive shares are during a run, which have equally many examples; where examples have tokens, of one share.
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
            ShareRows all = new ShareRows(b, example, share, group.shares(), group.examples());
            if (b.size().tokens() == 0) {
                result.add(all);
            } else {
                IntStream.range(0, group.shares()).mapToObj(all::only).forEach(result::add);
            }
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
        return value.per() == RowUnit.TOKEN
                ? value.rowsOf(first(value, examples) - first(value, 0))
                : value.rowsOf(examples);
    }

    MachineArray array(Value value) {
        long from = first(value, 0);
        return b.array(value).slice(from * value.each(), (first(value, shares * examples) - from) * value.each());
    }

    /** A feature of tokens. */
    MachineArray feature(PlacedTokens.Feature feature) {
        PlacedTokens tokens = b.tokens();
        int from = tokens.start(firstExample);
        return tokens.feature(feature).slice(from, tokens.start(firstExample + shares * examples) - (long) from);
    }

    /** Where the rows of an example begin, so many behind the first. */
    private int first(Value value, int later) {
        return value.per() == RowUnit.TOKEN ? b.tokens().start(firstExample + later) : firstExample + later;
    }

    MatrixView matrix(Value value) {
        return MatrixView.of(array(value), Math.multiplyExact(shares, rowsOf(value)), value.columns());
    }

    /** As many numbers for each share as a value has for an example, at the value's beginning. */
    MachineArray perShare(Value value) {
        long length = value.each();
        return b.array(value).slice(firstShare * length, shares * length);
    }
}
