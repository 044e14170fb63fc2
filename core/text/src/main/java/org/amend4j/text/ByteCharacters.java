/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;

/** GPT-2's visible character for every byte: itself where it is seen, else one from U+0100 on. */
final class ByteCharacters {

    /** How a blank is written. */
    static final int SPACE = 0x120;

    private static final int LAST = 0x143;
    private static final int[] CHARACTERS = new int[256];
    private static final int[] BYTES = new int[LAST + 1];

    static {
        Arrays.fill(BYTES, -1);
        int next = 0x100;
        for (int b = 0; b < CHARACTERS.length; b++) {
            boolean seen = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
            CHARACTERS[b] = seen ? b : next++;
            BYTES[CHARACTERS[b]] = b;
        }
    }

    private ByteCharacters() {}

    /** The character of a byte in [0, 255]. */
    static int character(int oneByte) {
        return CHARACTERS[oneByte];
    }

    /** The byte of a character, or −1. */
    static int oneByte(int codePoint) {
        return codePoint <= LAST ? BYTES[codePoint] : -1;
    }

    /** Every byte of a text as a character; each stands where the text's character stood. */
    static AlignedText spelled(AlignedText text) {
        AlignedText.Builder spelled = new AlignedText.Builder(text.length());
        for (int i = 0; i < text.length(); i++) {
            int c = text.codePoint(i);
            if (c < 0x80) {
                spelled.add(CHARACTERS[c], text, i);
            } else if (c < 0x800) {
                spelled.add(CHARACTERS[0xc0 | c >> 6], text, i);
                spelled.add(CHARACTERS[continued(c)], text, i);
            } else if (c < 0x10000) {
                spelled.add(CHARACTERS[0xe0 | c >> 12], text, i);
                spelled.add(CHARACTERS[continued(c >> 6)], text, i);
                spelled.add(CHARACTERS[continued(c)], text, i);
            } else {
                spelled.add(CHARACTERS[0xf0 | c >> 18], text, i);
                spelled.add(CHARACTERS[continued(c >> 12)], text, i);
                spelled.add(CHARACTERS[continued(c >> 6)], text, i);
                spelled.add(CHARACTERS[continued(c)], text, i);
            }
        }
        return spelled.build();
    }

    private static int continued(int bits) {
        return 0x80 | (bits & 0x3f);
    }
}
