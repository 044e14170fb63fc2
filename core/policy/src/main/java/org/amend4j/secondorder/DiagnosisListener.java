package org.amend4j.secondorder;

/** Hears how far a diagnosis is, in its thread. */
@FunctionalInterface
public interface DiagnosisListener {

    /**
     * A pass over a batch was made.
     *
     * @param passes forward passes so far
     * @param atMost never more than that
     */
    void passed(int passes, int atMost);
}
