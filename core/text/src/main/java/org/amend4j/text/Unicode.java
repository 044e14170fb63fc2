/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/** Classes of characters as Hugging Face's library has them; the same in every Java. */
final class Unicode {

    private static final int LAST_ASCII = 127;
    private static final Map<String, int[]> CLASSES = read();
    private static final CodePoints SPACES = new CodePoints(
            0x09, 0x0d, 0x20, 0x20, 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f,
            0x202f, 0x205f, 0x205f, 0x3000, 0x3000);
    private static final CodePoints CHINESE = new CodePoints(
            0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xf900, 0xfaff, 0x20000, 0x2a6df, 0x2a700, 0x2b73f, 0x2b740, 0x2b81f,
            0x2b920, 0x2ceaf, 0x2f800, 0x2fa1f);
    private static final CodePoints CONTROLS = named("control");
    private static final CodePoints PUNCTUATION = named("punctuation");
    private static final CodePoints NONSPACING = named("nonspacing");
    private static final CodePoints COMBINING = named("combining");
    private static final CodePoints NUMERIC = named("numeric");
    private static final CodePoints UNDECOMPOSED = named("undecomposed");
    private static final Map<Integer, Integer> LOWER = lower();
    private static final Map<Integer, Integer> COMBINING_CLASSES = combiningClasses();

    private Unicode() {}

    static boolean isSpace(int codePoint) {
        return codePoint <= LAST_ASCII
                ? codePoint == ' ' || (codePoint >= '\t' && codePoint <= '\r')
                : SPACES.contains(codePoint);
    }

    /** What BERT's cleaning removes: controls, formats, private use. */
    static boolean isControl(int codePoint) {
        return codePoint <= LAST_ASCII
                ? (codePoint < ' ' && codePoint != '\t' && codePoint != '\n' && codePoint != '\r')
                        || codePoint == LAST_ASCII
                : CONTROLS.contains(codePoint);
    }

    static boolean isPunctuation(int codePoint) {
        return PUNCTUATION.contains(codePoint);
    }

    static boolean isNonspacingMark(int codePoint) {
        return codePoint > LAST_ASCII && NONSPACING.contains(codePoint);
    }

    static boolean isCombiningMark(int codePoint) {
        return codePoint > LAST_ASCII && COMBINING.contains(codePoint);
    }

    static boolean isNumeric(int codePoint) {
        return codePoint <= LAST_ASCII ? codePoint >= '0' && codePoint <= '9' : NUMERIC.contains(codePoint);
    }

    static boolean isChinese(int codePoint) {
        return codePoint >= 0x3400 && CHINESE.contains(codePoint);
    }

    /** Letters, marks, digits, connectors and joiners. */
    static boolean isWord(int codePoint) {
        int known = LaterCharacters.replaced(codePoint);
        return switch (Character.getType(known)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.CONNECTOR_PUNCTUATION -> true;
            default -> Character.isAlphabetic(known) || known == 0x200c || known == 0x200d;
        };
    }

    /** Not for U+0130, which becomes two. */
    static int lower(int codePoint) {
        if (codePoint <= LAST_ASCII) {
            return codePoint >= 'A' && codePoint <= 'Z' ? codePoint + ('a' - 'A') : codePoint;
        }
        Integer later = LOWER.get(codePoint);
        return later == null ? Character.toLowerCase(codePoint) : later;
    }

    static int combiningClass(int codePoint) {
        return codePoint < 0x300 ? 0 : COMBINING_CLASSES.getOrDefault(codePoint, 0);
    }

    static boolean isDecomposed(int codePoint) {
        return !UNDECOMPOSED.contains(codePoint);
    }

    /** Every class of the resource with a name that begins so: the rest of its name, and pairs of a first and a last. */
    static void forEach(String prefix, BiConsumer<String, int[]> action) {
        CLASSES.forEach((name, bounds) -> {
            if (name.startsWith(prefix)) {
                action.accept(name.substring(prefix.length()), bounds);
            }
        });
    }

    private static CodePoints named(String name) {
        return new CodePoints(Objects.requireNonNull(CLASSES.get(name)));
    }

    private static Map<Integer, Integer> lower() {
        Map<Integer, Integer> lower = new HashMap<>();
        int[] triples = Objects.requireNonNull(CLASSES.get("lower"));
        for (int i = 0; i < triples.length; i += 3) {
            for (int c = triples[i]; c <= triples[i + 1]; c++) {
                lower.put(c, triples[i + 2] + c - triples[i]);
            }
        }
        return lower;
    }

    private static Map<Integer, Integer> combiningClasses() {
        Map<Integer, Integer> classes = new HashMap<>();
        forEach("class-", (combiningClass, bounds) -> {
            for (int i = 0; i < bounds.length; i += 2) {
                for (int c = bounds[i]; c <= bounds[i + 1]; c++) {
                    classes.put(c, Integer.parseInt(combiningClass));
                }
            }
        });
        return classes;
    }

    private static Map<String, int[]> read() {
        Map<String, StringBuilder> lines = new LinkedHashMap<>();
        StringBuilder current = new StringBuilder();
        for (String line : resource().lines().toList()) {
            if (line.startsWith("+")) {
                current.append(line, 1, line.length());
            } else if (!line.startsWith("#")) {
                int colon = line.indexOf(':');
                current = new StringBuilder(line.substring(colon + 1));
                lines.put(line.substring(0, colon), current);
            }
        }
        Map<String, int[]> classes = new HashMap<>();
        lines.forEach(
                (name, ranges) -> classes.put(name, bounds(ranges.toString().trim())));
        return classes;
    }

    /** Of {@code a}, {@code a-b} and {@code a-b=c}. */
    private static int[] bounds(String ranges) {
        return Arrays.stream(ranges.split(" ", -1))
                .map(range -> range.indexOf('-') < 0 ? range + "-" + range : range)
                .flatMap(range -> Arrays.stream(range.split("[-=]", -1)))
                .mapToInt(hexadecimal -> Integer.parseInt(hexadecimal, 16))
                .toArray();
    }

    private static String resource() {
        try (InputStream in = Objects.requireNonNull(Unicode.class.getResourceAsStream("characters.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("a resource of the library cannot be read", e);
        }
    }
}
