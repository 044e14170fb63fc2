/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.html.HtmlTable;

/** Values of JSON for people: numbers with four digits, and configurations in words instead of as a program names them. */
final class ForPeople {

    private static final int DIGITS = 4;

    /** {@code Kind[name=}: how facts write a configuration. */
    private static final Pattern CONFIGURATION = Pattern.compile("\\w\\[\\w+=");

    private static final Pattern NOTHING = Pattern.compile("Optional(Double|Int|Long)?(\\.empty|\\[\\])");
    private static final Pattern SOMETHING = Pattern.compile("Optional(?:Double|Int|Long)?\\[([^\\[\\]]*)\\]");
    private static final Pattern DECIMAL =
            Pattern.compile("(at most |at least )?(?<![\\w.-])(-?\\d+\\.\\d+(?:E-?\\d+)?)(?![\\w-]|\\.\\d)");

    /** Longer ones are of a double, not of a person. */
    private static final int LONGEST = 8;

    private static final Pattern NAME = Pattern.compile("(\\w+)=");

    private ForPeople() {}

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

    /** A configuration in words, {@code Kind (name value, name value)}; other texts as they are, but for numbers of many digits. */
    static String text(String text) {
        return DECIMAL.matcher(CONFIGURATION.matcher(text).find() ? inWords(text) : text)
                .replaceAll(found -> Matcher.quoteReplacement(rounded(found)));
    }

    /** A bound is never rounded to the wrong side. */
    private static String rounded(MatchResult found) {
        if (found.group(2).length() <= LONGEST) {
            return found.group();
        }
        double number = Double.parseDouble(found.group(2));
        if (found.group(1) == null) {
            return number(number);
        }
        return found.group(1)
                + (found.group(1).contains("most") ? HtmlTable.atMost(number) : HtmlTable.atLeast(number));
    }

    private static String inWords(String text) {
        String plain = NOTHING.matcher(text).replaceAll("none");
        plain = SOMETHING.matcher(plain).replaceAll("$1");
        plain = brackets(plain);
        return NAME.matcher(plain)
                .replaceAll(name -> Matcher.quoteReplacement(FactsSection.words(name.group(1)) + " "));
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
