/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What has a value. */
sealed interface Expression {

    /** Asked by {@link Rendering#value} only, which counts. */
    Object value(Rendering in);

    record Constant(Object constant) implements Expression {
        @Override
        public Object value(Rendering in) {
            return constant;
        }
    }

    record Name(String name) implements Expression {
        @Override
        public Object value(Rendering in) {
            return in.scope().get(name);
        }
    }

    /** A list or a tuple. */
    record Listed(List<Expression> elements, boolean tuple) implements Expression {
        @Override
        public Object value(Rendering in) {
            return new Items(Values.list(in.values(elements), in.budget()).values(), tuple);
        }
    }

    record Mapped(List<Expression> keys, List<Expression> values) implements Expression {
        @Override
        public Object value(Rendering in) {
            Map<String, Object> entries = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                if (!(in.value(keys.get(i)) instanceof String key)) {
                    throw new ChatTemplateException("keys of a dict must be texts here");
                }
                entries.put(key, in.value(values.get(i)));
            }
            in.budget().make(8L * entries.size());
            return new Dict(entries);
        }
    }

    record Attribute(Expression object, String name) implements Expression {
        @Override
        public Object value(Rendering in) {
            return Members.attribute(in.value(object), name, in.budget());
        }
    }

    record Element(Expression object, Expression key) implements Expression {
        @Override
        public Object value(Rendering in) {
            return Members.element(in.value(object), in.value(key), in.budget());
        }
    }

    record Slice(Expression object, Optional<Expression> begin, Optional<Expression> end, Optional<Expression> step)
            implements Expression {
        @Override
        public Object value(Rendering in) {
            return Members.slice(
                    in.value(object), begin.map(in::value), end.map(in::value), step.map(in::value), in.budget());
        }
    }

    record Call(Expression function, Parameters parameters) implements Expression {
        @Override
        public Object value(Rendering in) {
            Object called = Values.defined(in.value(function));
            if (called instanceof Callable callable) {
                return callable.call(parameters.arguments(in), in);
            }
            throw new ChatTemplateException("'" + Values.type(called) + "' object is not callable");
        }
    }

    record Filtered(Expression value, Filter filter, Parameters parameters) implements Expression {
        @Override
        public Object value(Rendering in) {
            return filter.apply(in.value(value), parameters.arguments(in), in);
        }
    }

    record Tested(Expression value, Check check, Parameters parameters) implements Expression {
        @Override
        public Object value(Rendering in) {
            return check.holds(in.value(value), parameters.arguments(in), in);
        }
    }

    record Negated(Expression value) implements Expression {
        @Override
        public Object value(Rendering in) {
            return !Values.truth(in.value(value));
        }
    }

    record Signed(Expression value, boolean minus) implements Expression {
        @Override
        public Object value(Rendering in) {
            return Arithmetic.signed(in.value(value), minus);
        }
    }

    record Calculated(Expression left, String operator, Expression right) implements Expression {
        @Override
        public Object value(Rendering in) {
            return Arithmetic.of(in.value(left), operator, in.value(right), in.budget());
        }
    }

    record Joined(List<Expression> parts) implements Expression {
        @Override
        public Object value(Rendering in) {
            StringBuilder text = new StringBuilder();
            parts.forEach(part -> text.append(in.budget().made(PythonText.of(in.value(part), in.budget()))));
            return text.toString();
        }
    }

    record Either(Expression first, Expression second, boolean both) implements Expression {
        @Override
        public Object value(Rendering in) {
            Object value = in.value(first);
            return Values.truth(value) == both ? in.value(second) : value;
        }
    }

    record Conditional(Expression condition, Expression then, Optional<Expression> otherwise) implements Expression {
        @Override
        public Object value(Rendering in) {
            if (Values.truth(in.value(condition))) {
                return in.value(then);
            }
            return otherwise
                    .map(in::value)
                    .orElseGet(() -> new Undefined(
                            "the inline if-expression evaluated to false and no else section was defined."));
        }
    }

    /** {@code a < b == c}: each with the next. */
    record Compared(Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object value(Rendering in) {
            Object left = in.value(first);
            for (int i = 0; i < others.size(); i++) {
                Object right = in.value(others.get(i));
                if (!holds(left, operators.get(i), right, in.budget())) {
                    return false;
                }
                left = right;
            }
            return true;
        }

        private static boolean holds(Object a, String operator, Object b, Budget budget) {
            return switch (operator) {
                case "==" -> Values.equal(a, b, budget);
                case "!=" -> !Values.equal(a, b, budget);
                case "in" -> Values.contains(b, a, budget);
                case "not in" -> !Values.contains(b, a, budget);
                case "<" -> Values.order(a, b, operator, budget).map(o -> o < 0).orElse(false);
                case "<=" ->
                    Values.order(a, b, operator, budget).map(o -> o <= 0).orElse(false);
                case ">" -> Values.order(a, b, operator, budget).map(o -> o > 0).orElse(false);
                default -> Values.order(a, b, operator, budget).map(o -> o >= 0).orElse(false);
            };
        }
    }

    /** What stands between the brackets of a call. */
    record Parameters(List<Expression> positional, Map<String, Expression> named) {

        static final Parameters NO = new Parameters(List.of(), Map.of());

        Arguments arguments(Rendering in) {
            if (positional.isEmpty() && named.isEmpty()) {
                return Arguments.NO;
            }
            List<Object> values = new ArrayList<>(in.values(positional));
            Map<String, Object> byName = new LinkedHashMap<>();
            named.forEach((name, value) -> byName.put(name, in.value(value)));
            return new Arguments(values, byName);
        }
    }
}
