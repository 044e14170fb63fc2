/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What Python does with any value: is it true, equal, before another, how long, what does it hold. */
final class Values {

    private static final int ELEMENT = 8;

    private Values() {}

    static String type(Object value) {
        if (value instanceof String) {
            return "str";
        }
        if (value instanceof Boolean) {
            return "bool";
        }
        if (value instanceof BigInteger) {
            return "int";
        }
        if (value instanceof Double) {
            return "float";
        }
        if (value instanceof Items items) {
            return items.tuple() ? "tuple" : "list";
        }
        return value instanceof Dict
                ? "dict"
                : value == None.NONE
                        ? "NoneType"
                        : value instanceof Callable
                                ? "function"
                                : value.getClass().getSimpleName();
    }

    static boolean truth(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof Items items) {
            return !items.values().isEmpty();
        }
        if (value instanceof Dict dict) {
            return !dict.entries().isEmpty();
        }
        return value != None.NONE
                && !(value instanceof Undefined)
                && number(value).map(n -> n.doubleValue() != 0).orElse(true);
    }

    /** A number's value; True is 1. */
    static Optional<Number> number(Object value) {
        if (value instanceof Boolean flag) {
            return Optional.of(flag ? BigInteger.ONE : BigInteger.ZERO);
        }
        return value instanceof BigInteger || value instanceof Double ? Optional.of((Number) value) : Optional.empty();
    }

    static boolean equal(Object a, Object b, Budget budget) {
        budget.step();
        if (a instanceof String one && b instanceof String other) {
            if (one.length() == other.length()) {
                budget.see(one.length());
            }
            return one.equals(other);
        }
        Optional<Number> x = number(a);
        Optional<Number> y = number(b);
        if (x.isPresent() && y.isPresent()) {
            return isOrdered(x.get()) && isOrdered(y.get()) && compare(x.get(), y.get()) == 0;
        }
        if (a instanceof Items one && b instanceof Items other) {
            return one.tuple() == other.tuple()
                    && one.values().size() == other.values().size()
                    && budget.deeper(() -> equal(one.values(), other.values(), budget));
        }
        if (a instanceof Dict one && b instanceof Dict other) {
            return one.entries().keySet().equals(other.entries().keySet())
                    && budget.deeper(() -> equal(one.entries(), other.entries(), budget));
        }
        return (a instanceof Undefined && b instanceof Undefined) || a.equals(b);
    }

    private static boolean equal(List<Object> a, List<Object> b, Budget budget) {
        for (int i = 0; i < a.size(); i++) {
            if (!equal(a.get(i), b.get(i), budget)) {
                return false;
            }
        }
        return true;
    }

    private static boolean equal(Map<String, Object> a, Map<String, Object> b, Budget budget) {
        budget.see(a.size());
        return a.entrySet().stream().allMatch(e -> equal(e.getValue(), b.getOrDefault(e.getKey(), e), budget));
    }

    private static boolean isOrdered(Number number) {
        return !(number instanceof Double real && real.isNaN());
    }

    private static int compare(Number a, Number b) {
        if (Double.isInfinite(a.doubleValue()) || Double.isInfinite(b.doubleValue())) {
            return Double.compare(a.doubleValue(), b.doubleValue());
        }
        return decimal(a).compareTo(decimal(b));
    }

    private static BigDecimal decimal(Number number) {
        return number instanceof BigInteger whole ? new BigDecimal(whole) : new BigDecimal(number.doubleValue());
    }

    /** Below zero, zero or above; empty for what is not a number. */
    static Optional<Integer> order(Object a, Object b, String operator, Budget budget) {
        if (a instanceof String one && b instanceof String other) {
            budget.see(Math.min(one.length(), other.length()));
            return Optional.of(TextOperations.compare(one, other));
        }
        Optional<Number> x = number(defined(a));
        Optional<Number> y = number(defined(b));
        if (x.isEmpty() || y.isEmpty()) {
            throw new ChatTemplateException(
                    "'" + operator + "' not supported between instances of '" + type(a) + "' and '" + type(b) + "'");
        }
        return isOrdered(x.get()) && isOrdered(y.get()) ? Optional.of(compare(x.get(), y.get())) : Optional.empty();
    }

    static Object defined(Object value) {
        if (value instanceof Undefined missing) {
            throw new ChatTemplateException(missing.sentence());
        }
        return value;
    }

    /** What a loop goes through. */
    static List<Object> elements(Object value, Budget budget) {
        if (value instanceof Items items) {
            return items.values();
        }
        List<Object> elements = new ArrayList<>();
        if (value instanceof Dict dict) {
            budget.make((long) ELEMENT * dict.entries().size());
            elements.addAll(dict.entries().keySet());
        } else if (value instanceof String text) {
            budget.make((long) ELEMENT * text.length());
            text.codePoints().forEach(c -> elements.add(Character.toString(c)));
        } else if (!(value instanceof Undefined)) {
            throw new ChatTemplateException("'" + type(value) + "' object is not iterable");
        }
        return elements;
    }

    /** A new list, paid for. */
    static Items list(List<Object> values, Budget budget) {
        budget.make((long) ELEMENT * values.size() + 1);
        return Items.list(values);
    }

    static int length(Object value, Budget budget) {
        if (value instanceof String text) {
            budget.see(text.length());
            return text.codePointCount(0, text.length());
        }
        if (value instanceof Items items) {
            return items.values().size();
        }
        if (value instanceof Dict dict) {
            return dict.entries().size();
        }
        if (value instanceof Undefined) {
            return 0;
        }
        throw new ChatTemplateException("object of type '" + type(value) + "' has no len()");
    }

    static boolean contains(Object whole, Object part, Budget budget) {
        if (whole instanceof String text) {
            if (!(defined(part) instanceof String piece)) {
                throw new ChatTemplateException("'in <string>' requires string as left operand, not " + type(part));
            }
            return TextOperations.find(text, piece, 0, budget) >= 0;
        }
        if (whole instanceof Dict dict) {
            return part instanceof String key && dict.entries().containsKey(key);
        }
        if (whole instanceof Items || whole instanceof Undefined) {
            return elements(whole, budget).stream().anyMatch(element -> equal(element, part, budget));
        }
        throw new ChatTemplateException("argument of type '" + type(whole) + "' is not iterable");
    }

    /** A whole number that counts something; those out of reach become the nearest in reach. */
    static int index(Object value, String what) {
        Optional<Number> number = number(defined(value)).filter(BigInteger.class::isInstance);
        BigInteger whole = (BigInteger) number.orElseThrow(
                () -> new ChatTemplateException("'" + what + "' must be a whole number, got '" + type(value) + "'"));
        return whole.bitLength() > 30 ? whole.signum() * (1 << 30) : whole.intValue();
    }
}
