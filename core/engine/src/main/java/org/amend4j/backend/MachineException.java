/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.backend;

/** A machine refused or failed: an error status, a kernel that wrote where it must not, memory that was not given back. */
public final class MachineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public MachineException(String message) {
        super(message);
    }

    public MachineException(String message, Throwable cause) {
        super(message, cause);
    }
}
