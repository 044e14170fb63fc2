/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import java.util.Objects;

/** What went wrong, on one line. */
public final class Sentence {

    private static final int DEEPEST = 50;

    private Sentence() {}

    /** The message of a failure, and that of what caused it in the first place if it is not in there already. */
    public static String of(Throwable failure) {
        Throwable root = root(failure);
        if (root instanceof OutOfMemoryError) {
            return "out of memory (" + line(root) + "): give Java more with -Xmx, such as AMEND4J_JAVA_OPTS=-Xmx8g";
        }
        String deepest = line(root);
        // Java makes a message of the cause if there is none.
        if (root == failure || line(failure).equals(oneLine(Objects.toString(failure.getCause())))) {
            return deepest;
        }
        return line(failure).contains(deepest) ? line(failure) : line(failure) + ": " + deepest;
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; depth < DEEPEST && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return root;
    }

    private static String line(Throwable failure) {
        return failure.getMessage() == null || failure.getMessage().isBlank()
                ? failure.getClass().getSimpleName()
                : oneLine(failure.getMessage());
    }

    /** A text on one line. */
    public static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
