/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Characters that are younger than Java's own tables. Where only the class of a character counts, one that Java knows, of the same class
 * and as long, takes its place; so expressions find the same in every Java.
 */
final class LaterCharacters {

    private record Group(CodePoints members, int inBasicPlane, int beyond) {}

    /** Below, every Java agrees. */
    private static final int FIRST = 0x600;

    private static final List<Group> GROUPS = List.of(
            of("Han", 0x3400, 0x20000),
            of("Lo", 0xa000, 0x10300),
            of("Lm", 0xa4f8, 0x16b40),
            of("Lu", 0x13a0, 0x10400),
            of("Ll", 0xab70, 0x10428),
            of("M", 0x0e31, 0x1d165),
            of("Nd", 0xa620, 0x104a0),
            of("No", 0x2150, 0x10107),
            of("Cf", 0x2060, 0xe0001),
            of("P", 0x2e0e, 0x10100),
            of("S", 0x2800, 0x1d100));
    private static final CodePoints ALL = all();

    private LaterCharacters() {}

    /** The character itself, or the one in its place. */
    static int replaced(int codePoint) {
        if (codePoint < FIRST || !ALL.contains(codePoint)) {
            return codePoint;
        }
        for (Group one : GROUPS) {
            if (one.members.contains(codePoint)) {
                return Character.isBmpCodePoint(codePoint) ? one.inBasicPlane : one.beyond;
            }
        }
        return codePoint;
    }

    private static Group of(String name, int inBasicPlane, int beyond) {
        return new Group(Unicode.named("later-" + name), inBasicPlane, beyond);
    }

    private static CodePoints all() {
        List<int[]> ranges = new ArrayList<>();
        GROUPS.forEach(one -> one.members.addTo(ranges));
        return CodePoints.union(ranges);
    }
}
