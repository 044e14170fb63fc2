/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

/** Gymnasium's process could not be started, refused a request, or stopped answering. The message is one sentence. */
public final class GymnasiumException extends RuntimeException {

    private static final long serialVersionUID = 1;

    GymnasiumException(String message) {
        super(message);
    }

    GymnasiumException(String message, Throwable cause) {
        super(message, cause);
    }
}
