/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors that the header of a safetensors file lists. Read by itself: blanks between values and any order of names are
 * fine; escapes are kept as they are written, which is all that comparing names needs. Anything that is no JSON of texts, whole
 * numbers, lists and objects is refused.
 */
final class TensorHeader {

    /** A tensor: bytes [from, to) behind the header; negative where the header does not say. */
    record Tensor(String name, String type, long from, long to) {}

    private static final int DEEPEST = 8;
    private static final int MOST_DIGITS = 18;
    private static final String METADATA = "__metadata__";

    private final String text;
    private int at;

    private TensorHeader(byte[] bytes) {
        this.text = new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * In the order of the header, without its metadata.
     *
     * @throws IOException if it is no such header
     */
    static List<Tensor> read(byte[] bytes) throws IOException {
        TensorHeader header = new TensorHeader(bytes);
        List<Tensor> tensors = new ArrayList<>();
        header.members(name -> {
            if (name.equals(METADATA)) {
                header.skip(0);
            } else {
                tensors.add(header.tensor(name));
            }
        });
        if (header.next() != 0) {
            throw header.damaged();
        }
        return tensors;
    }

    /** Reads the value of a member. */
    private interface Value {
        void read(String name) throws IOException;
    }

    private Tensor tensor(String name) throws IOException {
        String[] type = {""};
        List<Long> offsets = new ArrayList<>();
        members(member -> {
            if (member.equals("dtype")) {
                type[0] = string();
            } else if (member.equals("data_offsets")) {
                items(() -> offsets.add(number()));
            } else {
                skip(0);
            }
        });
        boolean said = offsets.size() == 2;
        return new Tensor(name, type[0], said ? offsets.get(0) : -1, said ? offsets.get(1) : -1);
    }

    private void members(Value value) throws IOException {
        expect('{');
        if (next() == '}') {
            at++;
            return;
        }
        while (true) {
            String name = string();
            expect(':');
            value.read(name);
            if (next() == '}') {
                at++;
                return;
            }
            expect(',');
        }
    }

    /** Reads an item of a list. */
    private interface Item {
        void read() throws IOException;
    }

    private void items(Item item) throws IOException {
        expect('[');
        if (next() == ']') {
            at++;
            return;
        }
        while (true) {
            item.read();
            if (next() == ']') {
                at++;
                return;
            }
            expect(',');
        }
    }

    private void skip(int depth) throws IOException {
        if (depth > DEEPEST) {
            throw damaged();
        }
        switch (next()) {
            case '{' -> members(name -> skip(depth + 1));
            case '[' -> items(() -> skip(depth + 1));
            case '"' -> string();
            default -> number();
        }
    }

    private String string() throws IOException {
        expect('"');
        int start = at;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= text.length()) {
            throw damaged();
        }
        return text.substring(start, at++);
    }

    private long number() throws IOException {
        next();
        int start = at;
        while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String token = text.substring(start, at);
        if (token.length() > MOST_DIGITS || !token.matches("-?[0-9]+")) {
            throw damaged();
        }
        return Long.parseLong(token);
    }

    /** The character behind blanks, or 0 at the end. */
    private char next() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void expect(char wanted) throws IOException {
        if (next() != wanted) {
            throw damaged();
        }
        at++;
    }

    private IOException damaged() {
        return new IOException("the header of the adapter's tensors is damaged at character " + at);
    }
}
