/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

/**
 * Something the user gave is wrong. The message is one sentence that names the file or option, the rule and the value;
 * the command line prints it and exits with 2.
 */
public final class BadInputException extends RuntimeException {

    private final String sentence;

    public BadInputException(String sentence) {
        super(sentence);
        this.sentence = sentence;
    }

    public BadInputException(String sentence, Throwable cause) {
        super(sentence, cause);
        this.sentence = sentence;
    }

    @Override
    public String getMessage() {
        return sentence;
    }
}
