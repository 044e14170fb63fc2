/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

/** Which characters a reader sees. */
public final class Characters {

    private Characters() {}

    /**
     * Whether a character is shown as itself: no control or format character, which may turn the direction of what is around it, no half
     * of a pair, and nothing that Unicode has not assigned.
     */
    public static boolean isSeen(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
