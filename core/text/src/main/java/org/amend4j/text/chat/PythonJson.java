/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** JSON as Python's {@code json.dumps} writes it, without escapes of what is not ASCII unless asked. */
final class PythonJson {

    private static final int MOST_INDENT = 64;

    private final StringBuilder json = new StringBuilder();
    private final Budget budget;
    private final boolean ascii;
    private final String indent;
    private final boolean lines;
    private final String between;
    private final String colon;
    private final boolean sorted;

    private PythonJson(Arguments arguments, Budget budget) {
        arguments.only("the filter 'tojson'", "ensure_ascii", "indent", "separators", "sort_keys");
        this.budget = budget;
        this.ascii = arguments.flag(0, "ensure_ascii");
        Object width = arguments.get(1, "indent").orElse(None.NONE);
        this.lines = width != None.NONE;
        this.indent = lines ? indent(width) : "";
        Object separators = arguments.get(2, "separators").orElse(None.NONE);
        if (separators instanceof Items two
                && two.values().size() == 2
                && two.values().get(0) instanceof String comma
                && two.values().get(1) instanceof String point) {
            this.between = comma;
            this.colon = point;
        } else if (separators == None.NONE) {
            this.between = lines ? "," : ", ";
            this.colon = ": ";
        } else {
            throw new ChatTemplateException("the argument 'separators' must be two texts");
        }
        this.sorted = arguments.flag(3, "sort_keys");
    }

    static String of(Object value, Arguments arguments, Budget budget) {
        PythonJson writer = new PythonJson(arguments, budget);
        writer.write(value, 0);
        return writer.json.toString();
    }

    private static String indent(Object width) {
        if (width instanceof String text) {
            return text;
        }
        int count = Values.index(width, "indent");
        if (count > MOST_INDENT) {
            throw new ChatTemplateException("the argument 'indent' must be at most " + MOST_INDENT);
        }
        return " ".repeat(Math.max(0, count));
    }

    private void write(Object value, int level) {
        budget.step();
        if (value instanceof String text) {
            quote(text);
        } else if (value instanceof Boolean || value == None.NONE) {
            put(value == None.NONE ? "null" : value.toString());
        } else if (value instanceof BigInteger number) {
            put(number.toString());
        } else if (value instanceof Double number) {
            put(
                    number.isNaN()
                            ? "NaN"
                            : number.isInfinite()
                                    ? (number > 0 ? "Infinity" : "-Infinity")
                                    : PythonText.number(number));
        } else if (value instanceof Items items) {
            nest("[", "]", items.values(), level);
        } else if (value instanceof Dict dict) {
            Dict ordered = sorted ? new Dict(new TreeMap<>(dict.entries())) : dict;
            nest("{", "}", ordered.items(), level);
        } else {
            throw new ChatTemplateException("Object of type " + Values.type(value) + " is not JSON serializable");
        }
    }

    private void nest(String open, String close, List<Object> values, int level) {
        budget.deeper(() -> {
            put(open);
            for (int i = 0; i < values.size(); i++) {
                put(i == 0 ? "" : between);
                line(level + 1);
                if (open.equals("{") && values.get(i) instanceof Items pair) {
                    quote(String.valueOf(pair.values().get(0)));
                    put(colon);
                    write(pair.values().get(1), level + 1);
                } else {
                    write(values.get(i), level + 1);
                }
            }
            if (!values.isEmpty()) {
                line(level);
            }
            put(close);
            return close;
        });
    }

    private void line(int level) {
        if (lines) {
            put("\n");
            for (int i = 0; i < level; i++) {
                put(indent);
            }
        }
    }

    private void put(String text) {
        json.append(budget.made(text));
    }

    private void quote(String text) {
        budget.make(text.length() + 2L);
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known = "\"\\\n\r\t\b\f".indexOf(c);
            if (known >= 0) {
                json.append('\\').append("\"\\nrtbf".charAt(known));
            } else if (c < ' ' || (ascii && c > '~')) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
