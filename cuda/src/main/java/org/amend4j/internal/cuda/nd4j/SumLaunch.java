/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import org.amend4j.internal.cuda.kernel.AdapterSumLayout;

/**
 * How {@code y += scale·low·up + bias} is launched.
 *
 * @param isTransposed whether the kernel is given yᵀ, and so upᵀ for low and lowᵀ for up
 */
record SumLaunch(AdapterSumLayout layout, boolean isTransposed) {

    /** The kernel's arguments, given the addresses of the arrays as they are called here. */
    long[] arguments(long y, long low, long up, float scale, long bias) {
        return isTransposed ? layout.arguments(y, up, low, scale, bias) : layout.arguments(y, low, up, scale, bias);
    }
}
