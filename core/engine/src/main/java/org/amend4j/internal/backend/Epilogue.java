/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.Optional;

/**
 * What becomes of the elements of a product C before they are written, so that no pass over C does it: v is an element of α·op(A)·op(B) + β·C,
 * C being in order ROWS, [m, n].
 */
public sealed interface Epilogue {

    /**
     * v + bias.
     *
     * @param bias [n], of C's type
     */
    record Bias(MachineArray bias) implements Epilogue {}

    /**
     * max(v + bias, 0); NaN stays NaN.
     *
     * @param bias [n], of C's type
     * @param positive where to note which elements of C are positive; [m, n]
     */
    record BiasRectifier(MachineArray bias, Optional<SignMask> positive) implements Epilogue {}

    /**
     * The gradient of a rectifier: v where its result was positive, else 0, or NaN where v is NaN.
     *
     * @param positive what {@link BiasRectifier} noted, [m, n]
     * @param sums [n], floats: the column sums of what is written to C, if they are wanted
     */
    record RectifierGradient(SignMask positive, Optional<MachineArray> sums) implements Epilogue {}
}
