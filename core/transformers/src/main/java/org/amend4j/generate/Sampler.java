/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.amend4j.random.SplitMix64;

/** Chooses tokens by rules; a text's own, for its draws. */
final class Sampler {

    private final GenerationRules rules;
    private final SplitMix64 random;

    Sampler(GenerationRules rules, SplitMix64 random) {
        this.rules = rules;
        this.random = random;
    }

    /**
     * The next token.
     *
     * @param logits changed by the penalty; those of suppressed tokens become minus infinity
     * @param seen the text's tokens so far
     * @throws IllegalArgumentException if a logit is NaN or infinite
     */
    int choose(float[] logits, Set<Integer> seen) {
        for (float logit : logits) {
            if (!Float.isFinite(logit)) {
                throw new IllegalArgumentException("the model's logits must be finite, got " + logit
                        + ": its weights, or the adapter's, are too large for single precision");
            }
        }
        penalise(logits, seen, rules.repetitionPenalty());
        rules.suppressedTokens().forEach(token -> logits[token] = Float.NEGATIVE_INFINITY);
        if (rules.choice() instanceof Choice.Sampling sampling) {
            return draw(candidates(logits, sampling));
        }
        return largest(logits);
    }

    private static void penalise(float[] logits, Set<Integer> seen, double penalty) {
        if (penalty != 1) {
            for (int token : seen) {
                double logit = logits[token];
                double changed = logit > 0 ? logit / penalty : logit * penalty;
                logits[token] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, changed));
            }
        }
    }

    private static int largest(float[] logits) {
        int largest = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[largest]) {
                largest = i;
            }
        }
        return largest;
    }

    /**
     * A token that can be drawn.
     *
     * @param weight its probability but for a factor that all have
     */
    record Candidate(int token, double weight) {}

    private static final Comparator<Candidate> LIKELIEST_FIRST =
            Comparator.comparingDouble(Candidate::weight).reversed().thenComparingInt(Candidate::token);

    /** Those that are left, the likeliest first where some are not. */
    static List<Candidate> candidates(float[] logits, Choice.Sampling sampling) {
        double most = logits[largest(logits)];
        List<Candidate> all = new ArrayList<>(logits.length);
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] == Float.NEGATIVE_INFINITY) {
                continue;
            }
            all.add(new Candidate(i, StrictMath.exp((logits[i] - most) / sampling.temperature())));
        }
        List<Candidate> kept =
                sampling.topK() == 0 || sampling.topK() >= all.size() ? all : likeliest(all, sampling.topK());
        return sampling.topP() == 1 ? kept : nucleus(kept, sampling.topP());
    }

    private static List<Candidate> likeliest(List<Candidate> all, int count) {
        PriorityQueue<Candidate> kept = new PriorityQueue<>(LIKELIEST_FIRST.reversed());
        for (Candidate candidate : all) {
            kept.add(candidate);
            if (kept.size() > count) {
                kept.poll();
            }
        }
        return kept.stream().sorted(LIKELIEST_FIRST).toList();
    }

    private static List<Candidate> nucleus(List<Candidate> candidates, double part) {
        List<Candidate> sorted = candidates.stream().sorted(LIKELIEST_FIRST).toList();
        double enough = part * total(sorted);
        double sum = 0;
        int count = 0;
        while (count < sorted.size() && (count == 0 || sum < enough)) {
            sum += sorted.get(count++).weight();
        }
        return sorted.subList(0, count);
    }

    private static double total(List<Candidate> candidates) {
        return candidates.stream().mapToDouble(Candidate::weight).sum();
    }

    private int draw(List<Candidate> candidates) {
        double total = total(candidates);
        double[] probabilities = candidates.stream()
                .mapToDouble(candidate -> candidate.weight() / total)
                .toArray();
        return candidates.get(random.index(probabilities)).token();
    }
}
