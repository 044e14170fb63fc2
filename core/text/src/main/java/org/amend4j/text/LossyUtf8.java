/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.nio.charset.StandardCharsets;

/** UTF-8 of which parts are none: one U+FFFD for each longest beginning of a character, as Unicode recommends and Rust does. */
final class LossyUtf8 {

    private LossyUtf8() {}

    static String decode(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        int i = 0;
        while (i < bytes.length) {
            int length = length(bytes, i);
            if (length > 0) {
                text.append(new String(bytes, i, length, StandardCharsets.UTF_8));
                i += length;
            } else {
                text.append('\ufffd');
                i -= length;
            }
        }
        return text.toString();
    }

    /** How long the character is that begins here; if there is none, minus how many bytes could have begun one. */
    private static int length(byte[] bytes, int begin) {
        int first = bytes[begin] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2 || first > 0xf4) {
            return -1;
        }
        int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        for (int k = 1; k < length; k++) {
            int next = begin + k < bytes.length ? bytes[begin + k] & 0xff : 0;
            if (next < least(first, k) || next > most(first, k)) {
                return -k;
            }
        }
        return length;
    }

    private static int least(int first, int index) {
        return index > 1 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    }

    private static int most(int first, int index) {
        return index > 1 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    }
}
