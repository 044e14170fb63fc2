/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;

/**
 * A token that is computed.
 *
 * @param sequence whose it is
 * @param position in it
 * @param token its id
 * @param rotation of its position; empty where positions turn nothing
 */
record Row(Sequence sequence, int position, int token, Optional<Rotation> rotation) {}
