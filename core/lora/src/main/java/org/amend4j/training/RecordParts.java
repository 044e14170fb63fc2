/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.List;
import org.amend4j.graph.Records;
import org.amend4j.internal.training.PlacedRecords;

/**
 * Records in parts that follow one another, for a machine that keeps them in its own form: only the part that is just being read
 * need be there as arrays. Examples of tokens may have another time in each part.
 */
public interface RecordParts {

    /** How many records all parts have. */
    int size();

    /** The shape of an example of each input; of tokens that of the longest. */
    List<long[]> exampleShapes();

    /** The parts in their order. */
    Iterable<Records> parts();

    /** Records that are one part. */
    static RecordParts whole(Records records) {
        return new RecordParts() {
            @Override
            public int size() {
                return records.size();
            }

            @Override
            public List<long[]> exampleShapes() {
                return PlacedRecords.exampleShapes(records);
            }

            @Override
            public Iterable<Records> parts() {
                return List.of(records);
            }
        };
    }
}
