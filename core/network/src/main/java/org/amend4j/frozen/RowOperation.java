/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;

/** One fast operation on rows. Steps hold weights and geometry but no state of a call. */
sealed interface RowOperation
        permits ProductStep, ConvolutionStep, DepthwiseStep, AffineStep, AddStep, PoolStep, MergeStep, ResampleStep {

    /** Whether the step can take these inputs; if not, DL4J's own vertices do the work. */
    boolean accepts(List<RowValue> inputs);

    /**
     * Computes the output.
     *
     * @param inputs accepted inputs; not modified
     * @param frame where blocks come from
     * @return rows in a block of their own, the epilogue perhaps pending
     */
    RowValue.Rows run(List<RowValue> inputs, Frame frame);

    /** Whether it applies what is pending on its inputs while reading them. */
    boolean readsPending();

    /** What kind of work this is, for reports. */
    String kind();
}
