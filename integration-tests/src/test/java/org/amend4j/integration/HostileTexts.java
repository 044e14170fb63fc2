/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts that are hard to get right: all planes, marks in any order, joined pictures, controls, halves of pairs, long words. */
final class HostileTexts {

    private static final String[] PARTS = {
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "a",
        "the",
        "The",
        "don't",
        "'s",
        "'S",
        "'\u017f",
        "\u00e9",
        "e\u0301",
        "\u1ea5",
        "\u0302",
        "\u0323",
        "\u0301",
        "\u0344",
        "\uac00",
        "\u1100\u1161\u11a8",
        "\u0e33",
        "\u0130",
        "\u03a3",
        "\u00df",
        "\ufb01",
        "\u2126",
        "\u00bd",
        "12",
        "345",
        "\u0663",
        "\u4e2d",
        "\u3042",
        "\u30ab\u3099",
        "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
        "\ud83c\uddeb\ud83c\uddf7",
        "\ud800",
        "\udc00",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u0000",
        "\u0007",
        "\u0085",
        "\u00a0",
        "\u3000",
        "\u2028",
        "\u05d0",
        "\u0627\u0651",
        "!",
        "?!",
        "...",
        "--",
        "[MASK]",
        "[SEP]",
        "<s>",
        "</s>",
        "<|endoftext|>",
        "<mask>",
        "\u2581",
        "_",
        "$",
        "\ufffd",
        "\u1d16",
        "\ud834\udd5e",
        "\u0958",
        "\u09cb",
        "\u0b94",
        "\ud804\udd1a\ud804\udcba",
        "\u212b",
        "\ud87e\udc00",
        "Hello",
        "World"
    };

    private HostileTexts() {}

    /** So many texts by a seed, of up to 40 parts; the first are few and fixed. */
    static List<String> of(long seed, int count) {
        List<String> texts = new ArrayList<>(List.of(
                "", " ", "\n", "a".repeat(150), "\u00e9".repeat(300), "\ud83d\ude00".repeat(120), "ab ".repeat(200)));
        Random random = new Random(seed);
        while (texts.size() < count) {
            texts.add(text(random));
        }
        return texts;
    }

    /** What a text is to Hugging Face, which knows no halves of pairs. */
    static String whole(String text) {
        StringBuilder whole = new StringBuilder();
        text.codePoints()
                .forEach(c -> whole.appendCodePoint(
                        c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c));
        return whole.toString();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int kind = random.nextInt(6);
        for (int i = random.nextInt(40); i > 0; i--) {
            switch (kind == 5 ? random.nextInt(5) : kind) {
                case 0 -> text.append(PARTS[random.nextInt(PARTS.length)]);
                case 1 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
                case 2 -> text.append((char) random.nextInt(Character.MAX_VALUE + 1));
                case 3 -> text.append((char) (' ' + random.nextInt(95)));
                default -> {
                    text.appendCodePoint(random.nextInt(0x3000));
                    text.append(random.nextBoolean() ? "" : Character.toString(0x300 + random.nextInt(0x70)));
                }
            }
        }
        return text.toString();
    }
}
