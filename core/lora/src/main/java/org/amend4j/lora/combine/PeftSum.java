/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.amend4j.lora.combine.CombinedLayer.Fidelity;
import org.amend4j.random.SplitMix64;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What PEFT's {@code add_weighted_adapter} (0.20) computes for adapters of one layer, beside "cat" and "svd". Arrays are added in
 * double, and drawn from our own generator.
 */
final class PeftSum {

    private PeftSum() {}

    /** The sums of the A's and of the B's. All terms must have one rank. */
    static LowRank linear(List<Term> terms) {
        return factors(
                terms, (arrays, weights) -> PrunedSum.of(Pruning.magnitude(1), arrays, weights, new SplitMix64(0)));
    }

    /** The sums of the pruned A's and of the pruned B's. All terms must have one rank. */
    static LowRank pruned(List<Term> terms, Pruning pruning, SplitMix64 random) {
        return factors(terms, (arrays, weights) -> PrunedSum.of(pruning, arrays, weights, random));
    }

    /** The sum of the pruned changes, brought to a rank. */
    static LowRank prunedSvd(List<Term> terms, Pruning pruning, int rank, SplitMix64 random) {
        List<INDArray> changes = terms.stream()
                .map(term -> term.a().mmul(term.b()).muli(term.scaling()).dup('f'))
                .toList();
        INDArray sum = sum(
                changes,
                weights(terms, Term::weight),
                (arrays, weights) -> PrunedSum.of(pruning, arrays, weights, random));
        return LowRank.truncated(Decompositions.svd(sum), rank, Fidelity.NOT_THE_SUM);
    }

    private interface Sum {
        double[] of(List<double[]> arrays, double[] weights);
    }

    private static LowRank factors(List<Term> terms, Sum sum) {
        // the sign is A's alone: in both factors it would cancel
        double[] ofA = weights(terms, term -> Math.signum(term.factor()) * Math.sqrt(Math.abs(term.factor())));
        double[] ofB = weights(terms, term -> Math.sqrt(Math.abs(term.factor())));
        INDArray a = sum(terms.stream().map(Term::a).toList(), ofA, sum);
        INDArray b = sum(terms.stream().map(Term::b).toList(), ofB, sum);
        return new LowRank(a, b, 1, Fidelity.NOT_THE_SUM);
    }

    private static double[] weights(List<Term> terms, ToDoubleFunction<Term> weight) {
        return terms.stream().mapToDouble(weight).toArray();
    }

    private static INDArray sum(List<INDArray> arrays, double[] weights, Sum sum) {
        List<double[]> values =
                arrays.stream().map(array -> array.data().asDouble()).toList();
        return Nd4j.create(sum.of(values, weights), arrays.get(0).shape(), 'f');
    }
}
