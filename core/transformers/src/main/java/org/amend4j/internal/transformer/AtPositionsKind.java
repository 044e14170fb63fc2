/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import org.amend4j.internal.network.VertexKind;
import org.amend4j.internal.network.VertexReading;
import org.amend4j.transformer.AtPositions;

/** Rows of tokens at their positions: in a plan the same rows, since those that it adds count for nothing. */
public final class AtPositionsKind implements VertexKind<AtPositions> {

    @Override
    public Class<AtPositions> configuration() {
        return AtPositions.class;
    }

    @Override
    public int read(VertexReading<AtPositions> reading) {
        reading.tokens(1);
        reading.leavesPositions();
        return reading.tokenRows(0);
    }
}
