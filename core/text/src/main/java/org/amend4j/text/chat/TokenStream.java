/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.List;
import java.util.function.Supplier;
import org.amend4j.internal.text.Shown;

/** The tokens of a template, one after the other. */
final class TokenStream {

    private static final int DEEPEST = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token ahead() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    int line() {
        return current().line();
    }

    boolean skipOperator(String text) {
        return skip(current().isOperator(text));
    }

    boolean skipName(String text) {
        return skip(current().isName(text));
    }

    private boolean skip(boolean is) {
        if (is) {
            next();
        }
        return is;
    }

    void operator(String text) {
        if (!skipOperator(text)) {
            throw unexpected("'" + text + "'");
        }
    }

    void name(String text) {
        if (!skipName(text)) {
            throw unexpected("'" + text + "'");
        }
    }

    String anyName() {
        if (current().kind() != Token.Kind.NAME) {
            throw unexpected("a name");
        }
        return next().text();
    }

    void end(Token.Kind kind) {
        if (current().kind() != kind) {
            throw unexpected("the end of the tag");
        }
        next();
    }

    ChatTemplateException unexpected(String wanted) {
        Token token = current();
        String found = switch (token.kind()) {
            case END -> "the template ends";
            case PRINT_END, BLOCK_END -> "the tag ends";
            case DATA, PRINT_BEGIN, BLOCK_BEGIN -> "another tag begins";
            default -> Shown.quoted(token.text()) + " stands there";
        };
        return fault(wanted + " is expected, but " + found);
    }

    ChatTemplateException fault(String reason) {
        return new ChatTemplateException(reason, line());
    }

    /** Something one level deeper. */
    <T> T deeper(Supplier<T> part) {
        if (++depth > DEEPEST) {
            throw fault("it is nested deeper than " + DEEPEST + " levels");
        }
        T value = part.get();
        depth--;
        return value;
    }
}
