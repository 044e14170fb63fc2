/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Python's operators of numbers, and of texts and lists those that there are. */
final class Arithmetic {

    private static final int MOST_BITS = 4096;

    private Arithmetic() {}

    static Object of(Object left, String operator, Object right, Budget budget) {
        Object a = Values.defined(left);
        Object b = Values.defined(right);
        Optional<Number> x = Values.number(a);
        Optional<Number> y = Values.number(b);
        if (x.isPresent() && y.isPresent()) {
            return x.get() instanceof BigInteger one && y.get() instanceof BigInteger other && !operator.equals("/")
                    ? whole(one, operator, other)
                    : real(x.get().doubleValue(), operator, y.get().doubleValue());
        }
        if (operator.equals("+") && a instanceof String one && b instanceof String other) {
            return budget.made(one.concat(other));
        }
        if (operator.equals("+")
                && a instanceof Items one
                && b instanceof Items other
                && one.tuple() == other.tuple()) {
            List<Object> all = new ArrayList<>(one.values());
            all.addAll(other.values());
            return new Items(Values.list(all, budget).values(), one.tuple());
        }
        if (operator.equals("*") && (x.isPresent() || y.isPresent())) {
            return repeated(x.isPresent() ? b : a, x.isPresent() ? a : b, budget);
        }
        if (operator.equals("%") && a instanceof String) {
            throw new ChatTemplateException("'%' of a text is not understood here");
        }
        throw mismatch(operator, a, b);
    }

    static Object signed(Object value, boolean minus) {
        Number number = Values.number(Values.defined(value))
                .orElseThrow(() -> new ChatTemplateException(
                        "bad operand type for unary " + (minus ? "-" : "+") + ": '" + Values.type(value) + "'"));
        if (number instanceof BigInteger whole) {
            return minus ? whole.negate() : whole;
        }
        return minus ? -number.doubleValue() : number.doubleValue();
    }

    private static ChatTemplateException mismatch(String operator, Object a, Object b) {
        if (operator.equals("+") && a instanceof String) {
            return new ChatTemplateException("can only concatenate str (not \"" + Values.type(b) + "\") to str");
        }
        return new ChatTemplateException("unsupported operand type(s) for " + operator + ": '" + Values.type(a)
                + "' and '" + Values.type(b) + "'");
    }

    private static Object repeated(Object value, Object times, Budget budget) {
        int count = Math.max(0, Values.index(times, "*"));
        if (value instanceof String text) {
            budget.make((long) text.length() * count);
            return text.repeat(count);
        }
        if (value instanceof Items items) {
            budget.make(8L * items.values().size() * count);
            List<Object> all = new ArrayList<>();
            Collections.nCopies(items.values().isEmpty() ? 0 : count, items.values())
                    .forEach(all::addAll);
            return new Items(all, items.tuple());
        }
        throw mismatch("*", value, times);
    }

    private static Object whole(BigInteger a, String operator, BigInteger b) {
        if ("//%".contains(operator) && b.signum() == 0) {
            throw new ChatTemplateException("integer modulo or division by zero");
        }
        BigInteger result = switch (operator) {
            case "+" -> a.add(b);
            case "-" -> a.subtract(b);
            case "*" -> a.multiply(b);
            case "//" -> floor(a, b);
            default -> a.subtract(floor(a, b).multiply(b));
        };
        if (result.bitLength() > MOST_BITS) {
            throw new ChatTemplateException("a number has more than " + MOST_BITS + " bits");
        }
        return result;
    }

    private static BigInteger floor(BigInteger a, BigInteger b) {
        return new BigDecimal(a)
                .divide(new BigDecimal(b), 0, RoundingMode.FLOOR)
                .toBigInteger();
    }

    private static Object real(double a, String operator, double b) {
        if ("//%".contains(operator) && b == 0) {
            throw new ChatTemplateException("float division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            default -> a - Math.floor(a / b) * b;
        };
    }
}
