/**
 * Objectives with their records in fixed blocks that are added up in a fixed order: one process or a cluster of any size gives the same
 * bits. Independent of networks, arrays and of whatever computes the blocks.
 */
@NullMarked
package org.amend4j.objective.blocks;

import org.jspecify.annotations.NullMarked;
