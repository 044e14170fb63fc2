/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.internal.backend.ActivationKernels.ColumnSums;
import org.amend4j.internal.network.Values;

/**
 * Column sums that are a vector's gradient.
 *
 * @param scratch for the sums of chunks of rows
 */
record ColumnSumsOf(Values.Slice vector, Value scratch) {

    ColumnSums on(Bindings b) {
        return new ColumnSums(b.gradient(vector), b.array(scratch), 0);
    }
}
