/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into data and tags, with {@code trim_blocks} and {@code lstrip_blocks} as transformers sets them: a newline behind a
 * block goes, and so do blanks in front of one that begins a line; {@code -} takes all white space there, {@code +} none.
 */
final class Lexer {

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int counted;
    private boolean lineBegins = true;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.cut();
        return lexer.tokens;
    }

    private void cut() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                add(Token.Kind.DATA, source.substring(at));
                break;
            }
            data(tag);
            tag(source.charAt(tag + 1));
        }
        at = source.length();
        add(Token.Kind.END, "");
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void data(int tag) {
        char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
        String text = source.substring(at, tag);
        if (sign == '-') {
            text = PythonText.strip(text, PythonText::isSpace, false, true);
        } else if (sign != '+' && source.charAt(tag + 1) != '{') {
            int begin = text.lastIndexOf('\n') + 1;
            if ((begin > 0 || lineBegins) && text.substring(begin).chars().allMatch(PythonText::isSpace)) {
                text = text.substring(0, begin);
            }
        }
        if (!text.isEmpty()) {
            add(Token.Kind.DATA, text);
        }
        at = tag + (sign == '-' || sign == '+' ? 3 : 2);
    }

    private void tag(char kind) {
        if (kind == '#') {
            comment();
            return;
        }
        boolean print = kind == '{';
        add(print ? Token.Kind.PRINT_BEGIN : Token.Kind.BLOCK_BEGIN, "");
        String end = print ? "}}" : "%}";
        int open = 0;
        while (true) {
            skipSpace();
            if (at >= source.length()) {
                throw fault("a tag has no end");
            }
            if (open == 0 && ends(end, !print)) {
                add(print ? Token.Kind.PRINT_END : Token.Kind.BLOCK_END, "");
                return;
            }
            Token token = ExpressionLexer.token(source, at, line());
            open += "([{".contains(token.text()) && token.kind() == Token.Kind.OPERATOR ? 1 : 0;
            open -= ")]}".contains(token.text()) && token.kind() == Token.Kind.OPERATOR ? 1 : 0;
            if (open < 0) {
                throw fault("'" + token.text() + "' closes nothing");
            }
            at += ExpressionLexer.length(source, at, token);
            tokens.add(token);
        }
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw fault("a comment has no end");
        }
        at = end > at && "-+".indexOf(source.charAt(end - 1)) >= 0 ? end - 1 : end;
        ends("#}", true);
    }

    /** Whether a tag ends here; then it is behind us. */
    private boolean ends(String end, boolean trims) {
        boolean all = source.startsWith("-" + end, at);
        boolean nothing = trims && source.startsWith("+" + end, at);
        if (!all && !nothing && !source.startsWith(end, at)) {
            return false;
        }
        at += end.length() + (all || nothing ? 1 : 0);
        if (all) {
            skipSpace();
        } else if (trims && !nothing && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        lineBegins = source.charAt(at - 1) == '\n';
        return true;
    }

    private void skipSpace() {
        while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
            at++;
        }
    }

    private void add(Token.Kind kind, String text) {
        tokens.add(new Token(kind, text, line()));
    }

    private int line() {
        for (; counted < Math.min(at, source.length()); counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private ChatTemplateException fault(String sentence) {
        return new ChatTemplateException(sentence, line());
    }
}
