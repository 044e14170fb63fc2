/**
 * Objectives with their records on the executors of a Spark cluster. Blocks, their order and all arithmetic between them are those of
 * {@link org.amend4j.objective.blocks}: a cluster gives the bits of one process.
 */
@NullMarked
package org.amend4j.spark;

import org.jspecify.annotations.NullMarked;
