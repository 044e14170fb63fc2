/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.List;
import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;

/**
 * How what is too short is filled.
 *
 * @param length of every encoding that is not longer; without, that of the longest one of a batch
 * @param multiple lengths are rounded up to multiples of it, >= 1
 * @param side where
 * @param id of the token that fills, >= 0
 * @param type its type, >= 0
 * @param token its text
 */
public record Padding(OptionalInt length, int multiple, Side side, int id, int type, String token) {

    /** Longer encodings than this are not asked for. */
    private static final int LONGEST = 1 << 17;

    public Padding {
        Checks.present("length", length).ifPresent(value -> Checks.inRange(0, LONGEST, "length", value));
        Checks.inRange(1, LONGEST, "multiple", multiple);
        Checks.present("side", side);
        Checks.atLeast(0, "id", id);
        Checks.atLeast(0, "type", type);
        Checks.present("token", token);
    }

    /** At the end, to the longest of a batch. */
    public Padding(int id, String token) {
        this(OptionalInt.empty(), 1, Side.RIGHT, id, 0, token);
    }

    /** The lists, filled to one length; those that are longer stay as they are. */
    List<TokenList> filled(List<TokenList> batch) {
        int longest = length.orElseGet(
                () -> batch.stream().mapToInt(TokenList::size).max().orElse(0));
        int target = Math.toIntExact((longest + multiple - 1L) / multiple * multiple);
        return batch.stream().map(tokens -> filled(tokens, target)).toList();
    }

    private TokenList filled(TokenList tokens, int target) {
        if (tokens.size() >= target) {
            return tokens;
        }
        TokenList filling = new TokenList(target - tokens.size());
        for (int i = tokens.size(); i < target; i++) {
            filling.addSpecial(id, token, type, false);
        }
        if (side == Side.RIGHT) {
            tokens.addAll(filling);
            return tokens;
        }
        filling.addAll(tokens);
        return filling;
    }
}
