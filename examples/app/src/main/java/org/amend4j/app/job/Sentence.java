/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import java.util.Objects;

/** Puts what went wrong on one line. */
public final class Sentence {

    private static final int DEEPEST = 50;

    /** The most that a terminal shows at once; longer text quotes a file. */
    private static final int LONGEST = 2_000;

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

    /** A text on one line, without what Jackson says of the place of a bracket in a source that it does not show. */
    public static String oneLine(String text) {
        return printable(shortened(text)
                .replaceAll(" \\(start marker at \\[Source: REDACTED [^\\]]*]\\)", "")
                .strip()
                .replaceAll("\\s*\\R\\s*", "; "));
    }

    private static String shortened(String text) {
        int left = text.length() - LONGEST;
        return left <= 0
                ? text
                : text.substring(0, LONGEST / 2) + "… (" + left + " characters) …" + text.substring(LONGEST / 2 + left);
    }

    /** A text with what steers a terminal or turns the direction of what is around it as {@code \\u{..}}: names come from files. */
    public static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().forEach(c -> {
            boolean steers =
                    Character.getType(c) == Character.FORMAT || (Character.isISOControl(c) && "\n\r\t".indexOf(c) < 0);
            if (steers) {
                printable.append("\\u{").append(Integer.toHexString(c)).append('}');
            } else {
                printable.appendCodePoint(c);
            }
        });
        return printable.toString();
    }
}
