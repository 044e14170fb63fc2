/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.io.IOException;

/** A ledger's file is not what was written; the message names the line. */
public final class DamagedLedgerException extends IOException {

    private static final long serialVersionUID = 1;

    DamagedLedgerException(String message) {
        super(message);
    }
}
