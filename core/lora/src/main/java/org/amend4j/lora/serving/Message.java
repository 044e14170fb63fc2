/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

/** What the computing thread of a server is told. */
sealed interface Message permits Request, Arrival, Message.End {

    /** No request follows. */
    enum End implements Message {
        END
    }
}
