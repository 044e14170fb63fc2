/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

/** Gymnasium's process could not be started, refused a request, or stopped answering. The message is one sentence. */
public final class GymnasiumException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Characters of what a process says that a message quotes. */
    private static final int LONGEST = 300;

    GymnasiumException(String message) {
        super(message);
    }

    GymnasiumException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What a process said, which may be long, for a message. */
    static String shortened(String said) {
        int left = said.length() - LONGEST;
        return left <= 0 ? said : said.substring(0, LONGEST) + "… (" + left + " characters more)";
    }
}
