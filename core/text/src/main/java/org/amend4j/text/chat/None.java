/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

/** Python's None. */
enum None {
    NONE
}
