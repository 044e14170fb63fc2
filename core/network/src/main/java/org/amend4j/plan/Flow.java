/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.Optional;
import org.amend4j.network.LowRank;

/**
 * The gradient of a node's result.
 *
 * @param owned whether nobody else reads the value, so that it may be overwritten
 * @param missing what is still to be added to the value, by the activation's gradient
 */
record Flow(Value value, boolean owned, Optional<ThroughAdapter> missing) {

    /** s·Q·Aᵀ, with Q = dBᵀ. */
    record ThroughAdapter(Value outer, LowRank adapter) {}

    /** A whole gradient. */
    Flow(Value value, boolean owned) {
        this(value, owned, Optional.empty());
    }
}
