/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.data.BadInputException;
import org.amend4j.text.Encoding;
import org.amend4j.text.Tokenizer;
import org.amend4j.text.Truncation;

/** Texts, or pairs of them, as examples of a classifier. */
public final class ClassifiedTexts {

    private ClassifiedTexts() {}

    /**
     * Encodes a table's rows.
     *
     * @param tokenizer neither cuts nor fills
     * @param classes in the order of outputs
     * @param length most tokens of an example, special ones included; the rest is cut off, of a pair from the longer text
     * @throws BadInputException if a label is no class, a text has no token, or the length leaves room for none
     */
    public static TokenExamples of(TextTable table, Tokenizer tokenizer, List<String> classes, int length) {
        requireRoom(tokenizer, table.hasPairs(), length);
        Tokenizer cutting = tokenizer.withTruncation(new Truncation(length));
        List<TokenExample> examples = new ArrayList<>();
        for (TextTable.Row row : table.rows()) {
            int label = classes.indexOf(row.label());
            if (label < 0) {
                throw new BadInputException(
                        "the label '" + row.label() + "' is none of the classes " + String.join(", ", classes));
            }
            boolean pair = row.texts().size() == 2;
            Encoding encoding = pair
                    ? cutting.encode(row.texts().get(0), row.texts().get(1))
                    : cutting.encode(row.texts().get(0));
            if (encoding.ids().length == 0) {
                throw new BadInputException("line " + row.line() + " of --text has no token: " + row.texts());
            }
            examples.add(TokenExample.of(encoding.ids(), pair ? encoding.typeIds() : new int[0], label));
        }
        return new TokenExamples(examples, classes.size());
    }

    private static void requireRoom(Tokenizer tokenizer, boolean pairs, int length) {
        int special = (pairs ? tokenizer.encode("", "") : tokenizer.encode("")).ids().length;
        if (length <= special) {
            throw new BadInputException("--length must be > " + special + ", the special tokens of "
                    + (pairs ? "two texts" : "a text") + ", got " + length);
        }
    }
}
