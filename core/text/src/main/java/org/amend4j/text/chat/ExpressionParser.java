/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads expressions; what binds weaker is read first, by Jinja's grammar. */
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Map<String, Object> CONSTANTS =
            Map.of("true", true, "True", true, "false", false, "False", false, "none", None.NONE, "None", None.NONE);

    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Several with commas between them are a tuple. */
    Expression tuple(boolean conditional) {
        Expression first = one(conditional);
        if (!tokens.current().isOperator(",")) {
            return first;
        }
        List<Expression> all = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && begins()) {
            all.add(one(conditional));
        }
        return new Expression.Listed(all, true);
    }

    private boolean begins() {
        Token token = tokens.current();
        return switch (token.kind()) {
            case NAME, INTEGER, FLOAT, STRING -> true;
            case OPERATOR -> "([{-+".contains(token.text());
            default -> false;
        };
    }

    private Expression one(boolean conditional) {
        return conditional ? expression() : tokens.deeper(this::or);
    }

    Expression expression() {
        return tokens.deeper(this::conditional);
    }

    private Expression conditional() {
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression condition = or();
            Optional<Expression> otherwise =
                    tokens.skipName("else") ? Optional.of(tokens.deeper(this::conditional)) : Optional.empty();
            value = new Expression.Conditional(condition, value, otherwise);
        }
        return value;
    }

    private Expression or() {
        return either("or", () -> either("and", this::not, true), false);
    }

    private Expression either(String word, Supplier<Expression> part, boolean both) {
        Expression value = part.get();
        while (tokens.skipName(word)) {
            value = new Expression.Either(value, part.get(), both);
        }
        return value;
    }

    private Expression not() {
        return tokens.skipName("not") ? new Expression.Negated(tokens.deeper(this::not)) : compared();
    }

    private Expression compared() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (token.isName("not") && tokens.ahead().isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                return others.isEmpty() ? first : new Expression.Compared(first, operators, others);
            }
            others.add(sum());
        }
    }

    private Expression sum() {
        return calculated(Set.of("+", "-"), this::joined);
    }

    private Expression joined() {
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.get(0) : new Expression.Joined(parts);
    }

    private Expression product() {
        return calculated(Set.of("*", "/", "//", "%"), () -> unary(true));
    }

    private Expression calculated(Set<String> operators, Supplier<Expression> part) {
        Expression value = part.get();
        while (tokens.current().kind() == Token.Kind.OPERATOR
                && operators.contains(tokens.current().text())) {
            String operator = tokens.next().text();
            value = new Expression.Calculated(value, operator, part.get());
        }
        if (tokens.current().isOperator("**")) {
            throw tokens.fault("the operator '**' is not understood here");
        }
        return value;
    }

    private Expression unary(boolean filtered) {
        Expression value;
        if (tokens.current().isOperator("-") || tokens.current().isOperator("+")) {
            boolean minus = tokens.next().text().equals("-");
            value = new Expression.Signed(tokens.deeper(() -> unary(false)), minus);
        } else {
            value = primary();
        }
        value = postfix(value);
        return filtered ? filters(value) : value;
    }

    private Expression primary() {
        return switch (tokens.current().kind()) {
            case NAME -> named(tokens.anyName());
            case STRING -> text();
            case INTEGER -> new Expression.Constant(new BigInteger(tokens.next().text()));
            case FLOAT -> new Expression.Constant(Double.valueOf(tokens.next().text()));
            default -> bracketed();
        };
    }

    private static Expression named(String name) {
        Object constant = CONSTANTS.get(name);
        return constant == null ? new Expression.Name(name) : new Expression.Constant(constant);
    }

    private Expression text() {
        StringBuilder text = new StringBuilder();
        while (tokens.current().kind() == Token.Kind.STRING) {
            text.append(tokens.next().text());
        }
        return new Expression.Constant(text.toString());
    }

    private Expression bracketed() {
        if (tokens.skipOperator("(")) {
            if (tokens.skipOperator(")")) {
                return new Expression.Listed(List.of(), true);
            }
            Expression value = tuple(true);
            tokens.operator(")");
            return value;
        }
        if (tokens.skipOperator("[")) {
            return new Expression.Listed(until("]"), false);
        }
        if (tokens.skipOperator("{")) {
            return mapped();
        }
        throw tokens.unexpected("a value");
    }

    private List<Expression> until(String end) {
        List<Expression> all = new ArrayList<>();
        while (!tokens.skipOperator(end)) {
            if (!all.isEmpty()) {
                tokens.operator(",");
                if (tokens.skipOperator(end)) {
                    break;
                }
            }
            all.add(expression());
        }
        return all;
    }

    private Expression mapped() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            if (!keys.isEmpty()) {
                tokens.operator(",");
                if (tokens.skipOperator("}")) {
                    break;
                }
            }
            keys.add(expression());
            tokens.operator(":");
            values.add(expression());
        }
        return new Expression.Mapped(keys, values);
    }

    private Expression postfix(Expression begun) {
        Expression value = begun;
        while (true) {
            if (tokens.skipOperator(".")) {
                value = tokens.current().kind() == Token.Kind.INTEGER
                        ? new Expression.Element(value, primary())
                        : new Expression.Attribute(value, tokens.anyName());
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.current().isOperator("(")) {
                value = new Expression.Call(value, parameters());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression object) {
        Optional<Expression> begin = bound();
        if (begin.isPresent() && tokens.skipOperator("]")) {
            return new Expression.Element(object, begin.get());
        }
        tokens.operator(":");
        Optional<Expression> end = bound();
        Optional<Expression> step = tokens.skipOperator(":") ? bound() : Optional.empty();
        tokens.operator("]");
        return new Expression.Slice(object, begin, end, step);
    }

    private Optional<Expression> bound() {
        return tokens.current().isOperator(":") || tokens.current().isOperator("]")
                ? Optional.empty()
                : Optional.of(expression());
    }

    private Expression.Parameters parameters() {
        tokens.operator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        for (boolean first = true; !tokens.skipOperator(")"); first = false) {
            if (!first) {
                tokens.operator(",");
                if (tokens.skipOperator(")")) {
                    break;
                }
            }
            if (tokens.current().kind() == Token.Kind.NAME && tokens.ahead().isOperator("=")) {
                String name = tokens.anyName();
                tokens.operator("=");
                if (named.put(name, expression()) != null) {
                    throw tokens.fault("the argument '" + name + "' stands twice");
                }
            } else if (named.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.fault("an argument without a name stands behind one with a name");
            }
        }
        return new Expression.Parameters(positional, named);
    }

    private Expression filters(Expression begun) {
        Expression value = begun;
        while (true) {
            if (tokens.current().isOperator("|")) {
                value = filter(value);
            } else if (tokens.skipName("is")) {
                value = tested(value);
            } else if (tokens.current().isOperator("(")) {
                value = new Expression.Call(value, parameters());
            } else {
                return value;
            }
        }
    }

    /** One or more, each with its bar. */
    Expression filter(Expression value) {
        tokens.operator("|");
        String name = tokens.anyName();
        Filter filter = known(() -> Filters.named(name));
        Expression.Parameters parameters = tokens.current().isOperator("(") ? parameters() : Expression.Parameters.NO;
        return new Expression.Filtered(value, filter, parameters);
    }

    private Expression tested(Expression value) {
        boolean negated = tokens.skipName("not");
        String name = tokens.anyName();
        Check check = known(() -> Checks.named(name));
        Token token = tokens.current();
        Expression.Parameters parameters = Expression.Parameters.NO;
        if (token.isOperator("(")) {
            parameters = parameters();
        } else if (begins()
                && !"-+".contains(token.text())
                && !Set.of("else", "or", "and", "is", "if", "in", "not").contains(token.text())) {
            parameters = new Expression.Parameters(List.of(postfix(primary())), Map.of());
        }
        Expression tested = new Expression.Tested(value, check, parameters);
        return negated ? new Expression.Negated(tested) : tested;
    }

    private <T> T known(Supplier<T> named) {
        try {
            return named.get();
        } catch (ChatTemplateException unknown) {
            throw unknown.at(tokens.line());
        }
    }
}
