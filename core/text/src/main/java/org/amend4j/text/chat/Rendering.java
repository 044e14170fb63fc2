/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A template while it writes a chat: names, text so far, and what that took. */
final class Rendering {

    private final Budget budget = new Budget();
    private final StringBuilder text = new StringBuilder();
    private final List<AssistantSpan> spoken = new ArrayList<>();
    private Scope scope;
    private StringBuilder out = text;

    Rendering(Scope scope) {
        this.scope = scope;
    }

    RenderedChat run(Template template) {
        run(template.statements());
        return new RenderedChat(text.toString(), List.copyOf(spoken));
    }

    Budget budget() {
        return budget;
    }

    Scope scope() {
        return scope;
    }

    Object value(Expression expression) {
        return budget.deeper(() -> expression.value(this));
    }

    List<Object> values(List<Expression> expressions) {
        List<Object> values = new ArrayList<>();
        expressions.forEach(expression -> values.add(value(expression)));
        return values;
    }

    Statement.Flow run(List<Statement> statements) {
        for (Statement statement : statements) {
            Statement.Flow flow = budget.deeper(() -> run(statement));
            if (flow != Statement.Flow.NEXT) {
                return flow;
            }
        }
        return Statement.Flow.NEXT;
    }

    private Statement.Flow run(Statement statement) {
        try {
            return statement.run(this);
        } catch (ChatTemplateException e) {
            throw e.at(statement.line());
        }
    }

    <T> T within(Scope inner, Supplier<T> part) {
        Scope outer = scope;
        scope = inner;
        try {
            return part.get();
        } finally {
            scope = outer;
        }
    }

    void write(String piece) {
        out.append(budget.made(piece));
    }

    /** What statements write, kept apart. */
    String captured(List<Statement> statements) {
        StringBuilder outer = out;
        StringBuilder inner = new StringBuilder();
        out = inner;
        try {
            run(statements);
        } finally {
            out = outer;
        }
        return inner.toString();
    }

    /** The assistant's; where the chat's text is at this moment, as in transformers. */
    void writeSpoken(String piece) {
        spoken.add(new AssistantSpan(text.length(), text.length() + piece.length()));
        write(piece);
    }
}
