/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/**
 * A token that is computed.
 *
 * @param sequence whose it is
 * @param position in it
 * @param token its id
 */
record Row(Sequence sequence, int position, int token) {}
