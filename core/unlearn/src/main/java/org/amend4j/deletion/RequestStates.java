/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The last entry of every subject, and which entries may follow. */
final class RequestStates {

    private final Map<String, LedgerEntry> last = new HashMap<>();

    Optional<LedgerEntry> of(String subject) {
        return Optional.ofNullable(last.get(subject));
    }

    /** Every subject's state. */
    Map<String, EntryType> all() {
        Map<String, EntryType> states = new HashMap<>();
        last.forEach((subject, entry) -> states.put(subject, entry.type()));
        return Map.copyOf(states);
    }

    /**
     * Checks that subjects may get to a state.
     *
     * @throws IllegalStateException if one may not, saying why
     */
    void require(EntryType next, List<String> subjects) {
        for (String subject : subjects) {
            LedgerEntry entry = last.get(subject);
            boolean legal = entry == null
                    ? next == EntryType.RECEIVED
                    : entry.type().next().contains(next);
            if (!legal) {
                String from = entry == null ? "no request" : entry.type().name();
                throw new IllegalStateException("a request must not go from " + from + " to " + next + " (subject "
                        + subject.substring(0, 8) + "...)");
            }
        }
    }

    /** Notes an entry that is legal. */
    void apply(LedgerEntry entry) {
        entry.subjects().forEach(subject -> last.put(subject, entry));
    }
}
