/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.List;

/**
 * What an import did to a folder of blocks.
 *
 * @param records how many the table has
 * @param written the numbers of blocks that are new or have other bytes than before, ascending
 * @param unchanged how many blocks have the bytes they had; their files were not touched
 * @param removed the numbers of blocks that have no records any more and had files, ascending
 */
public record BlockChanges(long records, List<Long> written, int unchanged, List<Long> removed) {

    /** Lists are copied. */
    public BlockChanges {
        written = List.copyOf(written);
        removed = List.copyOf(removed);
    }
}
