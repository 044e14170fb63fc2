/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

/** Something that was to be read is not what it should be; the message is one sentence. */
final class RejectedException extends Exception {

    private static final long serialVersionUID = 1L;

    RejectedException(String sentence) {
        super(sentence);
    }

    /** The sentence. */
    String sentence() {
        return String.valueOf(getMessage());
    }
}
