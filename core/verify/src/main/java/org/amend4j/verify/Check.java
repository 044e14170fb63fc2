/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.Objects;

/**
 * The result of one check.
 *
 * @param name what, in a word or two
 * @param outcome its outcome
 * @param sentence why, on one line
 */
public record Check(String name, Outcome outcome, String sentence) {

    /** What came out. */
    public enum Outcome {
        /** It is as claimed. */
        PASSED,
        /** It is not as claimed, and the certificate must not be relied on. */
        FAILED,
        /** Something was missing to tell. */
        NOT_CHECKED
    }

    /** Makes the sentence one line of printable characters, whatever the certificate put in it. */
    public Check {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(outcome, "outcome");
        sentence = oneLine(sentence);
    }

    private static final int LONGEST = 600;

    private static String oneLine(String text) {
        String printable = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]+", " ");
        return printable.length() <= LONGEST ? printable : printable.substring(0, LONGEST) + "...";
    }

    static Check passed(String name, String sentence) {
        return new Check(name, Outcome.PASSED, sentence);
    }

    static Check failed(String name, String sentence) {
        return new Check(name, Outcome.FAILED, sentence);
    }

    static Check notChecked(String name, String sentence) {
        return new Check(name, Outcome.NOT_CHECKED, sentence);
    }
}
