/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;

/**
 * What an executor has done with a block.
 *
 * @param number the block's
 * @param records how many it has
 * @param changed whether its file was written; else there is one with these bytes
 */
record StagedBlock(long number, int records, boolean changed) implements Serializable {}
