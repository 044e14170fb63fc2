/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;

/**
 * What a group of kernels promises, whatever the machine.
 *
 * @param <K> the group
 */
@FunctionalInterface
public interface KernelLaw<K> {

    /**
     * Throws if the promise is not kept.
     *
     * @param type what the machine computes in: FLOAT or DOUBLE
     */
    void check(Machine machine, K kernels, ElementType type);
}
