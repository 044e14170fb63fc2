/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import java.util.List;
import org.amend4j.internal.compiler.Shares;

/**
 * Consecutive examples of an order that are computed at once.
 *
 * @param from place of the first
 * @param to place behind the last
 * @param share the first that has examples here, if shares are clipped
 * @param groups of the shares that are clipped here; empty if none is
 */
record Block(int from, int to, int share, List<Shares.Group> groups) {

    Block {
        groups = List.copyOf(groups);
    }

    /** Of which no share is clipped. */
    static Block plain(int from, int to) {
        return new Block(from, to, 0, List.of());
    }

    /** How many shares are clipped here. */
    int shares() {
        return groups.stream().mapToInt(Shares.Group::shares).sum();
    }
}
