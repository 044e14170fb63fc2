/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

/** Gymnasium's process could not be started, refused a request, or stopped answering. The message is one sentence. */
public final class GymnasiumException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Characters of what a process says that a message quotes. */
    private static final int LONGEST = 300;

    /** Whether another Python may help. */
    private final boolean missing;

    GymnasiumException(String message) {
        this(message, false);
    }

    private GymnasiumException(String message, boolean missing) {
        super(message);
        this.missing = missing;
    }

    GymnasiumException(String message, Throwable cause) {
        super(message, cause);
        missing = false;
    }

    /** What a peer said, perhaps that Gymnasium or a package that an environment needs is missing. */
    static GymnasiumException said(String message, boolean missing) {
        return new GymnasiumException(message, missing);
    }

    /** Python is missing. */
    static GymnasiumException noPython(String message, Throwable cause) {
        GymnasiumException failure = new GymnasiumException(message, true);
        failure.initCause(cause);
        return failure;
    }

    /** Whether Python, Gymnasium or a package that an environment needs is missing, so that another Python may help. */
    public boolean isMissing() {
        return missing;
    }

    /** What a process said, which may be long, for a message. */
    static String shortened(String said) {
        int left = said.length() - LONGEST;
        return left <= 0 ? said : said.substring(0, LONGEST) + "… (" + left + " characters more)";
    }
}
