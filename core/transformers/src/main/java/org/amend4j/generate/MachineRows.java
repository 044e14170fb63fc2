/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.internal.backend.CachedAttentionKernels.PAGE;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.internal.backend.CachedAttentionKernels.Places;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;

/** Tokens that are computed at once, as a machine knows them: what they are, in which texts, and where those are kept. */
final class MachineRows implements AutoCloseable {

    /**
     * A token.
     *
     * @param text with pages for its position
     */
    record Token(MachineText text, int position, int id) {

        /** The row of the pages in which its keys and values lie. */
        int place() {
            return text.pages().get(position / PAGE) * PAGE + position % PAGE;
        }
    }

    private final Owned memory = new Owned();
    private final List<Token> all;
    private final MachineArray ids;
    private final MachineArray positions;
    private final MachineArray places;
    private final Places seen;

    MachineRows(Machine machine, List<Token> all) {
        this.all = all;
        List<MachineText> texts = all.stream().map(Token::text).distinct().toList();
        int longest = all.stream().mapToInt(Token::position).max().orElseThrow() + 1;
        int tableLength = (longest + PAGE - 1) / PAGE;
        int[] tables = new int[texts.size() * tableLength];
        Arrays.fill(tables, -1);
        for (int text = 0; text < texts.size(); text++) {
            List<Integer> pages = texts.get(text).pages();
            for (int page = 0; page < Math.min(pages.size(), tableLength); page++) {
                tables[text * tableLength + page] = pages.get(page);
            }
        }
        ids = ints(machine, "tokens", all.stream().mapToInt(Token::id));
        positions = ints(machine, "positions", all.stream().mapToInt(Token::position));
        places = ints(machine, "places", all.stream().mapToInt(Token::place));
        seen = new Places(
                ints(machine, "texts", all.stream().mapToInt(token -> texts.indexOf(token.text()))),
                positions,
                ints(machine, "pages of texts", Arrays.stream(tables)),
                tableLength,
                longest);
    }

    private MachineArray ints(Machine machine, String what, IntStream values) {
        return memory.add(machine.allocateBriefly(what, values.toArray()));
    }

    int count() {
        return all.size();
    }

    MachineArray ids() {
        return ids;
    }

    MachineArray positions() {
        return positions;
    }

    /** Where their keys and values go. */
    MachineArray places() {
        return places;
    }

    /** What they see. */
    Places seen() {
        return seen;
    }

    /** Adds what the texts' adapters make of a linear; x and y are gapless, and may be of the last rows only. */
    void adapt(Linear of, MatrixView x, MatrixView y) {
        int skipped = all.size() - x.rows();
        for (int from = 0; from < x.rows(); ) {
            Optional<MachineAdapter> adapter = all.get(skipped + from).text().adapter();
            int to = from + 1;
            while (to < x.rows() && all.get(skipped + to).text().adapter().equals(adapter)) {
                to++;
            }
            MatrixView some = x.rows(from, to - from);
            MatrixView result = y.rows(from, to - from);
            adapter.ifPresent(factors -> factors.add(of, some, result));
            from = to;
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
