/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.amend4j.random.RandomBytes;
import org.amend4j.record.RecordBytes.Part;

/**
 * A small table in memory: a row is somebody's and has one number.
 *
 * @param named whether rows say whose they are
 * @param rows in their order
 */
record MadeUpRecords(boolean named, List<Row> rows) implements RecordContents {

    /** What a row says; empty: nothing that can be read. */
    record Row(long subject, Optional<Double> value) {
        static final Row BLANK = new Row(-1, Optional.empty());

        static Row of(long subject, double value) {
            return new Row(subject, Optional.of(value));
        }
    }

    MadeUpRecords {
        rows = List.copyOf(rows);
    }

    /** Of few subjects and few values, so that equal rows are frequent. */
    static MadeUpRecords random(Random random, int n, int subjects, int values, boolean named) {
        List<Row> rows = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            rows.add(Row.of(random.nextInt(subjects), random.nextInt(values)));
        }
        return new MadeUpRecords(named, rows);
    }

    static RandomBytes seeded(long seed) {
        return new Random(seed)::nextBytes;
    }

    RecordCommitments committed(long seed) {
        return RecordCommitments.of(this, seeded(seed));
    }

    MadeUpRecords with(List<Row> others) {
        return new MadeUpRecords(named, others);
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public long id(int k) {
        return 10L * k;
    }

    @Override
    public long unit(int k) {
        return rows.get(k).subject();
    }

    @Override
    public byte[] content(int k) {
        return new RecordBytes()
                .add(Part.FEATURES, new long[] {1}, rows.get(k).value().orElseThrow())
                .toBytes();
    }

    /** The same rows, for an alignment. */
    RecordRows asRows() {
        return new RecordRows() {
            @Override
            public int size() {
                return rows.size();
            }

            @Override
            public OptionalLong unit(int row) {
                return named ? OptionalLong.of(rows.get(row).subject()) : OptionalLong.empty();
            }

            @Override
            public Optional<byte[]> content(int row) {
                return rows.get(row).value().map(value -> MadeUpRecords.this.content(row));
            }
        };
    }
}
