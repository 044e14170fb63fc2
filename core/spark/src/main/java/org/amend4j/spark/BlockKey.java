/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import java.util.Comparator;
import org.apache.spark.Partitioner;

/**
 * Where a record goes, and in which order: to its block, there by its id. Where blocks do not bring equal ids together, ids alone go to
 * whoever compares them.
 *
 * @param what is sent
 * @param group the block, or the id
 * @param id of the record
 */
record BlockKey(Sent what, long group, long id) implements Serializable, Comparable<BlockKey> {

    private static final Comparator<BlockKey> ORDER = Comparator.comparing(BlockKey::what)
            .thenComparingLong(BlockKey::group)
            .thenComparingLong(BlockKey::id);

    /** Ids come first, so that nothing is written if two are the same. */
    enum Sent {
        ID,
        RECORD
    }

    @Override
    public int compareTo(BlockKey other) {
        return ORDER.compare(this, other);
    }

    /** Deals groups out to tasks. By their numbers: those of enums are other ones in every process. */
    static final class ByGroup extends Partitioner {

        private static final long serialVersionUID = 1;

        private final int tasks;

        ByGroup(int tasks) {
            this.tasks = tasks;
        }

        @Override
        public int numPartitions() {
            return tasks;
        }

        @Override
        public int getPartition(Object key) {
            return (int) Math.floorMod(((BlockKey) key).group(), (long) tasks);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByGroup same && same.tasks == tasks;
        }

        @Override
        public int hashCode() {
            return tasks;
        }
    }
}
