package org.amend4j.cuda.emulated;

/** In which order the blocks of a grid, and the threads of a block between two barriers, are run. */
public enum ThreadOrder {
    ASCENDING,
    DESCENDING,
    /** By a fixed pseudo-random sequence. */
    SHUFFLED
}
