/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import org.amend4j.objective.blocks.BlockSum;

/**
 * A block's sum on its way to the driver.
 *
 * @param block its number
 */
record BlockAnswer(long block, BlockSum sum) implements Serializable {}
