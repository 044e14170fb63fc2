/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

/**
 * Characters that may be looked at only so often: a stranger's expression can ask for more of them than anybody waits for, whatever form
 * it has.
 */
final class CountedText implements CharSequence {

    /** Looks at each character; expressions of published tokenizers need some ten. */
    private static final long EACH = 2000;

    private static final long AT_LEAST = 100_000;

    private final CharSequence characters;
    private long left;

    CountedText(CharSequence characters) {
        this.characters = characters;
        this.left = AT_LEAST + EACH * characters.length();
    }

    /** They were looked at too often. */
    static final class ExhaustedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        ExhaustedException() {
            super("an expression takes too long", null, false, false);
        }
    }

    @Override
    public char charAt(int index) {
        if (--left < 0) {
            throw new ExhaustedException();
        }
        return characters.charAt(index);
    }

    @Override
    public int length() {
        return characters.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return characters.subSequence(start, end);
    }

    @Override
    public String toString() {
        return characters.toString();
    }
}
