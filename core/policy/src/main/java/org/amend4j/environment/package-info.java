/**
 * Environments for reinforcement learning after Gymnasium's conventions, in plain Java and double arithmetic: what an
 * environment is ({@link org.amend4j.environment.Environment}), how time limits and several environments at once wrap
 * it, the classic ones by name ({@link org.amend4j.environment.Environments}), and finite ones from their tables.
 * Independent of networks and of ND4J's arrays.
 */
@NullMarked
package org.amend4j.environment;

import org.jspecify.annotations.NullMarked;
