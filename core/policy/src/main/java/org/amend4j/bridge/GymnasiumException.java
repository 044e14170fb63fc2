/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

/** Gymnasium's process could not be started, refused something, or does not answer any more; one sentence. */
public final class GymnasiumException extends RuntimeException {

    private static final long serialVersionUID = 1;

    GymnasiumException(String message) {
        super(message);
    }

    GymnasiumException(String message, Throwable cause) {
        super(message, cause);
    }
}
