/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

/** An adapter that a request names cannot be had: there is none, it does not fit the base, or it exceeds the memory allowed. */
public final class UnavailableAdapterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnavailableAdapterException(String name, String reason) {
        super("the adapter '" + name + "' cannot be used: " + reason);
    }

    UnavailableAdapterException(String name, Throwable cause) {
        super(
                "the adapter '" + name + "' cannot be used: "
                        + (cause.getMessage() == null ? cause : cause.getMessage()),
                cause);
    }
}
