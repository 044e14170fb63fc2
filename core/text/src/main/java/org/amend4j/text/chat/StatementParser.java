/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amend4j.internal.text.Shown;

/** Reads the statements of a template; those that chat templates do not use are refused by name. */
final class StatementParser {

    private static final int MOST_CHARACTERS = 1 << 20;

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int loops;

    private StatementParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static Template template(String source) {
        if (source.length() > MOST_CHARACTERS) {
            throw new ChatTemplateException("a chat template must have at most " + MOST_CHARACTERS + " characters");
        }
        StatementParser parser = new StatementParser(new TokenStream(Lexer.tokens(source)));
        List<Statement> statements = parser.body(Set.of());
        if (parser.tokens.current().kind() != Token.Kind.END) {
            throw parser.unknown();
        }
        return new Template(statements);
    }

    private ChatTemplateException unknown() {
        return tokens.fault("the statement " + Shown.quoted(tokens.current().text()) + " is not understood here");
    }

    /** Up to a block that begins with one of these words; that word is next. */
    private List<Statement> body(Set<String> ends) {
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            switch (token.kind()) {
                case DATA ->
                    statements.add(
                            new Statement.Data(token.line(), tokens.next().text()));
                case PRINT_BEGIN -> statements.add(print());
                case BLOCK_BEGIN -> {
                    tokens.next();
                    if (ends.contains(tokens.current().text())) {
                        return statements;
                    }
                    statements.add(tokens.deeper(this::block));
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw tokens.fault(
                                "the template ends before '" + ends.iterator().next() + "'");
                    }
                    return statements;
                }
            }
        }
    }

    private Statement print() {
        int line = tokens.next().line();
        Expression value = expressions.tuple(true);
        tokens.end(Token.Kind.PRINT_END);
        return new Statement.Print(line, value);
    }

    private Statement block() {
        int line = tokens.line();
        return switch (tokens.current().text()) {
            case "if" -> condition(line);
            case "for" -> loop(line);
            case "set" -> set(line);
            case "macro" -> macro(line);
            case "generation" -> {
                tokens.next();
                yield new Statement.Generation(line, ended("endgeneration"));
            }
            case "break", "continue" -> jump(line);
            default -> throw unknown();
        };
    }

    /** The rest of a block's tag, its body and the tag that ends it. */
    private List<Statement> ended(String end) {
        tokens.end(Token.Kind.BLOCK_END);
        List<Statement> body = body(Set.of(end));
        tokens.name(end);
        tokens.end(Token.Kind.BLOCK_END);
        return body;
    }

    private Statement jump(int line) {
        if (loops == 0) {
            throw tokens.fault("'" + tokens.current().text() + "' stands outside of a loop");
        }
        boolean breaks = tokens.next().text().equals("break");
        tokens.end(Token.Kind.BLOCK_END);
        return new Statement.Jump(line, breaks ? Statement.Flow.BREAK : Statement.Flow.CONTINUE);
    }

    private Statement condition(int line) {
        List<Expression> conditions = new ArrayList<>();
        List<List<Statement>> bodies = new ArrayList<>();
        boolean more = true;
        while (more) {
            boolean last = tokens.next().text().equals("else");
            if (!last) {
                conditions.add(expressions.tuple(false));
            }
            tokens.end(Token.Kind.BLOCK_END);
            bodies.add(body(last ? Set.of("endif") : Set.of("endif", "elif", "else")));
            more = !tokens.current().isName("endif");
        }
        tokens.name("endif");
        tokens.end(Token.Kind.BLOCK_END);
        return new Statement.If(line, conditions, bodies);
    }

    private Statement loop(int line) {
        tokens.next();
        Target target = targets(false);
        tokens.name("in");
        Expression elements = expressions.tuple(false);
        Optional<Expression> condition =
                tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        if (tokens.current().isName("recursive")) {
            throw tokens.fault("a recursive loop is not understood here");
        }
        tokens.end(Token.Kind.BLOCK_END);
        loops++;
        List<Statement> body = body(Set.of("endfor", "else"));
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.skipName("else")) {
            tokens.end(Token.Kind.BLOCK_END);
            otherwise = body(Set.of("endfor"));
        }
        tokens.name("endfor");
        tokens.end(Token.Kind.BLOCK_END);
        return new Statement.For(line, target, elements, condition, body, otherwise);
    }

    private Target targets(boolean ofNamespace) {
        Target first = target(ofNamespace);
        if (!tokens.current().isOperator(",")) {
            return first;
        }
        List<Target> all = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",")) {
            all.add(target(ofNamespace));
        }
        return new Target.Several(all);
    }

    private Target target(boolean ofNamespace) {
        if (tokens.skipOperator("(")) {
            Target inner = tokens.deeper(() -> targets(ofNamespace));
            tokens.operator(")");
            return inner;
        }
        String name = tokens.anyName();
        return ofNamespace && tokens.skipOperator(".")
                ? new Target.OfNamespace(name, tokens.anyName())
                : new Target.Variable(name);
    }

    private Statement set(int line) {
        tokens.next();
        Target target = targets(true);
        if (tokens.skipOperator("=")) {
            Expression value = expressions.tuple(true);
            tokens.end(Token.Kind.BLOCK_END);
            return new Statement.Assign(line, target, value);
        }
        Expression filtered = new Expression.Name(Statement.Capture.BODY);
        while (tokens.current().isOperator("|")) {
            filtered = expressions.filter(filtered);
        }
        return new Statement.Capture(line, target, outsideOfLoops("endset"), filtered);
    }

    private Statement macro(int line) {
        tokens.next();
        String name = tokens.anyName();
        List<String> parameters = new ArrayList<>();
        LinkedHashMap<String, Expression> defaults = new LinkedHashMap<>();
        tokens.operator("(");
        while (!tokens.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.operator(",");
            }
            String parameter = tokens.anyName();
            if (parameters.contains(parameter)) {
                throw tokens.fault("the parameter " + Shown.quoted(parameter) + " stands twice");
            }
            parameters.add(parameter);
            if (tokens.skipOperator("=")) {
                defaults.put(parameter, expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.fault("non-default argument follows default argument");
            }
        }
        return new Statement.MacroDefinition(line, name, parameters, defaults, outsideOfLoops("endmacro"));
    }

    private List<Statement> outsideOfLoops(String end) {
        int around = loops;
        loops = 0;
        List<Statement> body = ended(end);
        loops = around;
        return body;
    }
}
