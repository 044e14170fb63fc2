package org.amend4j.unlearn;

import java.util.List;
import org.amend4j.objective.RecordIds;

/**
 * The ways to make a model forget some records.
 *
 * @param deleted all records deleted so far, the pending ones among them
 * @param ways the admissible ones, cheapest first; retraining is always among them
 * @param candidates every stored checkpoint, latest first
 * @param advice what would make a certificate possible, or better; empty if an exact or a certified rewind is admissible
 */
public record Plan(RecordIds deleted, List<Way> ways, List<Candidate> candidates, List<String> advice) {

    /** Copies the lists. */
    public Plan {
        ways = List.copyOf(ways);
        candidates = List.copyOf(candidates);
        advice = List.copyOf(advice);
    }

    /**
     * The cheapest way that ends at the model's own training: an exact rewind, a certified one or retraining. A descent to
     * delete is another algorithm, and a cold run a shorter training; both are priced only.
     */
    public Way cheapest() {
        return ways.stream()
                .filter(way -> !(way instanceof Way.DescentToDelete || way instanceof Way.ColdRun))
                .findFirst()
                .orElseThrow();
    }

    /** Whether nothing but retraining from the start is left. */
    public boolean isRefused() {
        return cheapest() instanceof Way.Retrain;
    }
}
