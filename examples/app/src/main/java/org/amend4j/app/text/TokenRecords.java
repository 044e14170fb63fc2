/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.graph.Records;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.training.RecordParts;

/** Examples for a plan, which keeps only their tokens; a few at a time are padded. */
public record TokenRecords(TokenExamples examples) implements RecordParts {

    /** Of a part, padding included: 12 MB of ids, masks and labels. */
    private static final int MOST_POSITIONS = 1 << 20;

    @Override
    public int size() {
        return examples.size();
    }

    private int longest() {
        return IntStream.range(0, size())
                .boxed()
                .max(Comparator.comparing(examples::length))
                .orElseThrow();
    }

    @Override
    public List<long[]> exampleShapes() {
        return PlacedRecords.exampleShapes(Records.of(examples.batch(longest())));
    }

    @Override
    public Iterable<Records> parts() {
        int each = Math.max(1, MOST_POSITIONS / examples.length(longest()));
        return () -> IntStream.iterate(0, from -> from < size(), from -> from + each)
                .mapToObj(from -> IntStream.range(from, Math.min(size(), from + each)))
                .map(numbers -> Records.of(examples.batch(numbers.toArray())))
                .iterator();
    }
}
