/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

/** The known formats. */
final class LedgerFormats {

    private static final LedgerFormat FIRST = new ChainFormat();

    /** What new ledgers are written in. */
    static final LedgerFormat NEWEST = new TreeFormat();

    private LedgerFormats() {}

    /**
     * The format in which a ledger's first line is written.
     *
     * @throws LedgerLine.Unparsable if it is in none
     */
    static LedgerFormat of(byte[] first) throws LedgerLine.Unparsable {
        try {
            FIRST.lines().parse(first);
            return FIRST;
        } catch (LedgerLine.Unparsable e) {
            NEWEST.lines().parse(first);
            return NEWEST;
        }
    }
}
