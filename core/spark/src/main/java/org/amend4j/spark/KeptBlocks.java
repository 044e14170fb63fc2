/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.graph.Records;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Blocks in memory, as many as there is room for: those that were not used for the longest time go, since with every executor that is lost
 * its blocks come to the others. Thread-safe.
 */
final class KeptBlocks {

    /** A block that was read, and whether it is known to be what it must be. */
    static final class Kept {

        private final Records records;
        private final long bytes;
        private volatile boolean checked;

        private Kept(Records records) {
            this.records = records;
            this.bytes = KeptBlocks.bytes(records.all());
        }

        Records records() {
            return records;
        }

        boolean isChecked() {
            return checked;
        }

        void checked() {
            checked = true;
        }
    }

    private final long room;
    private final Map<Long, Kept> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /**
     * Without blocks so far.
     *
     * @param room in bytes; a block alone may take more
     */
    KeptBlocks(long room) {
        this.room = room;
    }

    /** With half of what arrays may take: the rest is for computing. */
    static KeptBlocks inHalfOfMemory() {
        return new KeptBlocks(Pointer.maxBytes() / 2);
    }

    synchronized Optional<Kept> get(long block) {
        return Optional.ofNullable(blocks.get(block));
    }

    synchronized Kept put(long block, Records records) {
        Kept before = blocks.remove(block);
        bytes -= before == null ? 0 : before.bytes;
        Kept kept = new Kept(records);
        blocks.put(block, kept);
        bytes += kept.bytes;
        Iterator<Kept> oldest = blocks.values().iterator();
        while (bytes > room && blocks.size() > 1) {
            bytes -= oldest.next().bytes;
            oldest.remove();
        }
        return kept;
    }

    private static long bytes(MultiDataSet data) {
        return Stream.of(data.getFeatures(), data.getLabels(), data.getFeaturesMaskArrays(), data.getLabelsMaskArrays())
                .mapToLong(KeptBlocks::bytes)
                .sum();
    }

    private static long bytes(INDArray @Nullable [] arrays) {
        return arrays == null
                ? 0
                : Arrays.stream(arrays)
                        .mapToLong(array -> array == null
                                ? 0
                                : array.length() * array.dataType().width())
                        .sum();
    }
}
