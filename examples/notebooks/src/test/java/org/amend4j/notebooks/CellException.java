/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

/** A cell that does not compile, that loses a variable, or that has thrown what is the cause; without a stack trace of its own. */
final class CellException extends RuntimeException {

    CellException(String message) {
        super(message, null, false, false);
    }

    CellException(Throwable cause) {
        super(cause.toString(), cause, false, false);
    }
}
