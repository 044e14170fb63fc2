package org.amend4j.objective;

/** The type an objective computes in; parameters and results cross its door as doubles either way. */
public enum Precision {
    /** About 7 decimal digits: enough to train, not enough to certify or to difference. */
    FLOAT,
    /** About 16 decimal digits. */
    DOUBLE
}
