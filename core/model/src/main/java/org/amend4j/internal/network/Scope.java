/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/** Which vertices of a graph become operations. */
public enum Scope {
    /** Those that kernels know; any other is refused by name. */
    KNOWN,
    /** Every vertex: Deeplearning4j itself computes those that kernels do not know, one step each. For machines that call out. */
    ANY;

    /** What a machine takes. */
    public static Scope of(boolean callsOut) {
        return callsOut ? ANY : KNOWN;
    }
}
