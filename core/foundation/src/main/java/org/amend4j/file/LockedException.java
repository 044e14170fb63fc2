/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.file;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Another writer holds the lock. */
public final class LockedException extends IOException {

    private static final long serialVersionUID = 1L;

    /** @param message what is locked */
    public LockedException(String message) {
        this(message, null);
    }

    /**
     * With what showed it.
     *
     * @param message what is locked
     */
    public LockedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
