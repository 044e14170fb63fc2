/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/** Is notified of the progress of a diagnosis, in its thread. */
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
