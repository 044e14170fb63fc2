/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

/** An option is missing that the others ask for; the user sees where help is, too. */
final class MissingOptionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MissingOptionException(String sentence) {
        super(sentence);
    }
}
