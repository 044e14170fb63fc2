/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Optional;
import org.amend4j.internal.network.LowRank;

/**
 * The gradient of a node's result.
 *
 * @param owned whether nobody else reads the value, so that it may be overwritten
 * @param missing what is still to be added to the value, by the activation's gradient
 * @param differentiated whether it is the gradient before the node's activation already, and the column sums of that are where they are wanted
 */
record GradientFlow(Value value, boolean owned, Optional<ThroughAdapter> missing, boolean differentiated) {

    /** s·Q·Aᵀ, with Q = dBᵀ. */
    record ThroughAdapter(Value outer, LowRank adapter) {}

    /** A whole gradient. */
    GradientFlow(Value value, boolean owned) {
        this(value, owned, Optional.empty(), false);
    }

    /** One before the node's activation. */
    static GradientFlow differentiated(Value value) {
        return new GradientFlow(value, true, Optional.empty(), true);
    }
}
