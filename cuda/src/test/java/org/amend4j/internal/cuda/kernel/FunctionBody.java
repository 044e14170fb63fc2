/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/** Where a function's body is in a source, from its brace to behind the other one. */
record FunctionBody(int from, int to) implements Comparable<FunctionBody> {

    /** The body that a part of a source lies in, unless the part is of a macro or of no function. */
    static Optional<FunctionBody> around(String text, int from, int to) {
        Deque<Integer> open = new ArrayDeque<>();
        for (int at = next(text, 0); at < from; at = next(text, at + 1)) {
            if (text.charAt(at) == '{') {
                open.addLast(at);
            } else {
                open.removeLast();
            }
        }
        for (Iterator<Integer> outermost = open.iterator(); outermost.hasNext(); ) {
            int brace = outermost.next();
            if (text.substring(0, brace).stripTrailing().endsWith(")")) {
                int end = end(text, brace);
                return to < end && !inMacro(text, brace) ? Optional.of(new FunctionBody(brace, end)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static int end(String text, int brace) {
        int depth = 1;
        int at = brace;
        while (depth > 0) {
            at = next(text, at + 1);
            depth += text.charAt(at) == '{' ? 1 : -1;
        }
        return at + 1;
    }

    /** The next brace that is in no comment, or the end; strings of kernels have no braces. */
    private static int next(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '{' && text.charAt(at) != '}') {
            at = text.startsWith("//", at) ? text.indexOf('\n', at) : at + 1;
        }
        return at;
    }

    private static boolean inMacro(String text, int at) {
        int line = text.lastIndexOf('\n', at) + 1;
        while (line > 1 && text.charAt(line - 2) == '\\') {
            line = text.lastIndexOf('\n', line - 2) + 1;
        }
        return text.charAt(line) == '#';
    }

    @Override
    public int compareTo(FunctionBody other) {
        return Comparator.comparingInt(FunctionBody::from).compare(this, other);
    }
}
