/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.html.HtmlTable;

/** Values of JSON for people: numbers with four digits, and configurations in words instead of as a program names them. */
final class Readable {

    private static final int DIGITS = 4;

    /** {@code Kind[name=}: how facts write a configuration. */
    private static final Pattern CONFIGURATION = Pattern.compile("\\w\\[\\w+=");

    private static final Pattern NOTHING = Pattern.compile("Optional(Double|Int|Long)?(\\.empty|\\[\\])");
    private static final Pattern SOMETHING = Pattern.compile("Optional(?:Double|Int|Long)?\\[([^\\[\\]]*)\\]");
    private static final Pattern DECIMAL = Pattern.compile("(?<![\\w.])-?\\d+\\.\\d+(?:E-?\\d+)?(?![\\w.])");
    private static final Pattern NAME = Pattern.compile("(\\w+)=");

    private Readable() {}

    /** Rounded; JSON has all digits. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        BigDecimal shortest = BigDecimal.valueOf(value).stripTrailingZeros();
        boolean isShort = shortest.precision() <= DIGITS && Math.abs(shortest.scale()) <= DIGITS;
        return isShort ? shortest.toPlainString() : HtmlTable.number(value);
    }

    /** Lists in lists as JSON writes them, with rounded numbers. */
    static String json(JsonNode node) {
        if (node.isArray()) {
            List<String> items = new ArrayList<>();
            node.forEach(item -> items.add(json(item)));
            return "[" + String.join(",", items) + "]";
        }
        return node.isFloatingPointNumber() ? number(node.doubleValue()) : node.toString();
    }

    /** A configuration in words, {@code Kind (name value, name value)}; other texts as they are. */
    static String text(String text) {
        if (!CONFIGURATION.matcher(text).find()) {
            return text;
        }
        String plain = NOTHING.matcher(text).replaceAll("none");
        plain = SOMETHING.matcher(plain).replaceAll("$1");
        plain = brackets(plain);
        plain = NAME.matcher(plain)
                .replaceAll(name -> Matcher.quoteReplacement(FactsSection.words(name.group(1)) + " "));
        return DECIMAL.matcher(plain)
                .replaceAll(number -> Matcher.quoteReplacement(number(Double.parseDouble(number.group()))));
    }

    /** Behind a name round ones; those of lists stay. */
    private static String brackets(String text) {
        StringBuilder out = new StringBuilder();
        Deque<String> ends = new ArrayDeque<>();
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '[') {
                boolean named = i > 0 && Character.isLetterOrDigit(text.charAt(i - 1));
                out.append(named ? " (" : "[");
                ends.push(named ? ")" : "]");
            } else if (letter == ']' && !ends.isEmpty()) {
                out.append(ends.pop());
            } else {
                out.append(letter);
            }
        }
        return out.toString();
    }
}
