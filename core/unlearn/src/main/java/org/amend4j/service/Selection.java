/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Selects the requests that can be met together: in their order, each one that the previously accepted ones leave room for.
 * One that cannot be met changes nothing for the others. If all can be met together, one trial shows it; otherwise halves
 * are tried, so that a few bad ones among many cost few trials.
 *
 * <p>The accepted requests were tried together. Where fewer requests are never harder to meet, the result is that of trying
 * one after the other, and of leaving out any of those that are refused.
 *
 * @param <R> requests
 * @param <M> how requests are met
 */
final class Selection<R, M> {

    /**
     * A request that was refused.
     *
     * @param beside those accepted before, in their order
     */
    record Refused<R>(R request, List<R> beside) {}

    private final Function<List<R>, Optional<M>> trial;
    private final List<R> accepted = new ArrayList<>();
    private final List<Refused<R>> refused = new ArrayList<>();
    private Optional<M> means = Optional.empty();

    private Selection(Function<List<R>, Optional<M>> trial) {
        this.trial = trial;
    }

    /**
     * Selects.
     *
     * @param requests at least one
     * @param trial how some of them, at least one, can be met together; empty if they cannot
     */
    static <R, M> Selection<R, M> of(List<R> requests, Function<List<R>, Optional<M>> trial) {
        Selection<R, M> selection = new Selection<>(trial);
        selection.add(requests);
        return selection;
    }

    private void add(List<R> some) {
        List<R> together = new ArrayList<>(accepted);
        together.addAll(some);
        Optional<M> found = trial.apply(together);
        if (found.isPresent()) {
            accepted.addAll(some);
            means = found;
        } else if (some.size() == 1) {
            refused.add(new Refused<>(some.get(0), List.copyOf(accepted)));
        } else {
            int half = some.size() / 2;
            add(some.subList(0, half));
            add(some.subList(half, some.size()));
        }
    }

    /** Those that can be met together, in their order. */
    List<R> accepted() {
        return List.copyOf(accepted);
    }

    /** How they can be met; empty if none can. */
    Optional<M> means() {
        return means;
    }

    /** The others, in their order. */
    List<Refused<R>> refused() {
        return List.copyOf(refused);
    }
}
