/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.text;

/** Which characters a reader sees. */
public final class Characters {

    /**
     * Letters, marks and symbols that are shown as nothing or as a space: those that Unicode lets programs ignore (property
     * Default_Ignorable_Code_Point) and that have no type which says so, and the braille pattern without a dot.
     */
    private static final String BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0";

    private Characters() {}

    /**
     * Whether a character is shown as itself and told from others: no control or format character, which may turn the direction of what
     * is around it, no half of a pair, nothing that Unicode has not assigned, no blank, and of all spaces only the usual one.
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
            case Character.SPACE_SEPARATOR -> codePoint == ' ';
            default -> BLANK.indexOf(codePoint) < 0 && !isVariationSelector(codePoint);
        };
    }

    private static boolean isVariationSelector(int codePoint) {
        return (codePoint >= 0xFE00 && codePoint <= 0xFE0F) || (codePoint >= 0xE0100 && codePoint <= 0xE01EF);
    }
}
