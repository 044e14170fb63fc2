/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import org.amend4j.internal.validation.Checks;

/**
 * How many threads run a kernel: a grid of blocks, blocks of one dimension.
 *
 * @param gridX blocks, at least 1
 * @param gridY blocks, in [1, 65535]
 * @param block threads of a block, a multiple of 32 in [32, 1024]
 * @param sharedBytes shared memory of a block, in [0, 49152], what every card grants without being asked
 */
public record LaunchShape(int gridX, int gridY, int block, int sharedBytes) {

    /** The block size of kernels that have no reason for another. */
    public static final int BLOCK = 256;

    private static final int MOST_BLOCKS = 4096;
    private static final int MOST_SHARED_BYTES = 48 << 10;

    public LaunchShape {
        Checks.atLeast(1, "blocks in x", gridX);
        Checks.inRange(1, 65535, "blocks in y", gridY);
        Checks.inRange(32, 1024, "threads of a block", block);
        if (block % 32 != 0) {
            throw new IllegalArgumentException("threads of a block must be a multiple of 32, got " + block);
        }
        Checks.inRange(0, MOST_SHARED_BYTES, "shared bytes", sharedBytes);
    }

    /** For kernels that go through {@code count} > 0 elements with a stride of the whole grid. */
    public static LaunchShape linear(long count) {
        return new LaunchShape(blocks((count + BLOCK - 1) / BLOCK), 1, BLOCK, 0);
    }

    /** For kernels whose blocks go through {@code rows} > 0 rows, with a float of shared memory for each warp. */
    public static LaunchShape blockPerRow(long rows, int block) {
        return new LaunchShape(blocks(rows), 1, block, block / 32 * Float.BYTES);
    }

    private static int blocks(long wanted) {
        return (int) Math.max(1, Math.min(wanted, MOST_BLOCKS));
    }
}
