/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

/**
 * A network, its data or its training uses something that a device or a plan does not support. The message names it;
 * Deeplearning4j itself can still compute it.
 */
public final class UnsupportedNetworkException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence that names what is in the way */
    public UnsupportedNetworkException(String message) {
        super(message);
    }

    /**
     * About one vertex.
     *
     * @param what is in the way, such as "is an LSTM layer"
     */
    public static UnsupportedNetworkException vertex(String name, String what) {
        return new UnsupportedNetworkException("vertex '" + name + "' cannot be computed by a plan: it " + what);
    }
}
