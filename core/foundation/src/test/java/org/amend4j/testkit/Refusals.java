/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Asserts that bad input is refused in one sentence that says why. */
public final class Refusals {
    private Refusals() {}

    /** Expects an {@link IllegalArgumentException} whose single sentence contains the rule. */
    public static String refused(String rule, Executable action) {
        return refused(IllegalArgumentException.class, rule, action);
    }

    /** Expects an exception of this type whose single sentence contains the rule; returns the sentence. */
    public static String refused(Class<? extends Exception> type, String rule, Executable action) {
        String sentence = sentence(assertThrows(type, action));
        assertTrue(sentence.contains(rule), sentence);
        return sentence;
    }

    /** The message of a refusal, which must be one line. */
    public static String sentence(Throwable refusal) {
        String message = String.valueOf(refusal.getMessage());
        assertFalse(message.isEmpty() || message.equals("null") || message.contains("\n"), message);
        return message;
    }
}
